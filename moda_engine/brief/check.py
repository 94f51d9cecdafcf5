"""A text held against its brief: each thing that it states, where, and whether that is known."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import Literal

from moda_engine.brief.claims import FREE_KINDS, Brief, Claim, Source
from moda_engine.brief.plain_text import brand_places, name_places, without_brand
from moda_engine.language.further import FURTHER
from moda_engine.language.labels import FreeFacts
from moda_engine.language.reading import Mention, mentions, read, wearers
from moda_engine.language.vocabulary import DETAILS

Verdict = Literal["known", "seen", "contradicted", "unsupported"]
#: Reviewers see a claim underlined that is less likely than this. Of the starter's words by photo
#: alone .41 to .44 of the marked ones are wrong, and .48 to .51 of the wrong ones are marked. A
#: bound of 0.5 gives .45 to .61, and .09.
DOUBTFUL_BELOW = 0.75


@dataclass(frozen=True)
class TextClaim:
    """What `text[start:end]` states of the item.

    - `known`: the catalog says so. Whether the photo bears it out is in the brief's claim.
    - `seen`: the photo shows it.
    - `contradicted`: the brief says another thing of this kind; `source` is the brief's.
    - `unsupported`: the brief is silent.
    """

    text: str
    start: int
    end: int
    kind: str
    value: str
    source: Source
    #: That it is so: 1 where the catalog says it, 0 where the catalog says another thing.
    probability: float
    verdict: Verdict
    #: The brief's claim of this kind.
    claim: Claim | None = None

    @property
    def is_not_borne_out(self) -> bool:
        """Whether the catalog says so, and the photo suggests another thing."""
        return self.verdict == "known" and self.claim is not None and self.claim.seen is not None


def claims_of(text: str, brief: Brief) -> list[TextClaim]:
    """The claims that `text` makes, in order. Never raises."""
    found = [*_labels_in(text, brief), *_free_values_in(text, brief)]
    return sorted(found, key=lambda claim: (claim.start, claim.end))


def is_doubtful(claim: TextClaim, brief: Brief) -> bool:
    """Whether the catalog says another thing, or the photo hardly shows this.

    Where no photo was read, nothing speaks against what the catalog does not know. Nor does
    anything against a further detail: what is not seen of them may be there.
    """
    if claim.verdict == "unsupported" and (not brief.probabilities or claim.kind in FURTHER):
        return False
    return claim.probability < DOUBTFUL_BELOW


def ends_a_list_without_and(text: str, claims: Sequence[TextClaim]) -> bool:
    """Whether the details of a sentence end as in "with long sleeves, a hood."."""
    details = [claim for claim in claims if claim.kind in DETAILS or claim.kind in FURTHER]
    return any(
        text[one.end : other.start].strip() == "," and text[other.end : other.end + 1] in ("", ".")
        for one, other in pairwise(details)
    )


def unsaid(text: str, brief: Brief) -> list[Claim]:
    """The claims of the brief that `text` does not state; sizes are never stated."""
    own = own_mentions(text, brief)
    stated = read(_masked(without_brand(text, _brand(brief)), own))
    said: dict[str, frozenset[str]] = {
        "product_type": stated.product_types,
        "colour": stated.colours,
        "gender": stated.genders,
        "usage": stated.usages,
        "pattern": stated.patterns,
    }
    for kind in DETAILS:
        said[kind] = frozenset(label for detail, label in stated.details if detail == kind)
    said |= {kind: frozenset({label}) for kind, label in stated.further}
    for mention in own:
        said[mention.kind] = said.get(mention.kind, frozenset()) | {mention.label}
    return [claim for claim in brief.claims if not _is_said(claim, text, said, brief.free_facts())]


def own_mentions(text: str, brief: Brief) -> list[Mention]:
    """Where `text` says what the brief's own words state, in order; names are no words."""
    names = brand_places(text, _brand(brief)) if _brand(brief) else []
    found = [
        Mention(kind, label, start, end)
        for word, (kind, label) in brief.words.items()
        for start, end in name_places(text, word)
        if not any(first < end and start < last for first, last in names)
    ]
    return sorted(found, key=lambda one: one.start)


def _masked(text: str, own: list[Mention]) -> str:
    """`text` with the shop's own words as letters of no meaning: places stay."""
    for one in own:
        text = f"{text[: one.start]}{'x' * (one.end - one.start)}{text[one.end :]}"
    return text


def _is_said(claim: Claim, text: str, said: dict[str, frozenset[str]], free: FreeFacts) -> bool:
    if claim.kind in FREE_KINDS:
        value = getattr(free, claim.kind, None)
        return value is None or bool(brand_places(text, value))
    if (claim.kind, claim.value) == ("pattern", "Solid") and not free.plain:
        return True  # nobody calls a plain shirt plain
    return _parts(claim.kind, claim.value) <= said.get(claim.kind, frozenset())


def _parts(kind: str, value: str) -> frozenset[str]:
    return frozenset(value.split("/") if kind == "colour" else [value])


def _brand(brief: Brief) -> str:
    return brief.free_facts().brand or ""


def _labels_in(text: str, brief: Brief) -> Iterator[TextClaim]:
    own = own_mentions(text, brief)
    found = [*mentions(_masked(without_brand(text, _brand(brief)), own)), *own]
    found.sort(key=lambda mention: mention.start)
    for kind, group in groupby(found, key=lambda mention: mention.kind):
        same = list(group)
        if kind == "gender" and len(same) > 1:  # "for men and women" is one claim
            same = [_together(same)] if len(wearers(_of(same))) == 1 else same
        yield from (_held_against(text, mention, brief) for mention in same)


def _of(same: list[Mention]) -> frozenset[str]:
    return frozenset(mention.label for mention in same)


def _together(same: list[Mention]) -> Mention:
    return Mention("gender", next(iter(wearers(_of(same)))), same[0].start, same[-1].end)


def _held_against(text: str, mention: Mention, brief: Brief) -> TextClaim:
    claim = brief.claim(mention.kind)
    verdict, source, probability = _judged(mention, claim, brief)
    return TextClaim(
        text[mention.start : mention.end],
        mention.start,
        mention.end,
        mention.kind,
        mention.label,
        source,
        probability,
        verdict,
        claim,
    )


def _judged(mention: Mention, claim: Claim | None, brief: Brief) -> tuple[Verdict, Source, float]:
    seen = brief.probabilities.get(mention.kind, {}).get(mention.label, 0.0)
    if claim is None:
        return "unsupported", "photo", seen
    if mention.label in _parts(claim.kind, claim.value):
        return "known" if claim.source == "catalog" else "seen", claim.source, claim.probability
    return "contradicted", claim.source, 0.0 if claim.source == "catalog" else seen


def _free_values_in(text: str, brief: Brief) -> Iterator[TextClaim]:
    """Brand, fabric and fit, where the text says what the catalog does."""
    free = brief.free_facts()
    for claim in brief.claims:
        value = getattr(free, claim.kind, None) if claim.kind in FREE_KINDS else None
        for start, end in brand_places(text, value) if value else ():
            yield TextClaim(
                text[start:end],
                start,
                end,
                claim.kind,
                claim.value,
                claim.source,
                claim.probability,
                "known" if claim.source == "catalog" else "seen",
                claim,
            )
