"""How far a training run is."""

import pytest

from catalog.choices import TrainingRunState
from catalog.models import TrainingRun
from catalog.selectors.training_runs import run_progress
from tests.factories import ModelVersionFactory

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("state", "step"),
    [
        (TrainingRunState.TRAINING, 4),
        (TrainingRunState.INTERRUPTED, 4),
        (TrainingRunState.FAILED, 4),
        (TrainingRunState.EVALUATING, 8),
        (TrainingRunState.SUCCEEDED, 8),
    ],
)
def test_a_run_that_is_judged_has_done_all_its_steps(state, step):
    """Steps are noted every few seconds, and the last ones may not be."""
    run = TrainingRun.objects.create(base=ModelVersionFactory(), step=4, steps=8)
    run.state = state  # as the worker that holds it sees it; nothing is written
    progress = run_progress(run)
    assert (progress.step, progress.steps) == (step, 8)
