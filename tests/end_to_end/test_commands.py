"""`manage.py serve` and `demo` as a person starts them: what they print, start and leave behind."""

import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from catalog.broker import is_alive
from tests.factories import drawn_photo

pytestmark = pytest.mark.faults

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def data_directory():
    """A short path of its own: the broker's socket lies below it."""
    with tempfile.TemporaryDirectory(prefix="moda-commands-") as name:
        yield Path(name)
        for pid in processes_of(Path(name)):
            os.kill(pid, signal.SIGKILL)


@pytest.fixture
def manage(data_directory):
    """Starts `manage.py`; what still runs in the end is killed."""
    environment = {
        **os.environ,
        "MODA_DATA_DIRECTORY": str(data_directory),
        "MODA_DEBUG": "true",
        "DATABASE_URL": "",
        "MODA_SECRET_KEY": "",
    }
    started = []

    def start(*arguments, **more):
        started.append(
            subprocess.Popen(
                [sys.executable, "manage.py", *arguments],
                cwd=ROOT,
                env={**environment, **more},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
        )
        return started[-1]

    yield start
    for process in started:
        with process:
            process.kill()


def run(process, seconds=240):
    output, errors = process.communicate(timeout=seconds)
    return process.returncode, output, errors


def processes_of(data_directory):
    """Command lines of all processes that were started for this data folder.

    The broker writes its title over its environment, but names its socket in it.
    """
    mark = f"MODA_DATA_DIRECTORY={data_directory}".encode()
    found = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit() and int(folder.name) != os.getpid():
            try:
                variables = (folder / "environ").read_bytes().split(b"\0")
                command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()
            except OSError:
                continue
            if command and (mark in variables or str(data_directory) in command):
                found[int(folder.name)] = command
    return found


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def answers(port):
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5) as answer:
            return answer.status == 200
    except (urllib.error.URLError, OSError):
        return False


def test_the_demo_describes_a_folder_of_photos_once(manage, tmp_path, data_directory):
    photos = tmp_path / "photos"
    photos.mkdir()
    for number in range(2):
        (photos / f"ITEM{number}.jpg").write_bytes(drawn_photo(number))
    (photos / "NOPHOTO.jpg").write_text("no photo")

    port = free_port()
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", port))
        taken.listen()
        arguments = ("demo", "--once", "--images", str(photos), "--port", str(port))
        code, output, errors = run(manage(*arguments))
    assert code == 0, errors
    lines = output.splitlines()
    assert [line.split("  ")[0] for line in lines if " — " in line] == ["ITEM0", "ITEM1"]
    assert f"Port {port} is taken; using {port + 1}." in lines or "is taken; using" in output
    assert "Not imported: NOPHOTO.jpg" in errors
    assert "Describing" in errors
    password = (data_directory / "demo-password").read_text().strip()
    assert (data_directory / "demo-password").stat().st_mode & 0o777 == 0o600
    _, _, shown = output.partition(f"\nUser admin, password {password}\n")
    addresses = [line.split()[0].partition("/127.0.0.1:")[2] for line in shown.splitlines()]
    assert [address.partition("/")[2] for address in addresses] == ["admin/review/", "admin/", ""]
    assert processes_of(data_directory) == {}

    described = [line for line in lines if " — " in line]
    code, output, errors = run(manage(*arguments))
    assert code == 0, errors
    assert [line for line in output.splitlines() if " — " in line] == described


def test_a_demo_of_no_folder_says_so(manage, data_directory):
    code, _, errors = run(manage("demo", "--once", "--images", "/no/such/folder"))
    assert code == 1
    assert errors.splitlines()[-1] == (
        "CommandError: There is no folder /no/such/folder. Give one that holds photos."
    )
    assert processes_of(data_directory) == {}


def test_serve_keeps_its_parts_running_and_ends_them_all(manage, wait_until, data_directory):
    assert run(manage("migrate", "--verbosity", "0"))[0] == 0
    port = free_port()
    server = manage("serve", "--port", str(port))
    wait_until(lambda: answers(port), "the web server to answer")
    started = processes_of(data_directory)
    parts = (
        "gunicorn",
        "--queues descriptions",
        "--queues interactive",
        "--queues maintenance",
        "valkey-server",
    )
    for part in parts:
        assert any(part in command for command in started.values()), (part, started)

    code, _, errors = run(manage("serve", "--port", str(free_port())))
    assert (code, "already runs" in errors) == (1, True)

    web = [pid for pid, command in started.items() if "gunicorn" in command]
    os.kill(min(web), signal.SIGKILL)
    # Its own children hold the port until the supervisor has ended them too.
    wait_until(lambda: not any(map(is_alive, web)), "all of the web server to be gone")
    wait_until(lambda: answers(port), "the web server to be back")

    server.send_signal(signal.SIGTERM)
    code, _, errors = run(server)
    assert code == 0, errors
    assert "The web server ended by itself; starting it again." in errors
    assert processes_of(data_directory) == {}


def test_what_a_killed_serve_leaves_behind_is_taken_over(manage, wait_until, data_directory):
    assert run(manage("migrate", "--verbosity", "0"))[0] == 0
    port = free_port()
    first = manage("serve", "--port", str(port))
    wait_until(lambda: answers(port), "the web server to answer")
    first.kill()
    first.communicate()
    # The system ends the children; the broker stays, with what it holds.
    wait_until(lambda: len(processes_of(data_directory)) == 1, "the children to end")
    (broker,) = processes_of(data_directory)
    second = manage("serve", "--port", str(port))
    wait_until(lambda: answers(port), "the second web server to answer")
    assert int((data_directory / "run" / "valkey.pid").read_text()) == broker
    second.send_signal(signal.SIGINT)
    assert run(second)[0] == 0
    assert processes_of(data_directory) == {}


def test_a_taken_port_stops_serve_with_a_clear_line(manage):
    assert run(manage("migrate", "--verbosity", "0"))[0] == 0
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        code, _, errors = run(manage("serve", "--port", str(port)))
    assert code == 1
    assert re.fullmatch(
        rf"CommandError: Port {port} of 127\.0\.0\.1 is taken\. Name another with --port\.",
        errors.splitlines()[-1],
    )
