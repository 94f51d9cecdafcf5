"""Training hosts that die, are doubled, frozen or told to stop: the model is as if undisturbed."""

import os
import signal

import pytest

from catalog.choices import ModelVersionState
from catalog.services.retraining import training_run_cancel, training_run_create
from catalog.training_choices import TrainingRunState
from catalog.wakeups import wake_training
from tests.retraining import approved_captions, tiny_version, use_models

pytestmark = [
    pytest.mark.faults,
    pytest.mark.postgres,
    pytest.mark.django_db(transaction=True),
]

EPOCHS = 3
#: Seconds in which a person must be told that a host is dead.
TOLD = 60


@pytest.fixture
def retraining(settings, tmp_path, environment):
    """A tiny version in use, captions to learn, and hosts with folders of their own."""
    models = tmp_path / "models"
    settings.RETRAIN_MINIMUM = 4
    use_models(settings, models)
    environment |= {
        "MODA_MODEL_DIRECTORY": str(models),
        "MODA_BROKER_URL": settings.BROKER_URL,
        "MODA_RETRAIN_MINIMUM": "4",
        "MODA_TRAINING_LEASE_SECONDS": "8",
        "OMP_NUM_THREADS": "1",
    }
    version = tiny_version(tmp_path)
    approved_captions(24)
    return version


@pytest.fixture
def start_host(workers, tmp_path):
    """Starts a training host with a data folder of its own."""

    def start(name, **more):
        folder = tmp_path / name
        folder.mkdir(exist_ok=True)
        return workers("trainer", MODA_DATA_DIRECTORY=str(folder), MODA_TRAINING_HOST=name, **more)

    return start


@pytest.fixture
def hold(tmp_path):
    folder = tmp_path / "hold"
    folder.mkdir()
    return folder


def create_run():
    options = {"epochs": EPOCHS, "base_share": 0.0}
    return training_run_create(products=None, options=options)


def states(run):
    run.refresh_from_db()
    return run.state


def finish(run, wait_until):
    wait_until(lambda: states(run) not in OPEN, "the run to end", seconds=240)
    assert run.state == TrainingRunState.SUCCEEDED, run.message
    assert [epoch.number for epoch in run.epochs.all()] == [1, 2, 3]
    return run.version


OPEN = {
    TrainingRunState.QUEUED,
    TrainingRunState.PREPARING,
    TrainingRunState.TRAINING,
    TrainingRunState.EVALUATING,
    TrainingRunState.INTERRUPTED,
}


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
            lambda: states(run) == TrainingRunState.INTERRUPTED, "people to be told", seconds=TOLD
        )
        assert f"gpu-{number} was last heard of at" in run.message
        (hold / sign).unlink()
        holding.unlink()
    start_host("gpu-4")

    version = finish(run, wait_until)
    assert version.weights_sha256 == undisturbed.weights_sha256
    figures = [
        list(one.epochs.values_list("number", "training_loss", "validation_loss"))
        for one in (run, undisturbed.run)
    ]
    assert figures[0] == figures[1]
    taken = run.log.filter(text__startswith="Taken up by").values_list("text", flat=True)
    assert list(taken) == [f"Taken up by gpu-{number}." for number in (1, 2, 3, 4)]


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
    assert run.log.filter(text__startswith="Taken up by").count() == 1
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
    assert states(run) == TrainingRunState.INTERRUPTED
    assert (run.message, run.attempts) == ("gpu-1 was told to stop.", 0)


def test_a_cancelled_run_stops_its_host(retraining, start_broker, start_host, hold, wait_until):
    start_broker()
    (hold / "hold-1").touch()
    run = create_run()
    host = start_host("gpu-1", TEST_TRAINING_HOLD=str(hold))
    wait_until((hold / "holding").exists, "the host to end epoch 1", seconds=180)
    training_run_cancel(run=run)
    (hold / "hold-1").unlink()
    wait_until(lambda: "Nothing more was written" in host.log.read_text(), "the host to stop")
    assert states(run) == TrainingRunState.CANCELLED
    folder = host.log.parent / "gpu-1" / "training" / f"run-{run.pk}"
    wait_until(lambda: not folder.exists(), "the host to throw away what it had")
