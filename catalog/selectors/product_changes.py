"""Reads of the change feed."""

from datetime import datetime

from catalog.models import ProductChange


def latest_change() -> tuple[int, datetime | None]:
    """Number and time of the last change of any product; (0, None) in an empty catalog."""
    row = ProductChange.objects.order_by("-sequence").values_list("sequence", "at").first()
    return row or (0, None)


def change_of(sku: str) -> ProductChange | None:
    """The last change of one SKU."""
    return ProductChange.objects.filter(pk=sku).first()
