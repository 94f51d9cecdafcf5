"""The texts of one item beside one another: an edit of one reaches the others, or asks."""

import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import combinations
from types import MappingProxyType
from typing import Any

from moda_engine.brief.claims import Brief, agree
from moda_engine.brief.conditioning import PLACEHOLDERS
from moda_engine.brief.exchange import Place, exchanged, labels_in, places
from moda_engine.brief.names import renamed, with_names
from moda_engine.brief.plain_text import brand_places, without_brand
from moda_engine.language.further import FURTHER
from moda_engine.language.labels import FreeFacts, ItemLabels, labels_of_text
from moda_engine.language.vocabulary import DETAILS, details_of_type
from moda_engine.language.writing import (
    STYLE_COUNT,
    alt_text,
    detailed,
    paraphrase,
)

#: Field → text. The fields are the caller's.
Texts = Mapping[str, str]
Form = Callable[[ItemLabels, FreeFacts], str]
_Stated = Mapping[str, frozenset[str]]
_NONE: frozenset[str] = frozenset()
#: Kinds that a correction takes out of a text; who takes out more wants a shorter text.
_MOST_TAKEN_OUT = 2


@dataclass(frozen=True)
class SiblingEdit:
    """What an edit of one text asks of another."""

    field: str
    #: The other text as it then is; `None` where a person has to write it.
    text: str | None
    kinds: tuple[str, ...]


@dataclass(frozen=True)
class Contradiction:
    """Two texts that cannot both be true: the words of each, as they stand there."""

    kind: str
    field: str
    words: str
    other_field: str
    other_words: str


@dataclass(frozen=True)
class _Change:
    """What an edit made of one kind; `new` is in the order of the text and may be empty."""

    old: frozenset[str]
    new: tuple[str, ...]


def sibling_edits(
    before: Texts, now: Texts, brief: Brief, longest: Mapping[str, int] = MappingProxyType({})
) -> list[SiblingEdit]:
    """The edits that other texts need, in the order of `now`, once people changed some of them.

    A label that took the place of another is exchanged wherever it stands. One that was taken out
    goes elsewhere too, unless the catalog says it or much was taken out: then the text was only
    shortened. What was added is not asked of the others. A brand, fabric or fit of the catalog that
    was exchanged for another name is exchanged too. Kinds that two texts changed to different
    labels are left alone.

    Args:
        before: what the model wrote, or what is stored of people's texts.
        now: the same fields, edited.
        longest: characters that the text of a field may have.
    """
    edited = {field for field, text in now.items() if text != before[field]}
    if not edited:
        return []
    brand = brief.free_facts().brand or ""
    names = _other_names(before, now, brief.free_facts())
    brands = {field: _brand_in(text, brand, names) for field, text in now.items()}
    stated = {field: labels_in(text, brands[field]) for field, text in now.items()}
    changes: dict[str, dict[str, _Change]] = {
        field: dict(
            _changes(labels_in(before[field], brand), stated[field], text, brief, brands[field])
            if field in edited
            else ()
        )
        for field, text in now.items()
    }
    edits = []
    for field, text in now.items():
        wanted = {
            kind: change
            for kind, change in _of_others(changes, field).items()
            if kind not in changes[field] and _needs(stated[field].get(kind, _NONE), change)
        }
        told = {kind: pair for kind, pair in names.items() if brand_places(text, pair[0])}
        if wanted or told:
            most = longest.get(field, sys.maxsize)
            result = _edited(text, wanted, stated[field], brief, most) if wanted else text
            result = with_names(result, told) if result and told else result
            fits = result is not None and len(result) <= most
            edits.append(SiblingEdit(field, result if fits else None, (*wanted, *told)))
    return edits


def _brand_in(text: str, brand: str, names: Mapping[str, tuple[str, str]]) -> str:
    """The brand whose words state nothing in `text`: people's where they put theirs."""
    other = names.get("brand", ("", ""))[1]
    return other if other and brand_places(text, other) else brand


def _other_names(before: Texts, now: Texts, facts: FreeFacts) -> dict[str, tuple[str, str]]:
    """Kind → the name that the catalog tells and what people put in its place, all the same."""
    found = {}
    for kind in PLACEHOLDERS:
        if name := getattr(facts, kind):
            new = {renamed(before[field], text, name) for field, text in now.items()} - {None}
            if len(new) == 1:
                words = str(new.pop())
                found[kind] = (name, words if kind == "brand" else words.lower())
    return found


def contradictions_between(texts: Texts, brief: Brief) -> list[Contradiction]:
    """What some of the texts say and others deny, once a kind and pair of texts."""
    brand = brief.free_facts().brand or ""
    found = {field: _by_kind(text, brand) for field, text in texts.items() if text}
    return [
        Contradiction(kind, one, _words(texts[one], mine), other, _words(texts[other], theirs))
        for (one, of_one), (other, of_other) in combinations(found.items(), 2)
        for kind, mine in of_one.items()
        if (theirs := of_other.get(kind)) and not _agree(kind, _labels(mine), _labels(theirs))
    ]


def _by_kind(text: str, brand: str) -> dict[str, list[Place]]:
    found: dict[str, list[Place]] = {}
    for place in places(text, brand):
        found.setdefault(place.kind, []).append(place)
    return found


def _labels(found: list[Place]) -> frozenset[str]:
    return frozenset(label for place in found for label in place.labels)


def _words(text: str, found: list[Place]) -> str:
    return ", ".join(dict.fromkeys(text[place.start : place.end] for place in found))


def _agree(kind: str, some: frozenset[str], others: frozenset[str]) -> bool:
    return any(agree(kind, one, other) for one in some for other in others)


def _changes(
    former: _Stated, stated: _Stated, text: str, brief: Brief, brand: str
) -> Iterator[tuple[str, _Change]]:
    """The kinds whose labels an edit exchanged or took out."""
    gone = former.keys() - stated.keys()
    shortened = len(gone) > _MOST_TAKEN_OUT
    for kind, old in former.items():
        new = stated.get(kind, _NONE)
        claim = brief.claim(kind)
        is_style = kind in gone and (shortened or (claim is not None and claim.source == "catalog"))
        if new != old and not is_style:
            here = (place for place in places(text, brand) if place.kind == kind)
            ordered = dict.fromkeys(label for place in here for label in place.labels)
            yield kind, _Change(old, tuple(ordered))


def _of_others(changes: Mapping[str, Mapping[str, _Change]], field: str) -> dict[str, _Change]:
    """What the other fields changed, without kinds on which they do not agree."""
    found: dict[str, _Change] = {}
    disputed = set()
    for other, of_other in changes.items():
        for kind, change in of_other.items() if other != field else ():
            if set(found.setdefault(kind, change).new) != set(change.new):
                disputed.add(kind)
    return {kind: change for kind, change in found.items() if kind not in disputed}


def _needs(stated: frozenset[str], change: _Change) -> bool:
    """Whether a text that states these labels is no longer true beside the change."""
    return bool(stated) and (stated == change.old or stated.isdisjoint(change.new))


def _edited(
    text: str, wanted: Mapping[str, _Change], stated: _Stated, brief: Brief, most: int
) -> str | None:
    """`text` with other labels where they can be put in place of the old ones; else written again.

    Only the writer's own sentences are written again: nothing of them is lost. `None` where neither
    gives a text of at most `most` characters.
    """
    result: str | None = text
    for kind, change in wanted.items():
        if result is not None:
            brand = brief.free_facts().brand or ""
            old = stated[kind]
            result = exchanged(result, kind, old, change.new, brand) if change.new else None
    if result is None or len(result) > most:
        result = _written_again(text, wanted, brief.free_facts())
    return result if result is not None and len(result) <= most else None


def _written_again(text: str, wanted: Mapping[str, _Change], facts: FreeFacts) -> str | None:
    """The sentence that the writer makes of the changed labels, if it made `text`."""
    labels = labels_of_text(without_brand(text, facts.brand or ""))
    changed = _with_changes(labels, wanted) if labels else None
    if labels is None or changed is None or changed.product_type is None:
        return None
    for told in (facts, replace(facts, plain=not facts.plain)):
        for form in _FORMS:
            if form(labels, told) == text:
                plain = told.plain and "pattern" not in wanted
                gone = {FURTHER[kind].words for kind in wanted if kind in FURTHER}
                further = tuple(words for words in told.further if words not in gone)
                return form(changed, replace(told, plain=plain, further=further))
    return None


def _with_changes(labels: ItemLabels, wanted: Mapping[str, _Change]) -> ItemLabels | None:
    columns: dict[str, Any] = {}
    details = dict(labels.details)
    for kind, change in wanted.items():
        if kind in FURTHER:
            continue  # `FreeFacts` has it
        if len(change.new) > 1 and kind != "colour":
            return None
        label = "/".join(change.new) or None
        if kind not in DETAILS:
            columns[kind] = label
        elif label is None:
            details.pop(kind, None)
        else:
            details[kind] = label
    changed = replace(labels, **columns)
    possible = details_of_type(changed.product_type)
    return replace(
        changed, details={kind: label for kind, label in details.items() if kind in possible}
    )


def _style(style: int) -> Form:
    return lambda labels, facts: paraphrase(labels, style, facts)


def _detailed(style: int) -> Form:
    return lambda labels, facts: detailed(labels, style, facts)


#: All that the writer makes of labels and facts.
_FORMS: tuple[Form, ...] = (alt_text, *map(_style, range(STYLE_COUNT)), *map(_detailed, (0, 1)))
