"""Products with photos for benchmarks: real ones repeated under new SKUs, or drawings."""

import json
import subprocess
import sys
from collections.abc import Sequence
from itertools import cycle, islice
from pathlib import Path

from benchmarks.installation import ROOT

SHARED = ROOT.parent / "shared" / "data"
FOLDERS = ("fashion-2906/train", "fashion-2906/test", "catalog-extra/train")
#: Drawings to make where the real photos are missing.
DRAWINGS = 200


def photo_files(limit: int, scratch: Path) -> tuple[list[Path], str]:
    """Up to `limit` photo files, and a description of them."""
    if SHARED.is_dir():
        names = (_names(SHARED / folder) for folder in FOLDERS)
        files = list(islice((file for folder in names for file in folder), limit))
        return files, f"{len(files)} real photos"
    folder = scratch / "drawings"
    if not (folder / "metadata.jsonl").is_file():
        count = str(min(limit, DRAWINGS))
        command = [sys.executable, "-m", "lab.drawings", "--output", str(folder)]
        subprocess.run([*command, "--random", count], cwd=ROOT, check=True)
    files = _names(folder)[:limit]
    return files, f"{len(files)} drawings"


def products_make(files: Sequence[Path], count: int, *, first: int = 0) -> None:
    """Add `count` products, each with the next of the photos, stored like an upload.

    Each photo is checked and encoded once; copies are files of their own, as with real products.
    """
    from django.core.files.base import ContentFile
    from django.db import transaction

    from catalog.models import Product, ProductImage
    from catalog.photos import photo_normalise

    known = {}
    numbers = range(first, first + count)
    for number, file in zip(numbers, islice(cycle(files), first, None), strict=False):
        if file not in known:
            with file.open("rb") as upload:
                known[file] = photo_normalise(upload, name=file.name)
        photo = known[file]
        image = ProductImage(
            sha256=photo.sha256,
            width=photo.width,
            height=photo.height,
            byte_size=len(photo.content),
        )
        content = ContentFile(photo.content)
        image.file.save(f"photo.{photo.extension}", content, save=False)
        image.thumbnail.save("thumbnail.jpg", ContentFile(photo.thumbnail), save=False)
        with transaction.atomic():
            image.product = Product.objects.create(sku=f"BENCH-{number:06d}", title=file.stem)
            image.save()


def _names(folder: Path) -> list[Path]:
    lines = (folder / "metadata.jsonl").read_text(encoding="utf-8").splitlines()
    return [folder / json.loads(line)["file_name"] for line in lines]
