"""The shop's own words in texts: a fit that a title names, and names that people changed."""

import re
from collections.abc import Mapping, Sequence
from difflib import SequenceMatcher
from typing import Any

from moda_engine.brief.conditioning import (
    ALL_PLACEHOLDERS,
    with_placeholders,
    without_placeholders,
)
from moda_engine.brief.plain_text import brand_places, is_fact
from moda_engine.language.labels import FreeFacts

_CUT = (
    r"(super skinny|extra slim|slim|skinny|regular|loose|relaxed|comfort|straight|tapered|classic|"
    r"tailored|athletic|oversized|boxy|custom|modern|standard|muscle|boyfriend|bootcut|narrow)"
)
#: "A perfect fit" names none.
_FIT = re.compile(rf"\b{_CUT}[\s-]+fit(s|ted|ting)?\b", re.IGNORECASE)
#: Without "fit", where it can be of nothing else: "slim belt", "relaxed sandals".
_CUT_ALONE = re.compile(r"\b(super skinny|skinny|slim|relaxed)\b", re.IGNORECASE)
_CUT_ALONE_OF = frozenset(
    {"Jeans", "Trousers", "Track Pants", "Lounge Pants", "Capris", "Shorts", "Leggings"}
)
_NOT_OF_A_CUT = re.compile(r"\b(belt|crew|neck|strap|tie|fold)\b", re.IGNORECASE)
#: Words, and what stands between them.
_TOKEN = re.compile(r"\w+|\W")
_SENTENCE_MARK = re.compile(r"[.!?;:\n]")
_LONGEST_NAME = 60


def fit_in(text: str, product_type: str | None = None) -> str | None:
    """The fit that `text` names, as "Slim Fit"; `None` for none, or for two.

    Args:
        product_type: of the item. "Skinny jeans" have one, a "skinny belt" has none.
    """
    found = {" ".join(one[1].title().split()) for one in _FIT.finditer(text)}
    if not found and product_type in _CUT_ALONE_OF and not _NOT_OF_A_CUT.search(text):
        found = {one[1].title() for one in _CUT_ALONE.finditer(text)}
    return f"{found.pop()} Fit" if len(found) == 1 else None


def renamed(before: str, now: str, name: str) -> str | None:
    """What an edit put in the place of `name`; `None` where the name stands, or just went."""
    places = brand_places(before, name)
    if not places or brand_places(now, name):
        return None
    former, latter = (_TOKEN.findall(text) for text in (before, now))
    starts = [sum(map(len, former[:number])) for number in range(len(former) + 1)]
    start, end = (starts.index(place) for place in places[0])
    blocks = SequenceMatcher(None, former, latter, autojunk=False).get_opcodes()
    first, last = _place_in(blocks, start, at_end=False), _place_in(blocks, end, at_end=True)
    if first is None or last is None:
        return None
    new = "".join(latter[first:last]).strip()
    is_name = is_fact(new) and len(new) <= _LONGEST_NAME and not _SENTENCE_MARK.search(new)
    return new if is_name else None


def _place_in(
    blocks: Sequence[tuple[str, int, int, int, int]], place: int, *, at_end: bool
) -> int | None:
    """Where a token's place is in the new text; `None` inside of what was exchanged."""
    for kind, start, end, new_start, new_end in blocks:
        if kind == "equal" and start <= place <= end:
            if (at_end and place > start) or (not at_end and place < end):
                return new_start + place - start
        elif place == (end if at_end else start) and start < end:
            return new_end if at_end else new_start
    return None


def with_names(text: str, names: Mapping[str, tuple[str, str]]) -> str | None:
    """`text` with other names, articles and capitals set right.

    `None` where a placeholder stands in the text as a word.

    Args:
        names: kind → the old name and the new one.
    """
    if set(_TOKEN.findall(text)) & set(ALL_PLACEHOLDERS):
        return None
    old: dict[str, Any] = {kind: pair[0] for kind, pair in names.items()}
    new: dict[str, Any] = {kind: pair[1] for kind, pair in names.items()}
    return without_placeholders(with_placeholders(text, FreeFacts(**old)), FreeFacts(**new))
