"""Reads of descriptions."""

from django.db.models import F, QuerySet

from catalog.choices import DescriptionState
from catalog.models import Description


def descriptions_awaiting_review() -> QuerySet[Description]:
    """All drafts, with product, photo and model version; the ones most in doubt first.

    A text written by hand has no confidence, and comes last.
    """
    return (
        Description.objects.filter(state=DescriptionState.DRAFT)
        .select_related("product", "image", "model_version")
        .order_by(F("confidence").asc(nulls_last=True), "id")
    )
