"""The formats of shops: which columns say what of a product, in both directions."""

from catalog.tables.formats.recognise import FORMATS, format_named, recognise

__all__ = ["FORMATS", "format_named", "recognise"]
