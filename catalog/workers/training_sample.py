"""Writes a sample of the catalog's approved captions as an imagefolder, to judge by."""

import json
import shutil
from hashlib import sha256
from pathlib import Path

from catalog.category_tree import CategoryTree
from catalog.choices import ExampleUse
from catalog.engine.training import words_to_learn
from catalog.exporting.captions import caption_facts
from catalog.models import Product, ProductImage, TrainingRun
from catalog.selectors.training_captions import Caption, captions_choose
from catalog.tables.imagefolder import METADATA

#: Captions of a sample at most; judging takes about a tenth of a second for each.
SAMPLE = 96


def sample_write(
    run: TrainingRun, folder: Path, *, use: ExampleUse | None = None, elsewhere: bool = False
) -> int:
    """Write captions of the run's language and scope; returns how many.

    `use` keeps to those held out, of which no run ever learns; `elsewhere` to products that the
    run had nothing to do with. Which ones is decided by their photos' hashes: always the same.
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
    shutil.rmtree(folder, ignore_errors=True)  # of a judgement before
    folder.mkdir(parents=True)
    lines = []
    for caption in captions:
        image, product = images.get(caption.image_id), products.get(caption.product_id)
        if image is None or product is None:
            continue  # deleted in this moment
        name = f"{caption.photo_sha256}.{image.file.name.rpartition('.')[2]}"
        try:
            with image.file.storage.open(image.file.name, "rb") as photo:
                (folder / name).write_bytes(photo.read())
        except FileNotFoundError:
            continue
        facts = {"facts": caption.facts} if caption.facts else {}
        words = words_to_learn(approved=caption.text, drafted=caption.drafted, facts=caption.facts)
        row = {"file_name": name, "text": words, **facts, **caption_facts(product, tree)}
        lines.append(json.dumps(row, ensure_ascii=False) + "\n")
    (folder / METADATA).write_text("".join(lines), encoding="utf-8")
    return len(lines)
