"""Memory and start of a process that describes, each measured in a process of its own."""

import argparse
import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

#: The processes measure themselves: `python -m lab.speed.memory FOLDER …`.
_MODULE = "lab.speed.memory"


def memory(folder: Path, photos: list[Path], precision: str) -> dict[str, Any]:
    """Resident megabytes and seconds to the first text, of the full-size checkpoint in `folder`."""
    alone = _measured(folder, photos[:1], precision, batch=1, fit=False)
    many = _measured(folder, (photos * 64)[:128], precision, batch=64, fit=True)
    plain = _measured(folder, (photos * 64)[:128], precision, batch=64, fit=False)
    return {
        "resident_mb": alone["resident_mb"],
        "peak_mb": alone["peak_mb"],
        "start_seconds": alone["start_seconds"],
        "with_fit_64_mb": many["resident_mb"],
        "with_fit_64_peak_mb": many["peak_mb"],
        "with_fit_seconds_a_photo": many["seconds_a_photo"],
        "without_fit_seconds_a_photo": plain["seconds_a_photo"],
    }


def _measured(
    folder: Path, photos: list[Path], precision: str, *, batch: int, fit: bool
) -> dict[str, float]:
    command = [sys.executable, "-m", _MODULE, str(folder), *map(str, photos)]
    command += ["--precision", precision, "--batch", str(batch), *(["--fit"] if fit else [])]
    command += ["--started", str(time.time())]
    done = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603 (ours)
    figures: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return figures


def main() -> None:
    """Describe photos and say what that took."""
    parser = argparse.ArgumentParser(prog=f"python -m {_MODULE}")
    parser.add_argument("folder", type=Path)
    parser.add_argument("photos", nargs="+", type=Path)
    parser.add_argument("--precision", required=True)
    parser.add_argument("--batch", type=int, required=True)
    parser.add_argument("--fit", action="store_true")
    parser.add_argument("--started", type=float, required=True)
    given = parser.parse_args()
    import torch

    from moda_engine import DescribeOptions, Describer
    from moda_engine.inference.choosing import NEAR

    # Random weights choose among all but equal words; a photo must not be described twice for it.
    NEAR.update({torch.float32: 0.0, torch.bfloat16: 0.0})
    describer = Describer.from_pretrained(
        given.folder, dtype=getattr(torch, given.precision), text_tower=given.fit, serving=True
    )
    options = DescribeOptions(max_new_tokens=40, batch_size=given.batch, fit=given.fit)
    describer.describe(given.photos[:1], options=options)
    start_seconds = time.time() - given.started
    begin = time.perf_counter()
    describer.describe(given.photos, options=options)
    seconds = time.perf_counter() - begin
    figures = {
        "start_seconds": start_seconds,
        "seconds_a_photo": seconds / len(given.photos),
        "resident_mb": _status("VmRSS"),
        "peak_mb": _status("VmHWM"),
    }
    sys.stdout.write(json.dumps(figures) + os.linesep)


def _status(name: str) -> float:
    """Megabytes of this process, as Linux tells them."""
    text = Path("/proc/self/status").read_text(encoding="ascii")
    found = re.search(rf"^{name}:\s+(\d+) kB$", text, re.MULTILINE)
    return float("nan") if found is None else int(found[1]) / 1024


if __name__ == "__main__":
    main()
