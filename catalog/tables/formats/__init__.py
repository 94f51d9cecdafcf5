"""The formats of shops, and which of them a header belongs to."""

from collections.abc import Mapping, Sequence

from catalog.tables.formats.columns import ColumnFormat
from catalog.tables.formats.folder import ImagefolderFormat, PhotoNamesFormat
from catalog.tables.formats.google import GoogleFormat
from catalog.tables.formats.magento import MagentoFormat
from catalog.tables.formats.plain import MappedFormat, OwnFormat
from catalog.tables.formats.shopify import ShopifyFormat
from catalog.tables.formats.shopify_translations import ShopifyTranslationsFormat
from catalog.tables.formats.woocommerce import WooCommerceFormat

#: In the order in which they are tried: the strictest first.
_ALL: tuple[ColumnFormat, ...] = (
    PhotoNamesFormat(),
    OwnFormat(),
    ShopifyTranslationsFormat(),
    ShopifyFormat(),
    MagentoFormat(),
    WooCommerceFormat(),
    ImagefolderFormat(),
    GoogleFormat(),
)
FORMATS: dict[str, ColumnFormat] = {format_.key: format_ for format_ in _ALL}


def recognise(header: Sequence[str]) -> ColumnFormat | None:
    """The format that a header belongs to; None for a table whose columns a person must map."""
    return next((format_ for format_ in _ALL if format_.recognises(format_.layout(header))), None)


def format_named(
    key: str, mapping: Mapping[str, str], views: Mapping[str, Sequence[str]] | None = None
) -> ColumnFormat:
    """The format of an import: one of `FORMATS`, or the one that its mapping describes.

    `views` are the languages of Magento's store views by their codes.
    """
    if key == MagentoFormat.key:
        return MagentoFormat(views)
    return FORMATS[key] if key in FORMATS else MappedFormat(mapping)
