"""What earlier imports of the same format know: which product a row is, and what its file said.

A shop's file comes again every day, while people edit the catalog. What the file has not changed
since its last import is no news, so it does not take back an edit.
"""

from collections.abc import Collection, Iterable, Mapping

from django.conf import settings
from django.db.models import QuerySet

from catalog.choices import DescriptionUse, RowState
from catalog.importing.present import facts_fit
from catalog.importing.translations import facts_in_language
from catalog.models import ImportRow, ProductImport
from catalog.tables.formats import format_named
from catalog.tables.formats.columns import ColumnFormat, Layout
from catalog.tables.record import TEXT_FACTS, RowFaulty, language_and_fact


def skus_by_identity(product_import: ProductImport, identities: Collection[str]) -> dict[str, str]:
    """The SKUs of the products that earlier imports of this format took for these identities."""
    rows = _applied(product_import).filter(identity__in=identities)
    return dict(rows.order_by("pk").values_list("identity", "product__sku"))


def identities_by_sku(product_import: ProductImport, skus: Collection[str]) -> dict[str, str]:
    """The identities of these SKUs' products in earlier imports of this format and language.

    A shop may call the same product by another number in each language.
    """
    rows = _applied(product_import).filter(
        product__sku__in=skus, product_import__language=product_import.language
    )
    rows = rows.exclude(identity="")
    return dict(rows.order_by("pk").values_list("product__sku", "identity"))


def _same_shop(product_import: ProductImport) -> tuple[str, ...]:
    return format_named(product_import.format, product_import.mapping).identities_of


def _applied(product_import: ProductImport) -> QuerySet[ImportRow]:
    return ImportRow.objects.filter(
        product_import__format__in=[product_import.format, *_same_shop(product_import)],
        state=RowState.APPLIED,
        product__isnull=False,
    )


class FormerFacts:
    """The facts of the file's last import, product by product."""

    def __init__(self, product_import: ProductImport) -> None:
        self._import = product_import
        self._readers: dict[int, tuple[ColumnFormat, Layout, bool]] = {}

    def of(self, products: Iterable[int]) -> dict[int, dict[str, str]]:
        """By key of a product, the facts of the last row in this language that was applied to it.

        Texts are among them only if that import had approved them.
        """
        rows = (
            _applied(self._import)
            .filter(
                product__in=list(products),
                product_import__format=self._import.format,
                product_import__language=self._import.language,
            )
            .exclude(cells=[])
        )
        latest = dict(rows.order_by("pk").values_list("product", "pk"))
        found = {}
        for row in ImportRow.objects.filter(pk__in=latest.values()).iterator():
            if (facts := self._read(row)) is not None and row.product_id is not None:
                found[row.product_id] = facts
        return found

    def _read(self, row: ImportRow) -> dict[str, str] | None:
        format_, layout, with_texts = self._reader(row.product_import_id)
        try:
            said = facts_in_language(format_.read(layout, row.cells).facts, self._import.language)
        except RowFaulty:  # a later version of the format may refuse what an earlier one took
            return None
        texts = () if with_texts else TEXT_FACTS
        facts, _ = facts_fit(said)
        return {
            name: value for name, value in facts.items() if language_and_fact(name)[1] not in texts
        }

    def _reader(self, import_id: int) -> tuple[ColumnFormat, Layout, bool]:
        if import_id not in self._readers:
            former = ProductImport.objects.get(pk=import_id)
            format_ = format_named(former.format, former.mapping, settings.STORE_VIEWS)
            with_texts = former.descriptions == DescriptionUse.APPROVED
            self._readers[import_id] = format_, format_.layout(former.header), with_texts
        return self._readers[import_id]


def news(
    before: Mapping[str, str], after: Mapping[str, str], former: Mapping[str, str] | None
) -> tuple[dict[str, str], list[str]]:
    """The facts of a file that are news, and the names of those that were also changed here.

    `before` are the facts of the catalog, `after` those of the file, `former` those of its last
    import; without one all is news.
    """
    if former is None:
        return dict(after), []
    said = {
        name: value for name, value in after.items() if name not in former or former[name] != value
    }
    conflicts = [
        name
        for name, value in said.items()
        if name in former and before.get(name, "") not in (value, former[name])
    ]
    return said, conflicts
