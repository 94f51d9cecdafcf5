"""What a text claims, held against the brief that its draft was written from.

The catalog's one door to the part of the engine that is plain Python: the web process may open it.
A text without a brief (a person wrote it, or it is older than briefs) has no claims.
"""

from collections.abc import Mapping
from typing import Any

from catalog.models import Description
from catalog.models.description import TEXT_FIELDS
from moda_engine.brief.check import TextClaim, claims_of
from moda_engine.brief.claims import Brief

#: A photo shows probably another item than the catalog says, if another type is as probable.
ANOTHER_ITEM_FROM = 0.8


def brief_of(description: Description) -> Brief:
    """The brief that the draft was written from; one without claims where there is none."""
    return Brief.from_json(description.brief)


def text_claims(description: Description) -> dict[str, list[TextClaim]]:
    """The claims of each of its texts as they stand, by field, in the order of the text."""
    return {field: _claims(description, getattr(description, field)) for field in TEXT_FIELDS}


def claim_columns(description: Description, changed: Mapping[str, Any]) -> dict[str, Any]:
    """The columns that follow from brief and texts, once its fields are as in `changed`.

    `contradictions` counts what the texts say and the catalog contradicts; what several of them
    say counts once. `photo_disagrees` says that the photo probably shows an item of another type
    than the catalog names, whatever the texts say.
    """
    contradicted = {
        (claim.kind, claim.value)
        for field in TEXT_FIELDS
        for claim in _claims(description, changed.get(field, getattr(description, field)))
        if claim.verdict == "contradicted" and claim.source == "catalog"
    }
    product_type = brief_of(description).claim("product_type")
    seen = product_type.seen if product_type else None
    return {
        "contradictions": len(contradicted),
        "photo_disagrees": seen is not None and seen.probability >= ANOTHER_ITEM_FROM,
    }


def _claims(description: Description, text: str) -> list[TextClaim]:
    return claims_of(text, brief_of(description)) if description.brief else []
