"""Caption sets: photos beside `metadata.jsonl`, a JSON object a line, as an imagefolder.

`CaptionSetWriter` is the one writer of them. An export, the frozen set of a training run and the
samples that judge its result are written by it, with the same fields in each line.
"""

import json
import shutil
import tempfile
import zipfile
from collections.abc import Callable, Iterator, Mapping
from errno import ENOENT
from pathlib import Path
from typing import IO, Any, Self

from django.db.models import QuerySet
from django.db.models.fields.files import FieldFile

from catalog.category_tree import CategoryTree
from catalog.choices import DescriptionState
from catalog.exporting.tables import chunks
from catalog.models import Description, Product, ProductImage, TrainingCaption
from catalog.tables.imagefolder import FILE_NAME, METADATA
from catalog.tables.record import CATEGORY_SEPARATOR, NOT_IN_A_FILE_NAME


class CaptionSetWriter:
    """Writes one caption set, inside a `with` block; `metadata.jsonl` comes last.

    Lines wait in a temporary file, so memory does not grow with them. `open_file` opens a file of
    the set for writing, by its name.
    """

    def __init__(self, open_file: Callable[[str], IO[bytes]]) -> None:
        self._open_file = open_file
        self._lines = tempfile.TemporaryFile()  # noqa: SIM115 (closed by `__exit__`)
        self._photos: set[str] = set()
        #: Lines written.
        self.count = 0

    @classmethod
    def in_archive(cls, archive: zipfile.ZipFile, folder: str = "") -> Self:
        """Into a ZIP file, or one of its folders."""
        return cls(lambda name: archive.open(f"{folder}/{name}" if folder else name, "w"))

    @classmethod
    def in_folder(cls, folder: Path) -> Self:
        """Into a folder, which is emptied first."""
        shutil.rmtree(folder, ignore_errors=True)
        (folder / "images").mkdir(parents=True)
        return cls(lambda name: (folder / name).open("wb"))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: object, *error: object) -> None:
        with self._lines as lines:
            if kind is None:
                lines.seek(0)
                with self._open_file(METADATA) as metadata:
                    shutil.copyfileobj(lines, metadata)

    def add(self, stem: str, photo: FieldFile, *rows: Mapping[str, Any]) -> bool:
        """Write the photo as `images/STEM.…`, once, and a line for each of `rows`.

        False where the photo is gone from storage: then nothing is written.
        """
        name = f"images/{stem}.{str(photo.name).rpartition('.')[2]}"
        if name not in self._photos:
            try:
                with photo.open("rb") as file:
                    content = file.read()
            except FileNotFoundError:
                return False
            with self._open_file(name) as target:
                target.write(content)
            self._photos.add(name)
        for row in rows:
            line = json.dumps({FILE_NAME: name, **row}, ensure_ascii=False)
            self._lines.write(f"{line}\n".encode())
            self.count += 1
        return True


def caption_row(
    product: Product, tree: CategoryTree, *, text: str, facts: str = ""
) -> dict[str, Any]:
    """A line of a caption set: the text, what it is conditioned on, and the product's labels."""
    return {
        "text": text,
        **({"facts": facts} if facts else {}),
        "id": product.sku,
        "title": product.title,
        "brand": product.brand,
        "gender": product.gender,
        **caption_category(product, tree),
        "colour": product.colour,
        "product_type": product.attributes.get("product_type", ""),
        "usage": product.attributes.get("usage", ""),
        "attributes": product.attributes,
    }


def caption_category(product: Product, tree: CategoryTree) -> dict[str, str]:
    """The first and the further names of the category's path; empty where there is none."""
    category, _, sub_category = tree.path(product.category_id).partition(CATEGORY_SEPARATOR)
    return {"category": category, "sub_category": sub_category}


def file_stem(product: Product) -> str:
    """A file name for the product: its SKU, or one like it where that cannot name a file."""
    plain = NOT_IN_A_FILE_NAME.sub("-", product.sku).strip("-._")
    return plain if plain == product.sku else f"{plain}-{product.pk}".lstrip("-")


def captions_write(
    *,
    target: Path,
    products: QuerySet[Product],
    language: str,
    told: Callable[[int], None],
) -> None:
    """Write a ZIP file: a line for each approved text and caption, with the product's main photo.

    Products without a text or without a photo are left out; a photo that is not in storage raises
    `OSError`. Calls `told` with the number of products of each chunk.
    """
    tree = CategoryTree()
    with (
        zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive,
        CaptionSetWriter.in_archive(archive) as captions,
    ):
        for ids in chunks(products.order_by("sku")):
            for product, image, texts in _captioned(ids, language):
                rows = [caption_row(product, tree, text=text) for text in texts]
                if not captions.add(file_stem(product), image.file, *rows):
                    raise OSError(ENOENT, f"the photo of {product.sku} is not in storage")
            told(len(ids))


def _captioned(ids: list[int], language: str) -> Iterator[tuple[Product, ProductImage, list[str]]]:
    """The products that have a text and a photo, by SKU; each text once."""
    texts: dict[int, list[str]] = {}
    approved = Description.objects.filter(
        product__in=ids, language=language, state=DescriptionState.APPROVED
    )
    captions = TrainingCaption.objects.filter(product__in=ids, language=language)
    for pk, text in (
        *approved.order_by("pk").values_list("product", "standard"),
        *captions.values_list("product", "text"),
    ):
        texts.setdefault(pk, []).append(text)
    images = {
        image.product_id: image
        for image in ProductImage.objects.filter(product__in=list(texts)).order_by("-position")
    }
    for product in Product.objects.filter(pk__in=list(images)).order_by("sku"):
        yield product, images[product.pk], list(dict.fromkeys(texts[product.pk]))
