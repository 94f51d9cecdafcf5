"""Training hosts that die, are doubled, frozen or told to stop: the model is as if undisturbed."""

import os
import signal

import pytest

from catalog.choices import ModelVersionState, TrainingRunState
from catalog.transitions.training_run import run_cancel
from catalog.wakeups import wake_training
from tests.end_to_end.training_runs import TOLD, create_run, figures, finish, state_of, taken_by

pytestmark = [
    pytest.mark.faults,
    pytest.mark.postgres,
    pytest.mark.django_db(transaction=True),
]


def test_a_host_killed_in_every_epoch_changes_nothing(
    retraining, start_broker, workers, start_host, hold, wait_until
):
    start_broker()
    workers("maintenance")
    undisturbed = finish_first(create_run(), start_host, wait_until)

    run = create_run()
    # After epoch 1 was written; before epoch 2 is, its files being stored; after the last.
    for number, sign in enumerate(("hold-1", "early-2", "hold-3"), start=1):
        (hold / sign).touch()
        host = start_host(f"gpu-{number}", TEST_TRAINING_HOLD=str(hold))
        holding = hold / "holding"
        wait_until(holding.exists, f"the host to come to {sign}", seconds=180)
        host.kill_group()
        wait_until(
            lambda: state_of(run) == TrainingRunState.INTERRUPTED, "people to be told", seconds=TOLD
        )
        assert f"gpu-{number} was last heard of at" in run.message
        (hold / sign).unlink()
        holding.unlink()
    start_host("gpu-4")

    version = finish(run, wait_until)
    assert version.weights_sha256 == undisturbed.weights_sha256
    assert figures(run) == figures(undisturbed.run)
    assert taken_by(run) == ["gpu-1", "gpu-2", "gpu-3", "gpu-4"]


def finish_first(run, start_host, wait_until):
    host = start_host("gpu-0")
    version = finish(run, wait_until)
    host.ask_to_end()
    host.wait_for_end()
    return version


def test_the_broker_delivers_twice_and_two_hosts_are_there(
    retraining, start_broker, start_host, wait_until
):
    start_broker()
    start_host("gpu-1")
    start_host("gpu-2")
    run = create_run()
    for _ in range(4):
        wake_training()
    finish(run, wait_until)
    assert taken_by(run) in (["gpu-1"], ["gpu-2"])
    assert run.attempts == 0


def test_a_frozen_host_that_wakes_up_writes_nothing(
    retraining, start_broker, workers, start_host, hold, wait_until
):
    start_broker()
    workers("maintenance")
    (hold / "early-2").touch()
    run = create_run()
    frozen = start_host("gpu-1", TEST_TRAINING_HOLD=str(hold))
    wait_until((hold / "holding").exists, "the host to come to epoch 2", seconds=180)
    os.killpg(frozen.process.pid, signal.SIGSTOP)
    start_host("gpu-2")
    version = finish(run, wait_until)
    (hold / "early-2").unlink()
    os.killpg(frozen.process.pid, signal.SIGCONT)
    wait_until(
        lambda: "is no longer this host's" in frozen.log.read_text(), "its writes to be refused"
    )
    run.refresh_from_db()
    assert (run.version, run.host) == (version, "gpu-2")
    assert version.state == ModelVersionState.CANDIDATE


def test_a_host_that_is_told_to_stop_hands_the_run_back(
    retraining, start_broker, workers, start_host, hold, wait_until
):
    start_broker()
    (hold / "hold-1").touch()
    run = create_run()
    host = start_host("gpu-1", TEST_TRAINING_HOLD=str(hold))
    wait_until((hold / "holding").exists, "the host to end epoch 1", seconds=180)
    host.ask_to_end()
    (hold / "hold-1").unlink()
    host.wait_for_end()
    assert state_of(run) == TrainingRunState.INTERRUPTED
    assert (run.message, run.attempts) == ("gpu-1 was told to stop.", 0)


def test_a_cancelled_run_stops_its_host(retraining, start_broker, start_host, hold, wait_until):
    start_broker()
    (hold / "hold-1").touch()
    run = create_run()
    host = start_host("gpu-1", TEST_TRAINING_HOLD=str(hold))
    wait_until((hold / "holding").exists, "the host to end epoch 1", seconds=180)
    run_cancel(run=run, actor=None)
    (hold / "hold-1").unlink()
    wait_until(lambda: "Nothing more was written" in host.log.read_text(), "the host to stop")
    assert state_of(run) == TrainingRunState.CANCELLED
    folder = host.log.parent / "gpu-1" / "training" / f"run-{run.pk}"
    wait_until(lambda: not folder.exists(), "the host to throw away what it had")
