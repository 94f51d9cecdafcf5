"""The briefs of encoded photos: what is known of each, and what the checkpoint's heads see."""

from collections.abc import Iterable, Mapping, Sequence

from torch import Tensor

from moda_engine.brief.claims import Brief, Claim, Probabilities
from moda_engine.brief.known import known_claims
from moda_engine.brief.make import DISAGREES_FROM, brief_of
from moda_engine.brief.product import KnownProduct
from moda_engine.describing.description import DescribeOptions
from moda_engine.heads import LabelHeads
from moda_engine.language.further import FURTHER
from moda_engine.title_words import titled

#: Photos encoded in other company give probabilities that differ in their last digits. A choice
#: that hangs on less than this is made of the photo encoded alone.
NEAR = 1e-4


class BriefMaker:
    """Makes briefs with the heads of one checkpoint; without heads nothing is seen."""

    def __init__(self, heads: LabelHeads | None) -> None:
        self._heads = heads

    def make(
        self,
        features: Tensor,
        products: Sequence[KnownProduct],
        options: DescribeOptions,
    ) -> list[tuple[Brief, bool]]:
        """The brief of each photo, and whether rounding may have decided what it claims.

        Args:
            features: (photos, feature_size).
            products: what is known of each.
            options: whether heads are asked, and from which probability on what they see is said.
        """
        known = [known_claims(product) for product in products]
        heads = self._heads if options.heads else None
        min_probability = options.min_probability
        if heads is None:
            return [(brief_of(claims, {}, {}), False) for claims in known]
        titles = list(map(titled, products))
        seen = heads.seen(features, [_labels(claims) for claims in known], titles)
        recognised = heads.recognised(features)
        return [
            (
                brief_of(
                    claims,
                    probabilities,
                    heads.thresholds,
                    min_probability=min_probability,
                    recognised=share >= heads.recognised_from,
                ),
                abs(share - heads.recognised_from) < NEAR
                or _is_near(probabilities, heads.thresholds, min_probability),
            )
            for claims, probabilities, share in zip(known, seen, recognised, strict=True)
        ]


def _labels(claims: Iterable[Claim]) -> dict[str, str]:
    return {claim.kind: claim.value for claim in claims}


def _is_near(
    seen: Probabilities, thresholds: Mapping[str, float], min_probability: float | None
) -> bool:
    """Whether a likeliest label is all but as likely as the next, or as its threshold."""
    for kind, labels in seen.items():
        best, *others = sorted(labels.values(), reverse=True)[:2]
        usual = min_probability is None or kind in FURTHER
        threshold = thresholds.get(kind, 0.0) if usual else min_probability or 0.0
        bounds = [*others, threshold, DISAGREES_FROM]
        if any(abs(best - bound) < NEAR for bound in bounds):
            return True
    return False
