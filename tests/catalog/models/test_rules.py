"""Rules about one row, which stand beside its fields."""

from datetime import timedelta

import pytest
from django.utils import timezone

from catalog.choices import (
    ExportState,
    ImportState,
    JobState,
    ModelVersionState,
    TrainingRunState,
)
from catalog.models import (
    DescriptionJob,
    ModelVersion,
    ProductExport,
    ProductImport,
    TrainingRun,
)

NOW = timezone.now()


@pytest.mark.parametrize(
    ("model", "rule", "states"),
    [
        (DescriptionJob, "is_open", {JobState.QUEUED, JobState.RUNNING, JobState.PAUSED}),
        (
            TrainingRun,
            "is_open",
            {
                TrainingRunState.QUEUED,
                TrainingRunState.PREPARING,
                TrainingRunState.TRAINING,
                TrainingRunState.EVALUATING,
                TrainingRunState.INTERRUPTED,
            },
        ),
        (
            ProductImport,
            "is_open",
            {
                ImportState.READING,
                ImportState.MAPPING,
                ImportState.CHECKING,
                ImportState.CHECKED,
                ImportState.APPLYING,
                ImportState.PHOTOS,
            },
        ),
        (ProductImport, "is_undoable", {ImportState.COMPLETED, ImportState.CANCELLED}),
        (ModelVersion, "is_in_use", {ModelVersionState.ACTIVE, ModelVersionState.CANARY}),
    ],
)
def test_a_rule_holds_in_these_states_alone(model, rule, states):
    every = [value for value, _ in model._meta.get_field("state").flatchoices]

    assert {state for state in every if getattr(model(state=state), rule)} == states


@pytest.mark.parametrize(
    ("state", "expires_at", "ready"),
    [
        (ExportState.DONE, NOW + timedelta(hours=1), True),
        (ExportState.DONE, NOW - timedelta(seconds=1), False),
        (ExportState.DONE, None, False),
        (ExportState.EXPIRED, NOW + timedelta(hours=1), False),
        (ExportState.RUNNING, None, False),
    ],
)
def test_the_file_of_an_export_is_ready_while_its_link_works(state, expires_at, ready):
    assert ProductExport(state=state, expires_at=expires_at).is_ready is ready
