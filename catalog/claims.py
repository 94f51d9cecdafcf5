"""What texts claim, held against the brief that their draft was written from, and one another.

The catalog's one door to the part of the engine that is plain Python: the web process may open it.
A text without a brief (a person wrote it, or it is older than briefs) has no claims.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any

from catalog.models import Description
from catalog.models.description import (
    ALT_TEXT_LENGTH,
    META_DESCRIPTION_LENGTH,
    PAGE_TITLE_LENGTH,
    TEXT_FIELDS,
)
from moda_engine.brief.another_item import another_item
from moda_engine.brief.attributes import by_source
from moda_engine.brief.check import TextClaim, claims_of, is_doubtful
from moda_engine.brief.claims import Brief, Claim, words_of
from moda_engine.brief.known import known_claims
from moda_engine.brief.product import KnownProduct
from moda_engine.brief.siblings import (
    Contradiction,
    SiblingEdit,
    contradictions_between,
    sibling_edits,
)
from moda_engine.brief.style import Preference, preferences
from moda_engine.copywriting.pages import page_texts, with_lines
from moda_engine.copywriting.voice import Voice, type_names_in

__all__ = [
    "Brief",
    "Claim",
    "Contradiction",
    "Preference",
    "SiblingEdit",
    "TextClaim",
    "another_item",
    "by_source",
    "is_doubtful",
    "preferences",
    "type_names_in",
    "words_of",
]


#: Characters of the texts that have less room than a description.
_LONGEST = {
    "alt_text": ALT_TEXT_LENGTH,
    "page_title": PAGE_TITLE_LENGTH,
    "meta_title": PAGE_TITLE_LENGTH,
    "meta_description": META_DESCRIPTION_LENGTH,
}


def brief_of(description: Description) -> Brief:
    """The brief that the draft was written from; one without claims where there is none."""
    return Brief.from_json(description.brief)


def told_facts(brief: Mapping[str, Any], typed: str) -> str:
    """What the catalog knew when a draft was written, as facts to learn its text under.

    Args:
        brief: as the draft keeps it; a draft that is older than briefs was told what was `typed`.
    """
    whole = Brief.from_json(brief)
    known = tuple(claim for claim in whole.claims if claim.source == "catalog")
    return replace(whole, claims=known).facts_text() if brief else typed


def text_claims(
    description: Description, texts: Mapping[str, str] | None = None
) -> dict[str, list[TextClaim]]:
    """The claims of each of its texts, by field, in the order of the text.

    As the texts stand, or as they are typed in `texts`.
    """
    words = texts_of(description) | dict(texts or {})
    return {field: _claims(description, words[field]) for field in TEXT_FIELDS}


def texts_of(description: Description) -> dict[str, str]:
    """Its texts as they stand, by field."""
    return {field: getattr(description, field) for field in TEXT_FIELDS}


def claim_columns(description: Description, changed: Mapping[str, Any]) -> dict[str, Any]:
    """The columns that follow from brief and texts, once its fields are as in `changed`.

    `contradictions` counts what the texts say and the catalog contradicts; what several of them
    say counts once. `photo_disagrees` says that the photo probably shows an item of another type
    than the catalog names, whatever the texts say.
    """
    contradicted = contradicted_claims(description, changed)
    return {
        "contradictions": len(contradicted),
        "photo_disagrees": another_item(brief_of(description)) is not None,
    }


def contradicted_claims(
    description: Description, changed: Mapping[str, Any] | None = None
) -> dict[tuple[str, str], TextClaim]:
    """What the texts say and the catalog contradicts, by kind and value: the first that says it."""
    words = texts_of(description) | dict(changed or {})
    claims = (claim for field in TEXT_FIELDS for claim in _claims(description, words[field]))
    found: dict[tuple[str, str], TextClaim] = {}
    for claim in claims:
        if claim.verdict == "contradicted" and claim.source == "catalog":
            found.setdefault((claim.kind, claim.value), claim)
    return found


def claims_changed(description: Description, before: Mapping[str, str]) -> bool:
    """Whether its text, as it stands, states something else than the text `before` of the field.

    Other words for the same are no change.
    """
    return any(
        _stated(description, text) != _stated(description, getattr(description, field))
        for field, text in before.items()
    )


def _stated(description: Description, text: str) -> set[tuple[str, str]]:
    return {(one.kind, one.value) for one in claims_of(text, brief_of(description))}


@dataclass(frozen=True)
class EditedTexts:
    """The texts of a draft as a reviewer approves them."""

    #: With the edits that other texts take over.
    texts: dict[str, str]
    #: What the edits ask of the texts beside them, the declined ones too.
    edits: list[SiblingEdit]


def texts_edited(
    description: Description, texts: Mapping[str, str], declined: Collection[str] = ()
) -> EditedTexts:
    """`texts` as typed, and what an edit of one changes in the others, unless they are `declined`.

    Edits are what differs from the model's words; of a text without them, from the stored ones.
    """
    brief = brief_of(description)
    before = {
        field: getattr(description, f"generated_{field}") or getattr(description, field)
        for field in TEXT_FIELDS
    }
    edits = sibling_edits(before, texts, brief, longest=_LONGEST)
    taken = {edit.field: edit.text for edit in edits if edit.text and edit.field not in declined}
    return EditedTexts({**texts, **taken}, edits)


def contradictions_in(description: Description, texts: Mapping[str, str]) -> list[Contradiction]:
    """What some of the texts say and others deny."""
    return contradictions_between(texts, brief_of(description))


#: What an example is written of.
_EXAMPLE = {
    "title": "Navy blue striped T-shirt for men",
    "facts": "sleeves: short sleeves; neck: polo collar; fabric: cotton; fit: slim",
}
_EXAMPLE_SLOTS = ("title", "standard", "detailed")


def example_texts(settings: Mapping[str, Any], *, brand: str) -> list[str]:
    """Title, description and detailed description of an example in a voice."""
    voice = Voice.of(settings)
    product = KnownProduct.of({**_EXAMPLE, "brand": brand})
    texts = page_texts(Brief(tuple(known_claims(product))), _EXAMPLE_SLOTS, brand, voice)
    texts["detailed"] = with_lines(texts["detailed"], voice)
    return list(texts.values())


def _claims(description: Description, text: str) -> list[TextClaim]:
    return claims_of(text, brief_of(description)) if description.brief else []
