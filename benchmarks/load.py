"""The load tool `wrk` (a package of Debian), run as a process of its own."""

import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

#: Each request takes the next of the addresses; with a pause, requests come at random times, as
#: from many clients that do not wait for each other.
_SCRIPT = """
local lines, place = {}, 0
for line in io.lines("%(file)s") do lines[#lines + 1] = line end
place = math.random(#lines)
function request()
  place = place %% #lines + 1
  local path, tag = lines[place]:match("^(%%S+) ?(.*)$")
  wrk.headers["If-None-Match"] = tag ~= "" and tag or nil
  return wrk.format("GET", path)
end
%(delay)s
function done(summary, latency, requests)
  io.write(string.format("requests=%%d duration=%%d bad=%%d p50=%%d p95=%%d\\n", summary.requests,
    summary.duration, summary.errors.status + summary.errors.timeout + summary.errors.read
    + summary.errors.connect, latency:percentile(50), latency:percentile(95)))
end
"""
_DELAY = "function delay() return -{pause} * math.log(1 - math.random()) end"
_RESULT = re.compile(r"requests=(\d+) duration=(\d+) bad=(\d+) p50=(\d+) p95=(\d+)")


@dataclass(frozen=True)
class Load:
    """The result: requests per second, and times of answers in milliseconds."""

    rate: float
    p50: float
    p95: float


def load_run(
    *,
    address: str,
    paths: Sequence[str],
    headers: Mapping[str, str],
    seconds: int,
    connections: int,
    pause: float = 0,
) -> Load:
    """Ask for the paths (`/path` or `/path "tag"`) in turn. `pause` is in milliseconds between two
    requests of a connection, on average. One answer that is an error ends the program.
    """
    if shutil.which("wrk") is None:
        sys.exit("The load tool is missing: apt-get install wrk")
    with tempfile.TemporaryDirectory() as folder:
        file, script = Path(folder) / "paths", Path(folder) / "script.lua"
        file.write_text("\n".join(paths))
        delay = _DELAY.format(pause=pause) if pause else ""
        script.write_text(_SCRIPT % {"file": file, "delay": delay})
        command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "30s"]
        for name, value in headers.items():
            command += ["-H", f"{name}: {value}"]
        done = subprocess.run(
            [*command, "-s", str(script), address], capture_output=True, text=True, check=False
        )
    match = _RESULT.search(done.stdout)
    if match is None:
        sys.exit(f"wrk failed:\n{done.stdout}\n{done.stderr}")
    requests, duration, bad, p50, p95 = map(int, match.groups())
    if bad or not requests:
        sys.exit(f"{bad} of {requests} answers were errors:\n{done.stdout}")
    return Load(rate=requests / (duration / 1e6), p50=p50 / 1000, p95=p95 / 1000)
