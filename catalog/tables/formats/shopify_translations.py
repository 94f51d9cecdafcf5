"""Shopify's translations CSV: a row for each text of a product in each language.

It knows a product by a number that no other file has. The row of its handle says which it is.
"""

from collections.abc import Mapping, Sequence

from catalog.tables.formats.columns import Cells, ColumnFormat, Group, Layout
from catalog.tables.formats.values import text_of_html, title_text
from catalog.tables.language_codes import language_code
from catalog.tables.record import ProductRecord, RowFaulty, in_language

_PRODUCT = "product"
_TRANSLATED = "translated content"
#: Our facts by Shopify's fields.
_FACTS: Mapping[str, str] = {
    "title": "title",
    "body_html": "standard",
    "product_type": "attributes.product_type",
    "meta_title": "meta_title",
    "meta_description": "meta_description",
}


def _said(cells: Cells, name: str) -> str:
    return cells.get(name, "").strip()


class ShopifyTranslationsFormat(ColumnFormat):
    """Translations of products that Shopify's product CSV, or another file, has brought."""

    key = "shopify_translations"
    label = "Shopify translations"
    needs = (("type",), ("identification",), ("field",), ("locale",), (_TRANSLATED,))
    columns = ()
    default_header = (
        *("Type", "Identification", "Field", "Locale", "Market", "Status"),
        *("Default content", "Translated content"),
    )
    groups = True
    needs_product = True
    identities_of = ("shopify",)

    def group_key(self, cells: Cells) -> str:
        return f"{_said(cells, 'type').lower()} {_said(cells, 'identification')}"

    def continues(self, layout: Layout, first: Sequence[str], row: Sequence[str]) -> bool:
        return self.group_key(layout.cells(row)) == self.group_key(layout.cells(first))

    def identity(self, layout: Layout, group: Group) -> str:
        return self.sku_of_group(layout, group)

    def sku_of_group(self, layout: Layout, group: Group) -> str:
        """The handle, which is also the SKU of a product that has no other."""
        rows = [layout.cells(row) for row in group]
        if _said(rows[0], "type").lower() != _PRODUCT:
            return ""
        handles = (_said(row, "default content") for row in rows if _said(row, "field") == "handle")
        return next(filter(None, handles), "")

    def read(self, layout: Layout, group: Group) -> ProductRecord:
        rows = [layout.cells(row) for row in group]
        if (kind := _said(rows[0], "type")).lower() != _PRODUCT:
            raise RowFaulty(f"A translation of {kind or 'nothing'}: only products have them here.")
        record = ProductRecord(sku=self.sku_of_group(layout, group))
        if not record.sku:
            raise RowFaulty(
                f"No row has the handle of product {_said(rows[0], 'identification')}, so nobody "
                "knows which it is: export the translations with all fields."
            )
        for cells in rows:
            self._read_row(cells, record)
        return record

    @staticmethod
    def _read_row(cells: Cells, record: ProductRecord) -> None:
        fact, text = _FACTS.get(_said(cells, "field"), ""), _said(cells, _TRANSLATED)
        if not fact or not text:
            return
        language, market = language_code(_said(cells, "locale")), _said(cells, "market")
        if not language or market:
            what = f"market {market}" if market else f"language {_said(cells, 'locale')!r}"
            record.flags.append(f"{fact}: The text for {what} is left out.")
            return
        reader = text_of_html if fact == "standard" else title_text
        record.facts.setdefault(in_language(fact, language), reader(text))
