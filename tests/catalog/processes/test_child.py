"""A child process: what it is given, and that nothing of it is left."""

import os
import signal
import subprocess
import sys
import time

import pytest

from catalog.broker import is_alive
from catalog.processes.supervisor import Child

pytestmark = pytest.mark.faults


@pytest.fixture
def child(tmp_path):
    """Makes children from Python code; kills what is left of them."""
    made = []

    def make(code, **values):
        made.append(
            Child(
                name="test part",
                command=[sys.executable, "-c", code],
                environment={**os.environ, "GREETING": "hello"},
                directory=tmp_path,
                log=tmp_path / "logs" / "child.log",
                **values,
            )
        )
        return made[-1]

    yield make
    for one in made:
        one.kill_group()


def wait_until(condition, seconds=60):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "It did not happen in time."
        time.sleep(0.01)


def logged(child):
    return child.log.read_text() if child.log.exists() else ""


def test_it_has_its_environment_folder_and_log(child, tmp_path):
    one = child("import os; print(os.environ['GREETING'], os.getcwd(), flush=True)")
    one.start()
    wait_until(lambda: not one.is_running())
    assert logged(one) == f"hello {tmp_path}\n"


def test_it_ends_when_asked(child):
    one = child("import time; print('up', flush=True); time.sleep(600)")
    one.start()
    wait_until(lambda: "up" in logged(one))
    one.ask_to_end()
    one.wait_for_end()
    assert one.process.returncode == -signal.SIGTERM


def test_one_that_does_not_end_is_killed_with_its_own_children(child):
    code = (
        "import signal, subprocess, sys, time\n"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "inner = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
        "print(inner.pid, flush=True)\n"
        "time.sleep(600)\n"
    )
    one = child(code, stop_seconds=0.2)
    one.start()
    wait_until(lambda: logged(one).endswith("\n"))
    one.ask_to_end()
    one.wait_for_end()
    assert one.process.returncode == -signal.SIGKILL
    wait_until(lambda: not is_alive(int(logged(one))))


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="Linux tells children")
def test_it_ends_when_its_parent_is_killed(tmp_path):
    code = (
        "import os, sys, time\n"
        "from pathlib import Path\n"
        "from catalog.processes.supervisor import Child\n"
        "child = Child(name='x', command=[sys.executable, '-c', 'import time; time.sleep(600)'],\n"
        "              environment=os.environ, directory=Path('.'))\n"
        "child.start()\n"
        "print(child.process.pid, flush=True)\n"
        "time.sleep(600)\n"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as parent:
        pid = int(parent.stdout.readline())
        parent.kill()
    wait_until(lambda: not is_alive(pid))


def test_what_never_started_ends_without_error(child):
    one = child("")
    assert not one.is_running()
    one.ask_to_end()
    one.wait_for_end()
