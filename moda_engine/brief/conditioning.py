"""What the language model is conditioned on, and what of it a caption teaches.

The sequence is `[visual token][facts][text]`; `facts_of_brief` gives the facts, to write and to
learn alike. Names never pass through weights: a placeholder stands for each in facts and text, and
the name takes its place in what was written.
"""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from zlib import crc32

from moda_engine.brief.claims import FREE_KINDS, Brief, Claim
from moda_engine.brief.plain_text import brand_places, name_places, without_brand
from moda_engine.language.further import FURTHER, stated_by
from moda_engine.language.labels import FreeFacts, stated_labels
from moda_engine.language.reading import mentions
from moda_engine.language.writing import STYLE_COUNT

#: Words that stand for the shop's own; single tokens of the starter and of OPT. The reader reads no
#: label in them.
PLACEHOLDERS = {"brand": "Brand", "fabric": "Material", "fit": "Fitting"}
#: The same for further details, in their order: a text says no more of them. Single tokens too,
#: and words that no text says of an item.
FURTHER_PLACEHOLDERS = ("Owner", "Warranty", "Manufacturer")
ALL_PLACEHOLDERS = (*PLACEHOLDERS.values(), *FURTHER_PLACEHOLDERS)
_PLACEHOLDER = re.compile(rf"\b({'|'.join(ALL_PLACEHOLDERS)})\b")
#: The placeholder with the article before it, which depends on the name.
_WITH_ARTICLE = re.compile(rf"(?:\b([Aa])n? )?{_PLACEHOLDER.pattern}")
_SENTENCE_END = re.compile(r"(?:^|[.!?]\s+)\Z")


def order_of(seed: str) -> int | None:
    """Which of the writer's ten orders the texts of a product take; `None` without a seed."""
    return crc32(seed.encode("utf-8", "surrogatepass")) % STYLE_COUNT if seed else None


def facts_of_brief(brief: Brief, order: int | None = None) -> str:
    """The facts for the model: "type: T-shirt; brand: Brand; details: Owner, Warranty; order: 4".

    A plain design that only the photo shows is no fact: nobody calls a plain shirt plain. Nor is
    what a further detail states as well: "horizontal stripes" are said instead of "striped".

    Args:
        order: of the words; `None` is the plain order.
    """
    further = brief.free_facts().further
    told = replace(brief, claims=tuple(_told(brief.claims, stated_by(further))))
    facts = [told.facts_text()] if told.claims else []
    facts += [f"details: {', '.join(FURTHER_PLACEHOLDERS[: len(further)])}"] if further else []
    return "; ".join([*facts, *([] if order is None else [f"order: {order}"])])


def _told(claims: Iterable[Claim], stated: Mapping[str, str]) -> Iterable[Claim]:
    for claim in claims:
        if claim.kind in FURTHER or stated.get(claim.kind) == claim.value:
            continue
        if claim.kind in PLACEHOLDERS:
            yield replace(claim, value=PLACEHOLDERS[claim.kind])
        elif (claim.kind, claim.value, claim.source) != ("pattern", "Solid", "photo"):
            yield claim


def stated_brief(text: str, brief: Brief, told_anyway: Collection[tuple[str, str]] = ()) -> Brief:
    """What `brief` would be if it held just the claims that `text` states.

    So a caption learned under these facts teaches neither to contradict a brief nor to leave
    anything out. Where people changed a claim, theirs is told.

    Args:
        told_anyway: (kind, label) that stay where the text states no label of the kind: the shop
            has a word of its own for it, or never says it.
    """
    free = brief.free_facts()
    stated = stated_labels(without_brand(text, free.brand or ""))
    claims = {kind: Claim(kind, label, "catalog", 1.0) for kind, label in stated.items() if label}
    for claim in brief.claims:
        name = getattr(free, claim.kind, None) if claim.kind in FREE_KINDS else None
        says_name = name is not None and brand_places(text, name)
        kept = (claim.kind, claim.value) in told_anyway and claim.kind not in stated
        if says_name or kept:
            claims[claim.kind] = claim
    return replace(brief, claims=tuple(claims.values()))


def with_placeholders(text: str, names: FreeFacts) -> str:
    """`text` with placeholders instead of the names that it states."""
    # A word that looks like a placeholder and is none would be filled in later.
    text = _PLACEHOLDER.sub(lambda found: found[0].lower(), text)
    for placeholder, name in _named(names).items():
        if placeholder in FURTHER_PLACEHOLDERS:
            for start, end in reversed(_places_of_detail(text, name)):
                text = f"{_without_article(text[:start])}{placeholder}{text[end:]}"
            continue
        for start, end in reversed(_places(text, name)):
            text = f"{_with_plain_article(text[:start])}{placeholder}{text[end:]}"
    return text


def without_placeholders(text: str, names: FreeFacts) -> str:
    """`text` with the names in their places; a placeholder that has no name stays."""
    named = _named(names)

    def filled(found: re.Match[str]) -> str:
        article, placeholder = found.groups()
        name = named.get(placeholder)
        if not name:
            return found.group()
        if article and placeholder in FURTHER_PLACEHOLDERS:  # it brings its own
            return name[0].upper() + name[1:] if article == "A" else name
        if article:
            return f"{article}{'n' if name[0].lower() in 'aeiou' else ''} {name}"
        begins = _SENTENCE_END.search(text, 0, found.start())
        return name[0].upper() + name[1:] if begins else name

    return _WITH_ARTICLE.sub(filled, text)


def _named(names: FreeFacts) -> dict[str, str]:
    """Placeholder → the name that it stands for."""
    given = {placeholder: getattr(names, kind) for kind, placeholder in PLACEHOLDERS.items()}
    given |= dict(zip(FURTHER_PLACEHOLDERS, names.further, strict=False))
    return {placeholder: name for placeholder, name in given.items() if name}


def unfilled(text: str) -> bool:
    """Whether a placeholder is left in `text`: it had no name."""
    return _PLACEHOLDER.search(text) is not None


def _places(text: str, name: str) -> list[tuple[int, int]]:
    """Where the name stands; of a name that is a word of ours only where it is meant as a name."""
    return brand_places(text, name) if stated_labels(name) else name_places(text, name)


def _places_of_detail(text: str, words: str) -> list[tuple[int, int]]:
    """Where a further detail stands, in the writer's words or in people's."""
    kind = next(one.kind for one in FURTHER.values() if one.words == words)
    return [(one.start, one.end) for one in mentions(text) if one.kind == kind]


def _without_article(before: str) -> str:
    return re.sub(r"\b[Aa]n? \Z", "", before)


def _with_plain_article(before: str) -> str:
    """An article at the end of `before` as it stands before a placeholder: "an" becomes "a"."""
    return re.sub(r"\b([Aa])n \Z", r"\1 ", before)
