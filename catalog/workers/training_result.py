"""Judges what a run has made, and makes it a candidate: weights in storage, then the row."""

import json
import shutil
from collections.abc import Callable, Iterable
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any

from django.db import transaction

from catalog.category_tree import CategoryTree
from catalog.choices import ExampleUse
from catalog.engine.judging import BothFigures, BothTexts, candidate_judge, changes_find
from catalog.engine.training import TrainedModel, TrainingStopped
from catalog.engine.weights import ModelFolders, model_folders
from catalog.exporting.captions import CaptionSetWriter, caption_row
from catalog.model_packages import package_publish
from catalog.models import ModelVersion, Product, ProductImage, TrainingRun
from catalog.selectors.model_version_reports import MEASURES, gate_judge
from catalog.selectors.model_versions import model_version_in_scope
from catalog.selectors.training_captions import Caption, captions_choose
from catalog.tables.imagefolder import METADATA
from catalog.transitions.training_run import run_succeed
from catalog.workers.patience import patiently
from catalog.workers.training_host import scratch

#: Changes that the page shows.
SHOWN = 24
#: Captions of a sample at most; judging takes about a tenth of a second for each.
SAMPLE = 96
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
        judgement = _judge(run, trained.folders, active, folder)
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
        passed = "passed" if version.judgement.get("gate", {}).get("passed") else "did not pass"
        run_succeed(run=run, version=version, text=f"{version} is a candidate; it {passed}.")
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


def _judge(
    run: TrainingRun, candidate: ModelFolders, active: ModelVersion | None, folder: Path
) -> dict[str, Any]:
    """What is stored of it; without an active version or held-out captions, a failed gate."""
    held_out = folder / "set" / ExampleUse.HELD_OUT
    if active is None or not (held_out / METADATA).stat().st_size:
        return {"gate": gate_judge(held_out=0, learned={}, kept={})}
    models: dict[str, Any] = {
        "candidate": candidate,
        "current": model_folders(active),
        "cache": scratch() / "features",
    }
    learned = candidate_judge(held_out=held_out, **models)
    elsewhere = folder / "elsewhere"
    count = sample_write(run, elsewhere, use=ExampleUse.HELD_OUT, elsewhere=True)
    kept = candidate_judge(held_out=elsewhere, **models) if count else learned
    compared = sample_write(run, folder / "sample")
    changes = list(changes_find(approved=folder / "sample", **models)) if compared else []
    pairs = {name: _pair(learned.overall, name) for name in ("loss", "edit_distance")}
    measures = {name: _pair(kept.overall, name) for name in MEASURES}
    return {
        "against": active.name,
        "learned": pairs,
        "kept": measures,
        "categories": [
            {
                "name": name,
                "count": both.current.n,
                "before": both.current.edit_distance,
                "after": both.candidate.edit_distance,
            }
            for name, both in learned.by_category.items()
        ],
        "samples": _rows(learned.side_by_side),
        "changes": _rows(changes[:SHOWN]),
        "changed": len(changes),
        "compared": compared,
        "gate": gate_judge(held_out=learned.overall.current.n, learned=pairs, kept=measures),
        "remarks": list(learned.remarks),
    }


def _pair(both: BothFigures, name: str) -> tuple[float | None, float | None]:
    return getattr(both.current, name), getattr(both.candidate, name)


def _rows(texts: Iterable[BothTexts]) -> list[dict[str, str]]:
    """Photos side by side, as the page shows them."""
    return [
        {
            "sku": str(row.fields.get("id", "")),
            "photo": Path(row.file_name).stem,
            "approved": row.approved,
            "before": row.current,
            "after": row.candidate,
        }
        for row in texts
    ]


def sample_write(
    run: TrainingRun, folder: Path, *, use: ExampleUse | None = None, elsewhere: bool = False
) -> int:
    """Write approved captions of the run's language and scope as a caption set; returns how many.

    Their photos' hashes choose them, so they are always the same.

    Args:
        use: only captions of this use, such as the held-out ones, which no run learns.
        elsewhere: only photos that are no part of the run.
    """
    captions = captions_choose(products=None, language=run.language, scope=run.scope).captions
    theirs = set(run.manifest.values_list("photo_sha256", flat=True)) if elsewhere else set()
    found = [
        one
        for one in captions
        if (use is None or one.use == use) and one.photo_sha256 not in theirs
    ]
    found.sort(key=lambda one: sha256(one.photo_sha256.encode()).hexdigest())
    return _write(found[:SAMPLE], folder)


def _write(captions: list[Caption], folder: Path) -> int:
    images = ProductImage.objects.in_bulk([one.image_id for one in captions])
    products = Product.objects.in_bulk([one.product_id for one in captions])
    tree = CategoryTree()
    with CaptionSetWriter.in_folder(folder) as sample:
        for one in captions:
            image, product = images.get(one.image_id), products.get(one.product_id)
            if image is None or product is None:
                continue  # deleted in this moment
            row = caption_row(product, tree, text=one.text, facts=one.facts)
            sample.add(one.photo_sha256, image.file, row)
        return sample.count
