"""Folders of photos: an imagefolder's `metadata.jsonl`, and bare photos named by SKU."""

import json
from pathlib import PurePosixPath

from catalog.tables.formats.columns import Cells, ColumnFormat, Group, Layout
from catalog.tables.formats.values import NOTHING, category_of
from catalog.tables.imagefolder import FILE_NAME, NAMES_HEADER
from catalog.tables.record import (
    ATTRIBUTE,
    ProductRecord,
    RowFaulty,
    photo_name_parts,
    words_of,
)

_GENDERS = ("men", "women", "boys", "girls", "unisex")
#: Facts without a column of their own, which become attributes.
_ATTRIBUTES = ("product_type", "pattern", "usage", "material", "fabric")


class ImagefolderFormat(ColumnFormat):
    """Photos with `metadata.jsonl`, a line for each photo. `text` is a caption, not a fact."""

    key = "imagefolder"
    label = "Imagefolder"
    needs = ((FILE_NAME,), ())
    columns = ()
    default_header = (FILE_NAME, "sku", "title", "text")
    repeats_add_photos = True

    def recognises(self, layout: Layout) -> bool:
        return FILE_NAME in layout.names and layout.header != tuple(NAMES_HEADER)

    def read(self, layout: Layout, group: Group) -> ProductRecord:
        if not layout.cells(group[0]).get(FILE_NAME, "").strip():
            raise RowFaulty("`file_name` does not name a file of this folder.")
        return super().read(layout, group)

    def sku(self, cells: Cells) -> str:
        stem = PurePosixPath(cells.get(FILE_NAME, "")).stem
        return said(cells, "sku") or said(cells, "id") or stem

    def read_more(self, layout: Layout, group: Group, first: Cells, record: ProductRecord) -> None:
        for name in ("title", "brand", "colour"):
            record.say(name, said(first, name))
        record.say("category", category_of([said(first, "category"), said(first, "sub_category")]))
        gender = said(first, "gender")
        known = gender.lower() in _GENDERS
        record.say("gender" if known else f"{ATTRIBUTE}gender", gender.lower() if known else gender)
        record.say("standard", said(first, "description"))
        for name, value in _nested(first).items():
            record.say(f"{ATTRIBUTE}{name}", value)
        for name in _ATTRIBUTES:
            record.say(f"{ATTRIBUTE}{name}", said(first, name))
        kind = " ".join(filter(None, (said(first, "colour"), said(first, "product_type"))))
        file_name = first.get(FILE_NAME, "").strip()
        record.fallback_title = kind or words_of(PurePosixPath(file_name).stem)
        record.photos = [file_name]


class PhotoNamesFormat(ColumnFormat):
    """A folder of photos named by SKU, with a number for further photos of a product."""

    key = "photos"
    label = "Photos named by SKU"
    needs = ((FILE_NAME,),)
    columns = ()
    default_header = tuple(NAMES_HEADER)
    repeats_add_photos = True

    def recognises(self, layout: Layout) -> bool:
        return layout.header == tuple(NAMES_HEADER)

    def read(self, layout: Layout, group: Group) -> ProductRecord:
        name = layout.cells(group[0]).get(FILE_NAME, "")
        stem = photo_name_parts(name)[0]
        return ProductRecord(sku=stem.strip(), photos=[name], fallback_title=words_of(stem))


def said(cells: Cells, name: str) -> str:
    """A cell; empty for words that mean no value."""
    text = cells.get(name, "").strip()
    return "" if text.lower() in NOTHING or text[:1] in "[{" else text


def _nested(cells: Cells) -> dict[str, str]:
    try:
        nested = json.loads(cells.get("attributes", "") or "{}")
    except ValueError:
        return {}
    if not isinstance(nested, dict):
        return {}
    scalars = {
        str(name): str(value).strip()
        for name, value in nested.items()
        if isinstance(value, str | int | float) and not isinstance(value, bool)
    }
    return {name: value for name, value in scalars.items() if value.lower() not in NOTHING}
