"""Runs from the row to the candidate, in this process, with a tiny model that really learns."""

import pytest
from django.core.files.storage import storages

from catalog.choices import ModelVersionState
from catalog.engine.folders import model_folders
from catalog.models import TrainingHost
from catalog.services.retraining import training_run_create
from catalog.training_choices import TrainingRunState
from catalog.workers.training import training_wake_run
from tests.retraining import approved_captions, tiny_version, use_models

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres]


@pytest.fixture
def base(settings, tmp_path):
    settings.DATA_DIRECTORY = tmp_path / "host"
    settings.RETRAIN_MINIMUM = 4
    use_models(settings, tmp_path / "models")
    return tiny_version(tmp_path)


def run_create(**more):
    options = {"epochs": 2, "base_share": 0.0, **more.pop("options", {})}
    return training_run_create(products=None, options=options, **more)


def test_a_run_ends_with_a_candidate(base):
    approved_captions(20)
    run = run_create()

    assert training_wake_run() == 1

    run.refresh_from_db()
    assert run.state == TrainingRunState.SUCCEEDED, run.message
    assert (run.lease_token, run.step) == (None, run.steps)
    version = run.version
    assert (version.state, version.base, version.name) == (
        ModelVersionState.CANDIDATE,
        base,
        f"retrained-{run.pk}",
    )
    assert version.weights_sha256 == version.files["model.safetensors"] != base.weights_sha256
    assert model_folders(version).checkpoint.is_dir()
    assert [epoch.number for epoch in run.epochs.all()] == [1, 2]
    assert all(len(epoch.examples) == 8 for epoch in run.epochs.all())
    assert version.judgement["against"] == "tiny-1"
    assert version.judgement["compared"] == 20
    assert "captions" in [check["name"] for check in version.judgement["gate"]["checks"]]
    assert storages["models"].listdir(f"runs/{run.pk}/files")[1] == []
    assert TrainingHost.objects.get().speed > 0
