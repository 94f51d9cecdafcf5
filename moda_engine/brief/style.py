"""A shop's own words, found in what people change in drafts, and put into what is written.

A preference is a phrase that drafts use and the words that people put in its place, always the
same: "trainers" for "sports shoes". No word in its place says that the shop never states it.
Corrections are no preferences: black for navy blue is another claim.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from math import comb

from moda_engine.brief.claims import Brief
from moda_engine.brief.plain_text import brand_places, without_brand
from moda_engine.language.labels import stated_labels
from moda_engine.language.lexicon import Token, tokens
from moda_engine.language.reading import Mention, mentions

#: Words of the writer → the shop's; "" leaves the claim out.
Style = Mapping[str, str]
#: Words that go with a claim that is left out.
_JOINING = frozenset({"with", "a", "an", "and", "the", "in", "for", "has", "have", "of", ","})
LONGEST_WANTED = 4
#: A preference holds in more than this share of cases, at a confidence of 90 per cent, and people
#: follow it in at least `LEAST_SHARE` of those seen, and as often as `LEAST_CHANGED`.
HOLDS_FROM = 0.5
BY_CHANCE = 0.1
LEAST_SHARE = 0.75
LEAST_CHANGED = 5
_ARTICLE = re.compile(r"^an? ")


@dataclass(frozen=True)
class Preference:
    """What people say instead of `said`; `changed` of the `seen` drafts that they judged."""

    said: str
    #: Empty where they leave it out.
    wanted: str
    changed: int
    seen: int
    #: Places in the given edits that show it.
    rows: tuple[int, ...]


def preferences(edits: Iterable[tuple[str, str, str]]) -> list[Preference]:
    """The preferences in (draft, approved text, brand), the best supported first.

    A draft that was approved as it is counts against a preference for other words.
    """
    seen: Counter[str] = Counter()
    shown: dict[tuple[str, str], list[int]] = {}
    for row, (draft, approved, brand) in enumerate(edits):
        for said, wanted in dict(_judged(draft, approved, brand)).items():
            seen[said] += 1
            if wanted != said:
                shown.setdefault((said, wanted), []).append(row)
    found = [
        Preference(said, wanted, len(rows), seen[said], tuple(rows))
        for (said, wanted), rows in shown.items()
        if _holds(len(rows), seen[said])
    ]
    return sorted(found, key=lambda one: (-one.changed, one.said))


def styled(text: str, style: Style, brand: str = "") -> str:
    """`text` in the shop's words; names stay, articles and capitals follow."""
    words = {said: wanted for said, wanted in style.items() if wanted}
    if not words:
        return text
    spelt = sorted(words, key=len, reverse=True)
    pattern = re.compile(rf"(?i)(\ban? )?(?<!\w)({'|'.join(map(re.escape, spelt))})(?!\w)")
    names = brand_places(text, brand) if brand else []

    def own(found: re.Match[str]) -> str:
        article, said = found.groups()
        if any(start < found.end(2) and found.start(2) < end for start, end in names):
            return found.group()
        wanted = words[said.lower()]
        if article:
            return f"{article[0]}{'n' if wanted[0].lower() in 'aeiou' else ''} {wanted}"
        return wanted[0].upper() + wanted[1:] if said[0].isupper() else wanted

    return pattern.sub(own, text)


def without_left_out(brief: Brief, style: Style) -> Brief:
    """The brief without the claims that the shop never states."""
    left = {one for said, wanted in style.items() if not wanted for one in _labels(said)}
    kept = tuple(claim for claim in brief.claims if (claim.kind, claim.value) not in left)
    return brief if len(kept) == len(brief.claims) else replace(brief, claims=kept)


def taught_words(style: Style) -> dict[str, tuple[str, str]]:
    """The shop's words that the reader does not know by itself, and the (kind, label) of each."""
    found = {}
    for said, wanted in style.items():
        labels = _labels(said)
        if wanted and len(labels) == 1 and labels[0] not in _labels(wanted):
            found[wanted] = labels[0]
    return found


def _labels(phrase: str) -> list[tuple[str, str]]:
    return [(one.kind, one.label) for one in mentions(phrase)]


def _holds(changed: int, seen: int) -> bool:
    """Whether people would do so in more than half of all cases: the exact binomial bound."""
    if changed < max(LEAST_CHANGED, LEAST_SHARE * seen):
        return False
    by_chance = sum(comb(seen, count) for count in range(changed, seen + 1)) * HOLDS_FROM**seen
    return by_chance <= BY_CHANCE


def _judged(draft: str, approved: str, brand: str) -> Iterator[tuple[str, str]]:
    """(said, wanted) of each phrase of the draft that people kept, replaced or left out in place.

    What was written anew around it tells nothing.
    """
    masked = without_brand(draft, brand) if brand else draft
    old, new = list(tokens(masked)), list(tokens(approved))
    places = _places(old, new)
    stated = stated_labels(without_brand(approved, brand) if brand else approved)
    for mention in mentions(masked):
        inside = [row for row, one in enumerate(old) if mention.start <= one.start < mention.end]
        said = _ARTICLE.sub("", " ".join(draft[mention.start : mention.end].lower().split()))
        first, last = inside[0], inside[-1]
        before = places.get(first - 1) if first else -1
        after = places.get(last + 1) if last + 1 < len(old) else len(new)
        if before is not None and after is not None and before < after:
            wanted = _words(approved, new[before + 1 : after])
            if wanted and _says_the_same(mention, wanted):
                yield said, _ARTICLE.sub("", wanted)
            continue
        left_out = mention.kind not in (*stated, "product_type")
        if left_out and _is_left_out(mention, old, places, masked):
            yield said, ""


def _says_the_same(mention: Mention, wanted: str) -> bool:
    """Whether `wanted` states no other label of the kind, and nothing of another."""
    if len(wanted.split()) > LONGEST_WANTED or not re.fullmatch(r"[^\W\d_][\w' -]*", wanted):
        return False
    return set(_labels(wanted)) <= {(mention.kind, mention.label)}


def _is_left_out(
    mention: Mention, old: Sequence[Token], places: Mapping[int, int], draft: str
) -> bool:
    """Whether the mention went, with nothing beside it but the words that joined it."""
    inside = {
        row
        for row, one in enumerate(old)
        if mention.start <= one.start < mention.end and one.text not in _JOINING
    }
    gone = {row for row in range(len(old)) if row not in places}
    if not inside <= gone:
        return False
    others = [one for one in mentions(draft) if one is not mention and one != mention]
    rows = {
        row
        for row, token in enumerate(old)
        if token.text not in _JOINING and any(one.start <= token.start < one.end for one in others)
    }
    return not rows & gone and all(old[row].text in _JOINING for row in gone - inside)


def _places(old: Sequence[Token], new: Sequence[Token]) -> dict[int, int]:
    """Token of the draft → where it stands in the approved text."""
    matcher = SequenceMatcher(
        None, [_spelt(one) for one in old], [_spelt(one) for one in new], autojunk=False
    )
    return {
        block.a + step: block.b + step
        for block in matcher.get_matching_blocks()
        for step in range(block.size)
    }


def _spelt(token: Token) -> str:
    """An article is the same before another sound."""
    return "a" if token.text == "an" else token.text


def _words(text: str, found: Sequence[Token]) -> str:
    return " ".join(text[found[0].start : found[-1].end].lower().split()) if found else ""
