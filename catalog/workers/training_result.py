"""Judges what a run has made, and makes it a candidate: weights in storage, then the row."""

import json
import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from django.db import transaction

from catalog.choices import GateVerdict
from catalog.engine.training import TrainedModel, TrainingStopped
from catalog.gate import gate_verdict
from catalog.model_packages import package_publish
from catalog.models import ModelVersion, TrainingRun
from catalog.selectors.model_versions import model_version_in_scope
from catalog.transitions.training_run import run_succeed
from catalog.workers.patience import patiently
from catalog.workers.training_judgement import run_judge

#: What a run's log says of its candidate.
VERDICTS = {
    GateVerdict.PASSED: "the gate passed it",
    GateVerdict.FAILED: "the gate failed it",
    GateVerdict.UNCLEAR: "there is not enough evidence to pass it",
}
#: Words of a licence that forbid commercial use.
NON_COMMERCIAL = ("non-commercial", "noncommercial", "-nc")


def result_publish(
    run: TrainingRun, trained: TrainedModel, *, folder: Path, should_stop: Callable[[], bool]
) -> ModelVersion:
    """Judge, store, and end the run with its candidate. Raises `LeaseLost`, `TrainingStopped`.

    The candidate is judged against the version that is active when the run ends. If that changes
    meanwhile, it is judged again.
    """
    result = trained.folders.adapter or trained.folders.checkpoint
    shutil.rmtree(result / "checkpoints", ignore_errors=True)  # for resuming, no part of it
    # The token belongs to this host's turn, so nobody else ever writes to this place.
    place = f"versions/run-{run.pk}-{str(run.lease_token)[:8]}"
    files = package_publish(result, place)
    while True:
        if should_stop():
            raise TrainingStopped
        active = model_version_in_scope(run.scope)
        judgement = run_judge(run, trained.folders, active, folder)
        version = _version(run, trained, place, files, judgement)
        if patiently(partial(_insert, run, version, active)):
            return version


def _insert(run: TrainingRun, version: ModelVersion, active: ModelVersion | None) -> bool:
    """Both or neither: the candidate and the end of its run. False where another is active now."""
    with transaction.atomic():
        list(ModelVersion.objects.select_for_update().filter(scope__in=("", run.scope)))
        if model_version_in_scope(run.scope) != active:
            return False
        version.pk = None
        version.save(force_insert=True)
        said = VERDICTS[gate_verdict(version.judgement) or GateVerdict.UNCLEAR]
        run_succeed(run=run, version=version, text=f"{version} is a candidate; {said}.")
    return True


def _version(
    run: TrainingRun,
    trained: TrainedModel,
    place: str,
    files: dict[str, str],
    judgement: dict[str, Any],
) -> ModelVersion:
    licence = trained.licence or run.base.licence
    words = licence.lower()
    return ModelVersion(
        name=f"retrained-{run.pk}",
        scope=run.scope,
        way=run.way,
        base=run.base,
        languages=[run.language],  # of the captions that it learned from
        directory=place,
        files=files,
        weights_sha256=trained.weights_sha256,
        licence=licence[:200],
        non_commercial=run.base.non_commercial or any(word in words for word in NON_COMMERCIAL),
        metrics=json.loads(json.dumps(dict(trained.record), default=str)),
        judgement=judgement,
    )
