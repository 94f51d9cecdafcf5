"""Judges what a run has made, beside the version in use: by approved texts, and by new drafts."""

from collections.abc import Iterable
from dataclasses import asdict
from hashlib import sha256
from itertools import chain, islice
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db.models import Q, QuerySet

from catalog.category_tree import CategoryTree
from catalog.choices import ExampleUse
from catalog.engine.judging import (
    BothTexts,
    DraftsJudgement,
    Judgement,
    candidate_judge,
    changes_find,
    drafts_judge,
)
from catalog.engine.weights import ModelFolders, model_folders
from catalog.exporting.captions import CaptionSetWriter, caption_row
from catalog.gate import gate_judge
from catalog.known_product import products_known
from catalog.models import Forgetting, ModelVersion, Product, ProductImage, TrainingRun
from catalog.selectors.model_versions import BRAND
from catalog.selectors.training_captions import Caption, captions_choose
from catalog.tables.imagefolder import METADATA
from catalog.workers.training_host import scratch

#: Rows of a list that the page shows.
SHOWN = 24
#: Captions of a sample at most; judging takes about a tenth of a second for each.
SAMPLE = 96


def run_judge(
    run: TrainingRun, candidate: ModelFolders, active: ModelVersion | None, folder: Path
) -> dict[str, Any]:
    """What is stored of the candidate of a run, with the verdict of the gate.

    Without an active version or held-out captions there is not enough evidence.

    Args:
        folder: of the run on this machine; its frozen set is in `set`.
    """
    held_out = folder / "set" / ExampleUse.HELD_OUT
    if active is None or not (held_out / METADATA).stat().st_size:
        return {"gate": gate_judge(held_out=0, learned={}, faults={}, measures={}, photos=0)}
    models: dict[str, Any] = {
        "candidate": candidate,
        "current": model_folders(active),
        "cache": scratch() / "features",
    }
    learned = candidate_judge(held_out=held_out, **models)
    compared = sample_write(run, folder / "sample")
    changes = list(changes_find(approved=folder / "sample", **models)) if compared else []
    drafts = _drafts(run, folder / "drafts", models)
    return {
        "against": active.name,
        "learned": {name: [one.before, one.after] for name, one in learned.changes.items()},
        "kept": {name: [one.before, one.after] for name, one in drafts.measures.items()},
        "faults": {name: asdict(one) for name, one in drafts.faults.items()},
        "drafted": drafts.photos,
        "faulty": _faulty(drafts),
        "categories": _categories(learned),
        "samples": _rows(learned.side_by_side),
        "changes": _rows(changes[:SHOWN]),
        "changed": len(changes),
        "compared": compared,
        "gate": gate_judge(
            held_out=learned.overall.current.n,
            learned=learned.changes,
            faults=drafts.faults,
            measures=drafts.measures,
            photos=drafts.photos,
        ),
        "remarks": list(learned.remarks),
    }


def _categories(learned: Judgement) -> list[dict[str, Any]]:
    """The edit distances by category, as the page shows them."""
    return [
        {
            "name": name,
            "count": both.current.n,
            "before": both.current.edit_distance,
            "after": both.candidate.edit_distance,
        }
        for name, both in learned.by_category.items()
    ]


def _drafts(run: TrainingRun, folder: Path, models: dict[str, Any]) -> DraftsJudgement:
    """Both versions' drafts of photos of the catalog, as a job would have them written."""
    captions = captions_choose(products=None, language=run.language, scope=run.scope).captions
    photos_write(run, folder, {one.product_id: one.text for one in captions})
    if not (folder / METADATA).stat().st_size:
        return DraftsJudgement(photos=0, faults={}, measures={}, faulty=[])
    return drafts_judge(photos=folder, approved=[one.text for one in captions], **models)


def photos_write(run: TrainingRun, folder: Path, texts: dict[int, str]) -> int:
    """Write photos of the catalog, with what is known of their products, as a set; returns how
    many.

    Up to as many as the gate asks for: first of products that the run did not learn from. Their
    photos' hashes choose them, so they are always the same.

    Args:
        texts: product → what people approved of it.
    """
    images = list(islice(_catalog_photos(run), int(settings.GATE["photos"])))
    products = [image.product_id for image in images]
    known = products_known(products, language=run.language)
    with CaptionSetWriter.in_folder(folder) as photos:
        for image in images:
            if image.product_id not in known:
                continue  # deleted in this moment
            text = texts.get(image.product_id)
            row = {"id": image.product.sku, "known": known[image.product_id]}
            photos.add(image.sha256, image.file, {**row, **({"text": text} if text else {})})
        return photos.count


def _catalog_photos(run: TrainingRun) -> Iterable[ProductImage]:
    forgotten = Forgetting.objects.filter(product__isnull=False).values("product")
    learned = Q(product__in=run.manifest.order_by().filter(product__isnull=False).values("product"))
    images: QuerySet[ProductImage] = ProductImage.objects.filter(position=0)
    images = images.exclude(product__in=forgotten).select_related("product")
    if run.scope.startswith(BRAND):
        images = images.filter(product__brand=run.scope.removeprefix(BRAND))
    images = images.order_by("sha256", "pk")
    parts = (images.exclude(learned), images.filter(learned))
    return chain.from_iterable(part.iterator(chunk_size=100) for part in parts)


def _faulty(drafts: DraftsJudgement) -> list[dict[str, Any]]:
    """Drafts of the candidate that are worse than those of the version in use, as the page shows
    them.
    """
    return [
        {
            "sku": str(row.fields.get("id", "")),
            "photo": Path(row.file_name).stem,
            "before": row.current,
            "after": row.candidate,
            "faults": row.faults,
        }
        for row in drafts.faulty[:SHOWN]
    ]


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


def sample_write(run: TrainingRun, folder: Path) -> int:
    """Write approved captions of the run's language and scope as a caption set; returns how many.

    Their photos' hashes choose them, so they are always the same.
    """
    captions = captions_choose(products=None, language=run.language, scope=run.scope).captions
    captions.sort(key=lambda one: sha256(one.photo_sha256.encode()).hexdigest())
    return _write(captions[:SAMPLE], folder)


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
