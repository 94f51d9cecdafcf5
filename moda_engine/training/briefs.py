"""Captions as a model with heads learns them: each under the brief that it states.

Such a model is told a brief and writes what the brief says. So a caption is learned under the
claims that it states itself, whatever photo and catalog say: it can teach how things are said, and
neither to contradict a brief nor to leave anything out. Where people mostly leave a label unsaid,
or have a word of their own for it ("ink" for navy blue), that is their way to say it, and it is
told; where they left it out here and there it was wrong, and is not.
"""

import random
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

from moda_engine.brief.check import unsaid
from moda_engine.brief.claims import Brief, Claim
from moda_engine.brief.conditioning import (
    facts_of_brief,
    order_of,
    stated_brief,
    with_placeholders,
)
from moda_engine.brief.exchange import Frame, Names
from moda_engine.describing.describer import DescribeOptions, Describer
from moda_engine.describing.description import Description
from moda_engine.language.labels import stated_labels
from moda_engine.language.vocabulary import ALTERNATIVES, PRODUCT_TYPES
from moda_engine.language.writing import STYLE_COUNT, paraphrase
from moda_engine.training.dataset import CaptionSet

BATCH_SIZE = 32
#: So many more captions leave a label unsaid than say its kind, before that is a shop's way.
LEAST_UNSAID = 3
#: Of the labels of a caption, how many are exchanged where labels are.
EXCHANGED_SHARE = 0.5
_ANY = ""
#: (category, kind, label)
Unsaid = set[tuple[str, str, str]]


def described(
    describer: Describer, captions: CaptionSet, adapter: str | None = None
) -> list[Description]:
    """What the describer says of the photos of `captions`, told their facts and seeds."""
    options = DescribeOptions(batch_size=BATCH_SIZE, adapter=adapter, fit=False)
    return describer.describe_features(captions.captions.features, captions.products(), options)


def mostly_unsaid(captions: CaptionSet, drafts: Sequence[Description]) -> Unsaid:
    """The labels that captions of a category leave unsaid more often than they say their kind.

    Of a kind that is hardly ever said every label counts.
    """
    counts: Counter[tuple[str, str, str]] = Counter()
    rows = zip(captions.categories, captions.captions.texts, drafts, strict=True)
    for category, text, draft in rows:
        left = {claim.kind for claim in unsaid(text, draft.brief)} - stated_labels(text).keys()
        for claim in draft.brief.claims:
            if claim.kind in ALTERNATIVES:
                more = 1 if claim.kind in left else -1
                counts[category, claim.kind, claim.value] += more
                counts[category, claim.kind, _ANY] += more
    return {
        key
        for key in counts
        if key[2] != _ANY and max(counts[key], counts[*key[:2], _ANY]) >= LEAST_UNSAID
    }


def conditioned(
    captions: CaptionSet, drafts: Sequence[Description], unsaid_labels: Unsaid, *, turn: int = 0
) -> CaptionSet:
    """The captions as they are learned: names as placeholders, under the facts that they state.

    Args:
        drafts: what the describer says of each photo.
        unsaid_labels: as `mostly_unsaid` gives them.
        turn: how often the captions were taken before; see `_orders`.
    """
    texts: list[str] = []
    facts: list[str | None] = []
    rows = zip(captions.categories, captions.captions.texts, drafts, strict=True)
    for row, (category, text, draft) in enumerate(rows):
        told = {(kind, label) for one, kind, label in unsaid_labels if one == category}
        brief = stated_brief(text, draft.brief, told)
        orders = _orders(text, brief, captions.seeds[row] or captions.photo_hashes[row])
        names = replace(draft.brief.free_facts(), further=brief.free_facts().further)
        texts.append(with_placeholders(text, names))
        facts.append(facts_of_brief(brief, orders[(row + turn) % len(orders)]) or None)
    return replace(captions, captions=replace(captions.captions, texts=texts, facts=facts))


def _orders(text: str, brief: Brief, seed: str) -> list[int | None]:
    """The orders of words that have to give `text`.

    A text in one of the writer's orders is what that order asks for. One in people's own words is
    right under the order that its draft was asked for, and where none is asked for.
    """
    if brief.labels().product_type in PRODUCT_TYPES:
        labels, free = brief.labels(), brief.free_facts()
        own = [order for order in range(STYLE_COUNT) if paraphrase(labels, order, free) == text]
        if own:
            return [None, 0] if 0 in own else [order_of(seed) if order_of(seed) in own else own[0]]
    return [order_of(seed), None]


def exchanged(captions: CaptionSet, *, turn: int, everywhere: bool) -> CaptionSet:
    """Captions of items that nobody described: labels exchanged in texts and facts alike.

    A few captions name a few colours and types; without these a model forgets the words for all
    others, and learns the style for those few alone.

    Args:
        captions: as `conditioned` gives them.
        turn: another one exchanges other labels.
        everywhere: exchange types for all others, not only for those of the caption's category.
    """
    chance = random.Random(turn)
    frames = [Frame.of(text) for text in captions.captions.texts]
    names = Names.of(frames)
    types: dict[str, set[str]] = {}
    for category, frame in zip(captions.categories, frames, strict=True):
        types.setdefault(category, set()).add(frame.labels.get("product_type", ""))
    texts: list[str] = []
    facts: list[str | None] = []
    rows = zip(captions.categories, frames, captions.captions.facts or [], strict=True)
    for category, frame, told in rows:
        others = {kind: frame.others(kind) for kind in frame.mentions}
        if "product_type" in others:
            others["product_type"] = [
                label
                for label in others["product_type"]
                if everywhere or label in types[category]
                if not _implies_usage(label, frame.labels["product_type"])
            ]
        labels = {
            kind: chance.choice(possible)
            for kind, possible in others.items()
            if possible and chance.random() < EXCHANGED_SHARE
        }
        text = frame.with_labels(labels, names)
        texts.append(frame.text if text is None else text)
        facts.append(told if text is None else _with_labels(told or "", labels))
    return replace(captions, captions=replace(captions.captions, texts=texts, facts=facts))


def _implies_usage(*types: str) -> bool:
    return any(PRODUCT_TYPES[label].states_usage for label in types)


def _with_labels(facts: str, labels: Mapping[str, str]) -> str:
    """The facts with other labels, of kinds that they tell."""
    claims = [Claim(kind, label, "catalog", 1.0) for kind, label in labels.items()]
    told = dict(Brief((claim,)).facts_text().split(": ") for claim in claims)
    pairs = [fact.split(": ") for fact in facts.split("; ")]
    return "; ".join(f"{name}: {told.get(name, value)}" for name, value in pairs)
