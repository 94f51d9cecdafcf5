"""Where each word of a text comes from, and which words a reviewer should look at.

Two marks: `wrong` may be wrong, and `unborne` is known from the catalog while the photo
suggests another thing. All else that states something has its source alone.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog.admin.labels import confidence_percent
from catalog.claims import (
    Brief,
    Claim,
    TextClaim,
    another_item,
    brief_of,
    contradicted_claims,
    is_doubtful,
    text_claims,
    words_of,
)
from catalog.models import Description

MarkKind = Literal["wrong", "unborne", "plain", ""]


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a text. `kind` is empty for words that state nothing, as their `source` is."""

    text: str
    kind: MarkKind = ""
    #: A sentence for a person.
    source: str = ""
    #: Kind and label; "men" and "men's" state the same.
    states: tuple[str, str] = ("", "")


@dataclass(frozen=True, slots=True)
class MarkedWord:
    """A marked word of a description, as it first stands; `fields` are the texts that say so."""

    text: str
    kind: MarkKind
    source: str
    fields: tuple[str, ...]


def pieces_of(description: Description, texts: Mapping[str, str]) -> dict[str, list[Piece]]:
    """Each text in pieces, by field; together they are the text."""
    claims, brief = text_claims(description, texts), brief_of(description)
    return {field: list(_pieces(texts[field], claims[field], brief)) for field in texts}


def findings(description: Description) -> list[str]:
    """What disagrees with the catalog, in sentences: the photo's item first, then words."""
    brief = brief_of(description)
    sentences = []
    known, shown = brief.claim("product_type"), another_item(brief)
    if known is not None and shown is not None:
        sentences.append(
            _("%(field)s says “%(value)s”; the photo shows “%(seen)s”, %(percent)s")
            % {
                "field": _field(known.field),
                "value": words_of(known.kind, known.value),
                "seen": words_of(known.kind, shown.value),
                "percent": confidence_percent(shown.probability),
            }
        )
    for claim in contradicted_claims(description).values():
        sentences.append(
            _("“%(words)s”: %(source)s") % {"words": claim.text, "source": _source(claim)}
        )
    return [sentence[:1].upper() + sentence[1:] for sentence in sentences]


def marked_words(pieces: Mapping[str, Iterable[Piece]]) -> list[MarkedWord]:
    """The marked words of all texts, each once, those that may be wrong first."""
    first: dict[tuple[str, str], Piece] = {}
    fields: dict[tuple[str, str], dict[str, None]] = {}
    for field, of_field in pieces.items():
        for piece in of_field:
            if piece.kind in ("wrong", "unborne"):
                first.setdefault(piece.states, piece)
                fields.setdefault(piece.states, {})[field] = None
    words = [
        MarkedWord(piece.text, piece.kind, piece.source, tuple(fields[states]))
        for states, piece in first.items()
    ]
    return sorted(words, key=lambda word: word.kind != "wrong")


def _pieces(text: str, claims: Iterable[TextClaim], brief: Brief) -> Iterator[Piece]:
    here = 0
    for claim in claims:
        if claim.start < here:  # a brand that holds a word of ours
            continue
        if claim.start > here:
            yield Piece(text[here : claim.start])
        words, states = text[claim.start : claim.end], (claim.kind, claim.value)
        yield Piece(words, _kind(claim, brief), _source(claim), states)
        here = claim.end
    if here < len(text):
        yield Piece(text[here:])


def _kind(claim: TextClaim, brief: Brief) -> MarkKind:
    if is_doubtful(claim, brief):
        return "wrong"
    return "unborne" if claim.is_not_borne_out else "plain"


def _source(claim: TextClaim) -> str:
    """Where the words come from: "from the title", "seen in the photo, 94%"."""
    percent = confidence_percent(claim.probability)
    if claim.claim is None:
        if not claim.probability:
            return _("has no source")
        return _("has no source; for the photo it is %(percent)s likely") % {"percent": percent}
    if claim.verdict == "seen":
        return _("seen in the photo, %(percent)s") % {"percent": percent}
    return _brief_says(claim.claim, known=claim.verdict == "known")


def _brief_says(brief: Claim, *, known: bool) -> str:
    """What the catalog, or else the photo, says; `known` is whether the text says so too."""
    values = {
        "field": _field(brief.field),
        "value": words_of(brief.kind, brief.value),
        "percent": confidence_percent(brief.seen.probability if brief.seen else brief.probability),
    }
    if brief.source == "photo":
        return _("the photo suggests %(value)s, %(percent)s") % values
    if brief.seen is not None:
        seen = words_of(brief.kind, brief.seen.value)
        return _("%(field)s says %(value)s; the photo suggests %(seen)s, %(percent)s") % {
            **values,
            "seen": seen,
        }
    if known:
        return _("from %(field)s") % values
    return _("%(field)s says %(value)s") % values


_FIELDS = {
    "title": gettext_lazy("the title"),
    "brand": gettext_lazy("the brand"),
    "category": gettext_lazy("the category"),
    "product_type": gettext_lazy("the field Product type"),
    "colour": gettext_lazy("the field Colour"),
    "gender": gettext_lazy("the field Gender"),
    "tags": gettext_lazy("the tags"),
    "description": gettext_lazy("the shop's own text"),
    "facts": gettext_lazy("the facts that were typed"),
}


def _field(name: str) -> str:
    """A field of the catalog in words: "the title", "the attribute Neck"."""
    kind, _dot, own = name.partition(".")
    if kind == "attributes":
        return _("the attribute %(name)s") % {"name": own}
    if kind == "options":
        return _("the option %(name)s") % {"name": own}
    return str(_FIELDS.get(name, name))
