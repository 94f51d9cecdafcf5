"""What the copywriter learns: for each text of a page, the brief, and a text that says just that.

A brief is that of a photo's record, or one with claims withheld and others added, so that a text
follows from its brief and from nothing else. The writer's texts teach what is said. Merchandisers'
sentences teach rhythm: of their prose those stay that the guard lets stand beside the brief.
"""

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from moda_engine.brief.claims import Brief, Claim
from moda_engine.brief.conditioning import with_placeholders
from moda_engine.brief.known import known_claims
from moda_engine.brief.make import brief_of
from moda_engine.brief.plain_text import plain_text
from moda_engine.brief.product import KnownProduct
from moda_engine.copywriting.guard import Guard
from moda_engine.copywriting.pages import page_texts
from moda_engine.copywriting.slots import SLOTS, Slot, sentences
from moda_engine.describing.candidates import slot_facts
from moda_engine.language.vocabulary import ALTERNATIVES, PRODUCT_TYPES, kinds_seen_of_type
from moda_engine.parts.copywriter import SLOTS as LEARNED

#: Of the claims of a record, so many are withheld at most; of all lessons, so many have others.
MOST_WITHHELD = 0.6
CONTRARY_SHARE = 0.3
#: Of the lessons on the paragraph, so many end with a sentence of prose, where there is one.
PROSE_SHARE = 0.5
#: Words of a sentence of prose.
_SHORTEST, _LONGEST = 4, 22
_PROSE = Slot("prose", "a sentence")


@dataclass(frozen=True)
class CopyLesson:
    """A text, and the facts that it is conditioned on; `row` is the photo's, if it has one."""

    text: str
    facts: str
    row: int | None = None


def record_brief(record: Mapping[str, Any]) -> Brief:
    """What the record's fields say, its prose apart."""
    told = {name: value for name, value in record.items() if name != "description"}
    return brief_of(known_claims(KnownProduct.of(told)), {}, {})


def grounded_sentences(record: Mapping[str, Any], brief: Brief, guard: Guard) -> list[str]:
    """The sentences of the record's prose of which every word is accounted for by its brief.

    Wash care, prices, sizes and boasts are no words of a brief, so their sentences fall away.
    """
    prose = record.get("description")
    found = sentences(plain_text(prose)) if isinstance(prose, str) else []
    return [
        one
        for one in found
        if _SHORTEST <= len(one.split()) <= _LONGEST and not guard.reasons(one, _PROSE, brief)
    ]


def lessons_of(
    records: Sequence[Mapping[str, Any]], count: int, seed: int, rows: Sequence[int | None]
) -> Iterator[CopyLesson]:
    """`count` lessons on records drawn with the seed; those without a named type are left out.

    Args:
        rows: of each record's photo among the features; `None` where it has none.
    """
    chance = random.Random(seed)
    guard = Guard()
    while count:
        place = chance.randrange(len(records))
        whole = record_brief(records[place])
        if whole.labels().product_type not in PRODUCT_TYPES:
            continue
        prose = grounded_sentences(records[place], whole, guard)
        brief = _varied(whole, chance)
        for slot in chance.sample(LEARNED, 2):
            text = page_texts(brief, (slot,), f"{seed}-{chance.random()}")[slot]
            if slot == "detailed" and prose and chance.random() < PROSE_SHARE:
                longer = f"{text} {chance.choice(prose)}"
                text = text if guard.reasons(longer, SLOTS[slot], brief) else longer
            facts = slot_facts(brief, slot)
            yield CopyLesson(with_placeholders(text, brief.free_facts()), facts, rows[place])
            count -= 1
            if not count:
                return


def _varied(whole: Brief, chance: random.Random) -> Brief:
    """The brief with some claims withheld, and sometimes with others against the record."""
    told = chance.uniform(1 - MOST_WITHHELD, 1)
    kept = [
        claim for claim in whole.claims if claim.kind == "product_type" or chance.random() < told
    ]
    if chance.random() < CONTRARY_SHARE:
        kept = [_other(claim, chance) for claim in kept]
    return Brief(tuple(kept))


def _other(claim: Claim, chance: random.Random) -> Claim:
    """A claim of the kind with any label; types and names stay, as others depend on them."""
    labels = ALTERNATIVES.get(claim.kind)
    if labels is None or claim.kind == "product_type" or claim.kind not in kinds_seen_of_type(None):
        return claim
    return Claim(claim.kind, chance.choice(labels), claim.source, claim.probability, claim.field)
