"""Reads of descriptions."""

from django.db.models import F, Q, QuerySet

from catalog.choices import DescriptionState
from catalog.models import Description

#: A text that no person made or changed. Only such a one may make way for a machine's.
IN_MACHINE_WORDS = Q(
    created_by=None,
    standard=F("generated_standard"),
    alt_text=F("generated_alt_text"),
    detailed=F("generated_detailed"),
)


def descriptions_awaiting_review() -> QuerySet[Description]:
    """All drafts, with product, photo and model version; the ones most in doubt first.

    A text written by hand has no confidence, and comes last.
    """
    return (
        Description.objects.filter(state=DescriptionState.DRAFT)
        .select_related("product", "image", "model_version")
        .order_by(F("confidence").asc(nulls_last=True), "id")
    )
