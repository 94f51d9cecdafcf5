"""A brief from what the catalog knows and what the photo's heads saw."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from moda_engine.brief.another_item import another_item
from moda_engine.brief.claims import KINDS, Brief, Claim, Probabilities, Seen, agree
from moda_engine.language.further import FURTHER, MOST_SAID, further_of_type
from moda_engine.language.vocabulary import (
    ALTERNATIVES,
    DETAILS,
    details_of_type,
    kinds_seen_of_type,
)

#: A photo disagrees with the catalog if it suggests another label with at least this probability.
DISAGREES_FROM = 0.5
_NO_REASON = ""
NOT_RECOGNISED = "The photo shows no fashion item that the model knows."
UNNAMED = "The model cannot tell what kind of item the photo shows."


def brief_of(
    known: Iterable[Claim],
    seen: Probabilities,
    thresholds: Mapping[str, float],
    *,
    min_probability: float | None = None,
    recognised: bool = True,
) -> Brief:
    """What the texts of an item may say.

    A known claim stands in for what was seen, and keeps it where the two disagree. Of the rest the
    likeliest label of a kind is a claim if it reaches the kind's threshold. Details that an item of
    the type cannot have are left out, and all details of a photo that shows another item. Of
    further details the three surest are claims, known ones first, and one of a section at most.

    Args:
        known: one claim a kind, as `known_claims` gives them.
        seen: calibrated; labels that the vocabulary lacks say nothing.
        thresholds: of a kind, from 0 to 1; a kind without one is said from 0.
        min_probability: replaces all thresholds but the type's, without which there is no
            sentence, and those of further details; 0 says everything else, also where nothing is
            recognised.
        recognised: whether the photo shows a fashion item. Where not, nothing seen is claimed. Nor
            is an item recognised of which neither catalog nor photo tells the type.
    """
    likeliest = {kind: best for kind in seen if (best := _likeliest(kind, seen[kind]))}
    shown = seen if recognised or min_probability == 0 else {}
    usable = likeliest if shown else {}
    claims = {
        claim.kind: _beside(claim, usable.get(claim.kind)) for claim in _possible_of_known(known)
    }
    known_alone = Brief(tuple(claims.values()), probabilities=seen)
    if min_probability != 0 and another_item(known_alone):
        usable, shown = {}, {}  # its laces are another item's
    for kind, (label, probability) in usable.items():
        if kind not in claims and probability >= _threshold(kind, thresholds, min_probability):
            claims[kind] = Claim(kind, label, "photo", probability)
    claims = _with_further(claims, shown, thresholds)
    if recognised and likeliest and "product_type" not in claims:
        return Brief(
            _possible(claims.values()), recognised=False, reason=UNNAMED, probabilities=seen
        )
    reason = _NO_REASON if recognised else NOT_RECOGNISED
    return Brief(_possible(claims.values()), recognised, reason, seen)


def _threshold(kind: str, thresholds: Mapping[str, float], min_probability: float | None) -> float:
    if min_probability is None:
        return thresholds.get(kind, 0.0)
    return 0.0 if kind == "product_type" else min_probability


def _with_further(
    claims: Mapping[str, Claim], seen: Probabilities, thresholds: Mapping[str, float]
) -> dict[str, Claim]:
    """The claims with the surest further details; one that they contradict is none."""
    found = {kind: claim for kind, claim in claims.items() if kind not in FURTHER}
    probabilities = {
        kind: seen[kind].get(FURTHER[kind].label, 0.0) for kind in seen.keys() & FURTHER
    }
    offered = {
        kind: Claim(kind, FURTHER[kind].label, "photo", probability)
        for kind, probability in probabilities.items()
        if probability >= thresholds.get(kind, 1.0)
    } | {kind: claim for kind, claim in claims.items() if kind in FURTHER}
    product_type = found["product_type"].value if "product_type" in found else None
    values = {kind: claim.value for kind, claim in found.items()}
    sections: set[str] = set()
    for kind in sorted(
        offered.keys() & further_of_type(product_type),
        key=lambda kind: (offered[kind].source, -probabilities.get(kind, 0.0), kind),
    ):
        detail = FURTHER[kind]
        agrees = all(values.get(other) == label for other, label in detail.states.items())
        if agrees and detail.section not in sections and len(sections) < MOST_SAID:
            sections.add(detail.section)
            found[kind] = offered[kind]
    return found


def with_claims(brief: Brief, claims: Iterable[Claim]) -> Brief:
    """The brief with further claims, of kinds that it does not have."""
    added = {claim.kind: claim for claim in claims}
    return replace(brief, claims=_possible({**added, **brief.by_kind()}.values()))


def _possible(claims: Iterable[Claim]) -> tuple[Claim, ...]:
    """In order, without what no photo of an item of the type can show."""
    by_kind = {claim.kind: claim for claim in claims}
    product_type = by_kind["product_type"].value if "product_type" in by_kind else None
    possible = kinds_seen_of_type(product_type)
    return tuple(
        by_kind[kind]
        for kind in KINDS
        if kind in by_kind
        and (kind in possible or kind in FURTHER or by_kind[kind].source == "catalog")
    )


def _possible_of_known(known: Iterable[Claim]) -> list[Claim]:
    """Without details that an item of the known type cannot have: shoes have no neck."""
    claims = list(known)
    types = [claim.value for claim in claims if claim.kind == "product_type"]
    if not types:
        return claims
    possible = details_of_type(types[0])
    return [claim for claim in claims if claim.kind not in DETAILS or claim.kind in possible]


def _likeliest(kind: str, labels: Mapping[str, float]) -> tuple[str, float] | None:
    """The first of the likeliest labels that the vocabulary has, and its probability."""
    ours = [
        label
        for label in labels
        if all(
            part in ALTERNATIVES.get(kind, ())
            for part in (label.split("/") if kind == "colour" else [label])
        )
    ]
    best = max(ours, key=labels.__getitem__, default=None)
    return None if best is None else (best, labels[best])


def _beside(claim: Claim, seen: tuple[str, float] | None) -> Claim:
    if seen is None or seen[1] < DISAGREES_FROM or agree(claim.kind, claim.value, seen[0]):
        return claim
    return replace(claim, seen=Seen(*seen))
