"""Freezes the captions of a run into storage, and fetches them from there, checked by hash.

One ZIP file: `training/`, `held_out/` and `base_set/`, each an imagefolder. It holds the photos
too, so that a run means the same on every host, whatever is deleted from the catalog meanwhile.
"""

import json
import shutil
import tempfile
import zipfile
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from django.core.files.storage import storages
from django.db import transaction
from django.db.models.fields.files import FieldFile

from catalog.category_tree import CategoryTree
from catalog.choices import ExampleUse, LeftOut
from catalog.engine.training import words_to_learn
from catalog.exporting.captions import caption_category, caption_facts
from catalog.model_packages import PackageRefused, file_fetch, file_save
from catalog.models import (
    Description,
    Product,
    ProductImage,
    TrainingCaption,
    TrainingExample,
    TrainingRun,
)
from catalog.models.training import text_digest
from catalog.tables.imagefolder import METADATA
from catalog.transitions.training_run import run_keep
from catalog.workers.training_base_set import base_photos

CHUNK = 500
#: The folder of photos without a text; see `training_base_set`.
BASE_SET = "base_set"


def set_place(run: TrainingRun) -> str:
    """Where the frozen set lies in the storage `models`."""
    return f"runs/{run.pk}/set.zip"


def set_freeze(run: TrainingRun, folder: Path) -> None:
    """Write the run's set into storage, once. What is gone or changed by now is left out, and said.

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
        said = "".join(f" {count} left out: {reason.label}." for reason, count in left_out.items())
        run_keep(
            run=run,
            text=f"Froze {uses.total()} captions.{said}",
            set_sha256=digest,
            caption_count=uses[ExampleUse.TRAINING],
            held_out_count=uses[ExampleUse.HELD_OUT],
            product_count=run.manifest.order_by().values("sku").distinct().count(),
            left_out=dict(Counter(run.left_out) + Counter(_values(left_out))),
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


def _values(counts: Counter[LeftOut]) -> dict[str, int]:
    return {reason.value: count for reason, count in counts.items()}


def _write(run: TrainingRun, target: Path) -> tuple[list[int], Counter[LeftOut]]:
    """Write the archive; returns the numbers of captions left out, and why they are."""
    lines: dict[str, list[str]] = {use: [] for use in ExampleUse.values}
    gone: list[int] = []
    left_out: Counter[LeftOut] = Counter()
    tree = CategoryTree()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        written: set[str] = set()
        for examples in _chunks(run):
            texts, images = _texts(examples), _images(examples)
            products = Product.objects.in_bulk([one.product_id for one in examples])
            for example in examples:
                said = texts.get(example.number)
                image = images.get((example.product_id, example.photo_sha256))
                content = _content(image.file) if image else None
                if said is None or content is None or example.product_id not in products:
                    gone.append(example.number)
                    left_out[LeftOut.PHOTO_GONE if content is None else LeftOut.CHANGED] += 1
                    continue
                name = f"images/{example.photo_sha256}.{_extension(image)}"
                if f"{example.use}/{name}" not in written:
                    written.add(f"{example.use}/{name}")
                    archive.writestr(f"{example.use}/{name}", content)
                facts = caption_facts(products[example.product_id], tree)
                lines[example.use].append(_line({"file_name": name, **said, **facts}))
        lines[BASE_SET] = list(_base_lines(run, archive, tree))
        for use, rows in lines.items():
            archive.writestr(f"{use}/{METADATA}", "".join(rows))
    return gone, left_out


def _base_lines(run: TrainingRun, archive: zipfile.ZipFile, tree: CategoryTree) -> Iterator[str]:
    """The base set's photos, each as its thumbnail: larger than any encoder looks at.

    Each with its category: what the run's captions took back of it is not learned.
    """
    for image in base_photos(run):
        content = _content(image.thumbnail)
        if content is not None:
            name = f"images/{image.pk}.jpg"
            archive.writestr(f"{BASE_SET}/{name}", content)
            yield _line({"file_name": name} | caption_category(image.product, tree))


def _chunks(run: TrainingRun) -> Iterator[list[TrainingExample]]:
    rows = run.manifest.order_by("number").iterator(chunk_size=CHUNK)
    while chunk := list(islice(rows, CHUNK)):
        yield chunk


def _texts(examples: Sequence[TrainingExample]) -> dict[int, dict[str, str]]:
    """What is to be learned and its facts by number, where the words are still the manifest's."""
    written = Description.objects.in_bulk([one.description_key for one in examples])
    imported = TrainingCaption.objects.in_bulk([one.caption_key for one in examples])
    found = {}
    for example in examples:
        description = written.get(example.description_key)
        caption = imported.get(example.caption_key)
        text, drafted, facts = (
            (description.standard, description.generated_standard, description.facts)
            if description
            else (caption.text if caption else "", "", "")
        )
        if text_digest(text.strip(), facts) == example.text_sha256:
            words = words_to_learn(approved=text.strip(), drafted=drafted, facts=facts)
            found[example.number] = {"text": words, **({"facts": facts} if facts else {})}
    return found


def _images(examples: Sequence[TrainingExample]) -> dict[tuple[int | None, str], ProductImage]:
    rows = ProductImage.objects.filter(product__in=[one.product_id for one in examples])
    return {(row.product_id, row.sha256): row for row in rows}


def _content(photo: FieldFile) -> bytes | None:
    """The photo's bytes; None where it was deleted since."""
    try:
        with photo.open("rb") as file:
            return bytes(file.read())
    except FileNotFoundError:
        return None


def _extension(image: ProductImage | None) -> str:
    return image.file.name.rpartition(".")[2] if image else ""


def _line(row: dict[str, Any]) -> str:
    return json.dumps(row, ensure_ascii=False, sort_keys=True) + "\n"
