"""A training host whose runs are shared by two processes: killed, cancelled, without memory."""

import os
import signal
from pathlib import Path

import psutil
import pytest

from catalog.choices import TrainingRunState
from catalog.transitions.training_run import run_cancel
from tests.end_to_end.training_runs import TOLD, create_run, figures, finish, state_of, taken_by

pytestmark = [
    pytest.mark.faults,
    pytest.mark.postgres,
    pytest.mark.django_db(transaction=True),
]

STARVED = Path(__file__).parents[1] / "moda_engine" / "training" / "starved"


@pytest.fixture
def start_host_of_two(retraining, start_broker, workers, start_host):
    """Starts hosts without GPUs and with two processes a run, beside a broker and a sweeper."""
    start_broker()
    workers("maintenance")

    def start(name, **more):
        return start_host(name, MODA_TRAINING_PROCESSES="2", CUDA_VISIBLE_DEVICES="", **more)

    return start


def trainers(host):
    """The launcher of a host's run, and the two processes that train."""
    found = psutil.Process(host.process.pid).children(recursive=True)
    assert len(found) == 3, found
    assert all("moda_engine.training.distributed" in process.cmdline() for process in found)
    return found


def gone(processes):
    """Fails unless they end by themselves."""
    _, alive = psutil.wait_procs(processes, timeout=TOLD)
    assert alive == []


def test_a_host_killed_beside_its_processes_changes_nothing(start_host_of_two, hold, wait_until):
    run = create_run()
    host = start_host_of_two("gpu-0")
    undisturbed = finish(run, wait_until)
    host.ask_to_end()
    host.wait_for_end()
    assert undisturbed.metrics["processes"] == 2

    run = create_run()
    (hold / "hold-1").touch()
    host = start_host_of_two("gpu-1", TEST_TRAINING_HOLD=str(hold))
    wait_until((hold / "holding").exists, "the host to end epoch 1", seconds=180)
    processes = trainers(host)
    os.kill(host.process.pid, signal.SIGKILL)  # it alone: nobody tells its processes
    gone(processes)
    wait_until(
        lambda: state_of(run) == TrainingRunState.INTERRUPTED, "people to be told", seconds=TOLD
    )
    start_host_of_two("gpu-2")

    version = finish(run, wait_until)
    assert version.weights_sha256 == undisturbed.weights_sha256
    assert figures(run) == figures(undisturbed.run)
    assert taken_by(run) == ["gpu-1", "gpu-2"]
    assert run.log.filter(text="Training goes on after epoch 1.").count() == 1


def test_a_cancelled_run_ends_its_processes(start_host_of_two, hold, wait_until):
    (hold / "hold-1").touch()
    run = create_run()
    host = start_host_of_two("gpu-1", TEST_TRAINING_HOLD=str(hold))
    wait_until((hold / "holding").exists, "the host to end epoch 1", seconds=180)
    processes = trainers(host)
    run_cancel(run=run, actor=None)
    (hold / "hold-1").unlink()
    gone(processes)
    assert state_of(run) == TrainingRunState.CANCELLED
    assert host.is_running()
    folder = host.log.parent / "gpu-1" / "training" / f"run-{run.pk}"
    wait_until(lambda: not folder.exists(), "the host to throw away what it had")


def test_a_process_without_memory_is_the_hosts_lack(start_host_of_two, wait_until):
    run = create_run()
    start_host_of_two("gpu-1", PYTHONPATH=str(STARVED))
    lines = run.log.filter(text="gpu-1 has too little memory for this run.")
    wait_until(lines.exists, "the host to say so", seconds=180)
