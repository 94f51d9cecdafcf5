"""Writes products as a table of a shop's format.

A product that came from a file of that format leaves with its original rows; only cells of facts
that changed since are rewritten. So unedited imports leave cell by cell as they came.
"""

from collections import Counter, defaultdict, deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from functools import partial
from itertools import islice
from pathlib import Path

from django.conf import settings
from django.db.models import Case, F, OuterRef, Q, QuerySet, Subquery, When

from catalog.category_tree import CategoryTree
from catalog.choices import ExportFormat, RowState
from catalog.exporting.languages import facts_in
from catalog.importing.present import facts_fit, present_products
from catalog.models import ImportRow, Product, ProductImage, ProductImport
from catalog.tables.delimited import delimited_writer
from catalog.tables.feed import feed_writer
from catalog.tables.formats import format_named
from catalog.tables.formats.columns import ColumnFormat, Layout
from catalog.tables.record import (
    TEXT_FACTS,
    ProductRecord,
    WriteRow,
    is_translatable,
    language_and_fact,
)
from catalog.tables.shelves import CATEGORY, shelves_of, shelves_text
from catalog.tables.spreadsheet import spreadsheet_writer

CHUNK = 500
#: By export format, the shop's format and the writer of its file.
TABLES: dict[str, tuple[str, Callable[..., AbstractContextManager[WriteRow]]]] = {
    ExportFormat.MODA_CSV: ("moda", delimited_writer),
    ExportFormat.MODA_XLSX: ("moda", spreadsheet_writer),
    ExportFormat.SHOPIFY: ("shopify", delimited_writer),
    ExportFormat.WOOCOMMERCE: ("woocommerce", delimited_writer),
    ExportFormat.MAGENTO: ("magento", delimited_writer),
    ExportFormat.GOOGLE_TSV: ("google", partial(delimited_writer, delimiter="\t")),
    ExportFormat.GOOGLE_XML: ("google", feed_writer),
}
#: Formats of text, which may have a byte order mark.
DELIMITED = (
    *(ExportFormat.MODA_CSV, ExportFormat.SHOPIFY, ExportFormat.WOOCOMMERCE),
    *(ExportFormat.MAGENTO, ExportFormat.GOOGLE_TSV),
)


def table_write(
    *,
    target: Path,
    export_format: str,
    products: QuerySet[Product],
    language: str,
    site: str,
    told: Callable[[int], None],
    byte_order_mark: bool = False,
) -> None:
    """Write `products` to `target`. Calls `told(count)` after each chunk.

    Products come in the order of the file that they came from, then those from no file by SKU.
    Where a product came from no file, the URLs of its photos begin with `site`. A delimited file
    begins with a `byte_order_mark` if asked for.
    """
    key, open_writer = TABLES[export_format]
    if byte_order_mark and export_format in DELIMITED:
        open_writer = partial(open_writer, byte_order_mark=True)
    writer = _TableExport(
        format_named(key, {}, settings.STORE_VIEWS), products, language=language, site=site
    )
    with open_writer(target) as write:
        write(writer.layout.header)
        for ids in chunks(writer.in_order(products)):
            for row in writer.rows(ids):
                write(row)
            told(len(ids))


def chunks(products: QuerySet[Product]) -> Iterator[list[int]]:
    """Lists of the products' keys in their order; a cursor of the server reads them."""
    keys = products.values_list("pk", flat=True).iterator(chunk_size=CHUNK)
    while ids := list(islice(keys, CHUNK)):
        yield ids


class _TableExport:
    """One format, for all chunks of one export."""

    def __init__(
        self, format_: ColumnFormat, products: QuerySet[Product], *, language: str, site: str
    ) -> None:
        self._format, self._language, self._site = format_, language, site
        self._tree = CategoryTree()
        self._layouts: dict[int, Layout] = {}
        self._languages: dict[int, str] = {}
        self.layout = format_.layout(self._header(products))

    def _header(self, products: QuerySet[Product]) -> list[str]:
        """The columns of the files that products came from, and ours for those from no file."""
        sources = self._original_rows().filter(product__in=products.values("pk"))
        imports = ProductImport.objects.filter(
            pk__in=sources.order_by().values("product_import").distinct()
        )
        header: list[str] = []
        for product_import in imports.order_by("pk"):
            self._extend(header, product_import.header)
        from_files = sources.order_by().values("product").distinct().count()
        if not header or from_files < products.count() or self._format.key == "moda":
            wanted = self._format.header_for(_attribute_names(products))
            if header and from_files == products.count():  # only what was added since
                wanted = wanted[len(self._format.default_header) :]
            self._extend(header, wanted)
        return header

    def _extend(self, header: list[str], names: Sequence[str]) -> None:
        """Add missing columns; a name that occurs several times is added as often."""
        known = Counter(self._format.layout(header).names)
        wanted: Counter[str] = Counter()
        for name, spelt in zip(names, self._format.layout(names).names, strict=True):
            wanted[spelt] += 1
            if wanted[spelt] > known[spelt]:
                header.append(name)

    def _original_rows(self) -> QuerySet[ImportRow]:
        """Rows of files in this language or the shop's, the nearest last."""
        languages = (self._language, settings.SHOP_LANGUAGE)
        rows = ImportRow.objects.filter(
            state=RowState.APPLIED,
            product_import__format=self._format.key,
            product_import__language__in=languages,
        )
        in_language = Q(product_import__language=self._language)
        return rows.exclude(cells=[]).annotate(nearness=Case(When(in_language, 1), default=0))

    def in_order(self, products: QuerySet[Product]) -> QuerySet[Product]:
        """As the products stand in the files that they came from: a parent before its parts."""
        rows = self._original_rows().filter(product=OuterRef("pk"))
        latest = rows.order_by("-nearness", "-pk").values("line")[:1]
        line = F("line").asc(nulls_last=True)
        return products.annotate(line=Subquery(latest)).order_by(line, "sku")

    def rows(self, ids: list[int]) -> Iterator[list[str]]:
        """The rows of some products, in the order of `ids`."""
        present = {
            product.pk: product
            for product in present_products(
                Product.objects.filter(pk__in=ids),
                self._tree,
                language=self._language,
                with_texts=True,
            ).values()
        }
        originals = self._original_rows().filter(product__in=ids)
        latest = {
            row.product_id: row for row in originals.order_by("nearness", "pk")
        }  # the nearest and latest of each
        photos = self._photos([pk for pk in ids if pk not in latest])
        for pk in ids:
            if pk in present:  # it may be deleted by now
                facts = facts_in(present[pk], self._language, with_views=self._format.knows_views)
                record = ProductRecord(present[pk].sku, facts, photos.get(pk, []))
                yield from self._write(record, latest.get(pk))

    def _write(self, record: ProductRecord, original: ImportRow | None) -> list[list[str]]:
        if original is None:
            return self._format.write(self.layout, record, None)
        group = [self._placed(original, cells) for cells in original.cells]
        said = self._format.read(self.layout, group).facts
        for name, value in facts_fit(said)[0].items():
            if record.facts.get(name) == value:  # shortened for the catalog alone
                record.facts[name] = said[name]
        own = (self._language, settings.SHOP_LANGUAGE)
        is_spoken = self._language == self._languages[original.product_import_id]
        for name in said:
            spoken, fact = language_and_fact(name)
            # A text that was not imported, or is not approved yet, stays.
            if (fact in TEXT_FACTS and is_spoken) or spoken in own:
                record.facts.setdefault(name, said[name])
        if is_spoken and self._language != settings.SHOP_LANGUAGE:
            # What all languages share was not taken from this file: a country has its own prices.
            record.facts = {**_shared(said), **_without(record.facts, _shared(record.facts))}
        elif CATEGORY in said:
            several = self._format.knows_shelves(self.layout)
            record.facts[CATEGORY] = self._as_written(
                record.facts.get(CATEGORY, ""), said[CATEGORY], several=several
            )
        return self._format.write(self.layout, record, group)

    def _as_written(self, fact: str, written: str, *, several: bool) -> str:
        """The categories by the paths that the file has for them; all of it where they are the
        same."""
        theirs = {self._tree.find(path): path for path in shelves_of(written)}
        ours = [theirs.get(self._tree.find(path), path) for path in shelves_of(fact)]
        ours = ours if several else ours[:1]
        return written if set(ours) == set(shelves_of(written)) else shelves_text(ours)

    def _placed(self, original: ImportRow, cells: Sequence[str]) -> list[str]:
        """The cells of a file, moved under the header of the export."""
        source = original.product_import_id
        if source not in self._layouts:
            former = ProductImport.objects.get(pk=source)
            self._layouts[source] = self._format.layout(former.header)
            self._languages[source] = former.language
        layout = self._layouts[source]
        if layout.names == self.layout.names:
            return list(cells)
        named: dict[str, deque[str]] = defaultdict(deque)
        for name, cell in zip(layout.names, cells, strict=False):
            named[name].append(cell)
        return [named[name].popleft() if named[name] else "" for name in self.layout.names]

    def _photos(self, ids: list[int]) -> dict[int, list[str]]:
        found: dict[int, list[str]] = {}
        for image in ProductImage.objects.filter(product__in=ids).order_by("position"):
            found.setdefault(image.product_id, []).append(f"{self._site}{image.file.url}")
        return found


def _shared(facts: Mapping[str, str]) -> dict[str, str]:
    """The facts that do not differ by language."""
    return {
        name: value
        for name, value in facts.items()
        if not (is_translatable(name) or name in TEXT_FACTS or language_and_fact(name)[0])
    }


def _without(facts: Mapping[str, str], names: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in facts.items() if name not in names}


def _attribute_names(products: QuerySet[Product]) -> list[str]:
    names: set[str] = set()
    rows = products.order_by().values_list("attributes", flat=True)
    for attributes in rows.iterator(chunk_size=2_000):
        names.update(attributes)
    return sorted(names)
