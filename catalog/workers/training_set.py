"""Freezes the captions of a run into storage, and fetches them from there, checked by hash.

One ZIP file: `training/`, `held_out/` and `base_set/`, each a caption set. It holds the photos too,
so a run is the same on every host, whatever is deleted from the catalog meanwhile.
"""

import json
import shutil
import tempfile
import zipfile
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from django.core.files.storage import storages
from django.db import transaction

from catalog.category_tree import CategoryTree
from catalog.choices import ExampleUse, LeftOut
from catalog.claims import told_facts
from catalog.exporting.captions import CaptionSetWriter, caption_category, caption_row
from catalog.model_packages import PackageRefused, file_fetch, file_save
from catalog.models import (
    Description,
    Forgetting,
    Product,
    ProductImage,
    TrainingCaption,
    TrainingExample,
    TrainingRun,
)
from catalog.models.training import text_digest
from catalog.tables.imagefolder import METADATA
from catalog.transitions.training_run import run_keep

CHUNK = 500
#: The folder of photos to rehearse; frozen sets of earlier versions have this name too.
BASE_SET = "base_set"
#: Photos frozen at most; the recipe draws from them.
BASE_PHOTOS = 1_000
#: Photos that a run describes after each epoch.
SHOWN = 8


def set_place(run: TrainingRun) -> str:
    """Where the frozen set lies in the storage `models`."""
    return f"runs/{run.pk}/set.zip"


def set_freeze(run: TrainingRun, folder: Path) -> None:
    """Write the run's set into storage, once. What is gone or changed by now is left out.

    The manifest then holds what the set holds. Raises `LeaseLost`.
    """
    if run.set_sha256:
        return
    with tempfile.NamedTemporaryFile(dir=folder, suffix=".zip") as draft:
        gone, left_out = _write(run, Path(draft.name))
        digest = file_save(Path(draft.name), set_place(run))
    with transaction.atomic():
        TrainingExample.objects.filter(run=run, number__in=gone).delete()
        uses = Counter(run.manifest.order_by().values_list("use", flat=True))
        said = "".join(f" {n} left out: {LeftOut(reason).label}." for reason, n in left_out.items())
        run_keep(
            run=run,
            text=f"Froze {uses.total()} captions.{said}",
            set_sha256=digest,
            caption_count=uses[ExampleUse.TRAINING],
            held_out_count=uses[ExampleUse.HELD_OUT],
            product_count=run.manifest.order_by().values("sku").distinct().count(),
            left_out=dict(Counter(run.left_out) + left_out),
        )


def set_fetch(run: TrainingRun, folder: Path) -> Path:
    """The set, unpacked in `folder`. Raises `PackageRefused` when it was altered in storage."""
    archive, target = folder / "set.zip", folder / "set"
    file_fetch(storages["models"], set_place(run), archive, digest=run.set_sha256)
    shutil.rmtree(target, ignore_errors=True)
    try:
        with zipfile.ZipFile(archive) as members:
            members.extractall(target)  # ours, by its hash
    except zipfile.BadZipFile as error:
        raise PackageRefused(f"{set_place(run)} is no ZIP file.") from error
    archive.unlink()
    return target


def _write(run: TrainingRun, target: Path) -> tuple[list[int], Counter[str]]:
    """Write the archive; returns the numbers of captions left out, and why they are."""
    gone: list[int] = []
    left_out: Counter[str] = Counter()
    tree = CategoryTree()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive, ExitStack() as open_sets:
        sets = {
            use: open_sets.enter_context(CaptionSetWriter.in_archive(archive, use))
            for use in (*ExampleUse.values, BASE_SET)
        }
        for examples in _chunks(run):
            texts, images = _texts(examples), _images(examples)
            products = Product.objects.in_bulk([one.product_id for one in examples])
            for one in examples:
                image = images.get((one.product_id, one.photo_sha256))
                product, text = products.get(one.product_id), texts.get(one.number)
                reason = LeftOut.PHOTO_GONE if image is None else LeftOut.CHANGED
                if image is not None and product is not None and text is not None:
                    row = caption_row(product, tree, **text)
                    if sets[one.use].add(one.photo_sha256, image.file, row):
                        continue
                    reason = LeftOut.PHOTO_GONE
                gone.append(one.number)
                left_out[reason.value] += 1
        # Thumbnails: larger than any encoder looks at. With the category, so that a run can leave
        # out texts that its captions reject.
        for image in base_photos(run):
            sets[BASE_SET].add(
                str(image.pk), image.thumbnail, caption_category(image.product, tree)
            )
    return gone, left_out


def _chunks(run: TrainingRun) -> Iterator[list[TrainingExample]]:
    rows = run.manifest.order_by("number").iterator(chunk_size=CHUNK)
    while chunk := list(islice(rows, CHUNK)):
        yield chunk


def _texts(examples: Sequence[TrainingExample]) -> dict[int, dict[str, str]]:
    """Number → text to learn and its facts, where the text is still the manifest's."""
    written = Description.objects.in_bulk([one.description_key for one in examples])
    imported = TrainingCaption.objects.in_bulk([one.caption_key for one in examples])
    found = {}
    for example in examples:
        description = written.get(example.description_key)
        caption = imported.get(example.caption_key)
        text, facts = (
            (description.standard, told_facts(description.brief, description.facts))
            if description
            else (caption.text if caption else "", "")
        )
        if text_digest(text.strip(), facts) == example.text_sha256:
            found[example.number] = {"text": text.strip(), "facts": facts}
    return found


def _images(examples: Sequence[TrainingExample]) -> dict[tuple[int | None, str], ProductImage]:
    rows = ProductImage.objects.filter(product__in=[one.product_id for one in examples])
    return {(row.product_id, row.sha256): row for row in rows}


def base_photos(run: TrainingRun) -> Iterator[ProductImage]:
    """Up to `BASE_PHOTOS` main photos; the same ones for the same catalog, and of all its parts.

    Their order is that of the photos' hashes, which has nothing to do with what they show.
    """
    learned = run.manifest.order_by().values("product")
    forgotten = Forgetting.objects.filter(product__isnull=False).values("product")
    images = ProductImage.objects.filter(position=0).select_related("product")
    images = images.exclude(product__in=learned.filter(product__isnull=False))
    images = images.exclude(product__in=forgotten)
    return images.order_by("sha256", "pk")[:BASE_PHOTOS].iterator(chunk_size=100)


@dataclass(frozen=True)
class Examples:
    """Photos with their products' SKUs, photo for photo."""

    photos: list[Path]
    skus: list[str]

    def with_texts(self, texts: Sequence[str]) -> list[dict[str, str]]:
        """What is kept of an epoch: SKU, photo's hash and text of each."""
        return [
            {"sku": sku, "photo": photo.stem, "text": text}
            for photo, sku, text in zip(self.photos, self.skus, texts, strict=False)
        ]


def examples_choose(run: TrainingRun, captions: Path) -> Examples:
    """Held-out photos first, then training photos; evenly over each set, each photo once."""
    found: dict[Path, str] = {}
    for use in (ExampleUse.HELD_OUT, ExampleUse.TRAINING):
        rows = [
            json.loads(line)
            for line in (captions / use / METADATA).read_text(encoding="utf-8").split("\n")
            if line
        ]
        wanted = SHOWN - len(found)
        for row in rows[:: max(1, len(rows) // wanted)] if wanted > 0 else []:
            if len(found) < SHOWN:
                found[captions / use / row["file_name"]] = row["id"]
    return Examples(list(found), list(found.values()))
