"""A brief from what the catalog knows and what the photo's heads saw."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from moda_engine.brief.claims import KINDS, Brief, Claim, Probabilities, Seen, agree
from moda_engine.language.vocabulary import ALTERNATIVES, DETAILS, details_of_type

#: A photo disagrees with the catalog if it suggests another label with at least this probability.
DISAGREES_FROM = 0.5
_NO_REASON = ""
NOT_RECOGNISED = "The photo shows no fashion item that the model knows."


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
    the type cannot have are left out.

    Args:
        known: one claim a kind, as `known_claims` gives them.
        seen: calibrated; labels that the vocabulary lacks say nothing.
        thresholds: of a kind, from 0 to 1; a kind without one is said from 0.
        min_probability: replaces all thresholds; 0 says everything.
        recognised: whether the photo shows a fashion item. Where not, nothing seen is claimed.
    """
    likeliest = {kind: best for kind in seen if (best := _likeliest(kind, seen[kind]))}
    usable = likeliest if recognised else {}
    claims = {
        claim.kind: _beside(claim, usable.get(claim.kind)) for claim in _possible_of_known(known)
    }
    for kind, (label, probability) in usable.items():
        threshold = thresholds.get(kind, 0.0) if min_probability is None else min_probability
        if kind not in claims and probability >= threshold:
            claims[kind] = Claim(kind, label, "photo", probability)
    product_type = claims["product_type"].value if "product_type" in claims else None
    possible = details_of_type(product_type)
    said = [
        claims[kind]
        for kind in KINDS
        if kind in claims
        and (kind not in DETAILS or kind in possible or claims[kind].source == "catalog")
    ]
    reason = _NO_REASON if recognised else NOT_RECOGNISED
    return Brief(tuple(said), recognised, reason, seen)


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
