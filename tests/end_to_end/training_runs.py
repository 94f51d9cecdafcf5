"""What tests of training hosts do with a run."""

from catalog.choices import OPEN_RUN_STATES, TrainingRunState
from catalog.models import ModelVersion, TrainingRun
from catalog.services.retraining import training_run_create

EPOCHS = 3
#: Seconds in which a person must be told that a host is dead.
TOLD = 60


def create_run() -> TrainingRun:
    """A run over all approved captions."""
    options = {"epochs": EPOCHS, "rehearsal_share": 0.0}
    return training_run_create(products=None, options=options)


def state_of(run: TrainingRun) -> str:
    """As the database has it now."""
    run.refresh_from_db()
    return run.state


def finish(run: TrainingRun, wait_until) -> ModelVersion:
    """Wait for the end of a run that succeeds; its version."""
    wait_until(lambda: state_of(run) not in OPEN_RUN_STATES, "the run to end", seconds=240)
    assert run.state == TrainingRunState.SUCCEEDED, run.message
    assert [epoch.number for epoch in run.epochs.all()] == [1, 2, 3]
    return run.version


def figures(run: TrainingRun) -> list[tuple[int, float, float]]:
    """Number and losses of all epochs."""
    return list(run.epochs.values_list("number", "training_loss", "validation_loss"))


def taken_by(run: TrainingRun) -> list[str]:
    """The hosts that have had it, in order."""
    lines = run.log.filter(text__startswith="Taken up by").values_list("text", flat=True)
    return [line.removeprefix("Taken up by ").removesuffix(".") for line in lines]
