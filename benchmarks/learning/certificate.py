"""Certified auto-approval in simulated shops whose models are over-sure and get worse."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from statistics import fmean

from benchmarks.learning.bench import Bench, Figures
from catalog.certificate import Review, audit_fails, certify

SHOPS = 1_000
ALPHA = 0.02
#: Reviews that certify, and drafts that come after.
REVIEWS, DRAFTS = 600, 2_000
AUDITED = 0.05
#: Figure → the least, or the most, that it must be.
AT_LEAST: dict[str, float] = {"approved": 0.3}
AT_MOST: dict[str, float] = {"shops_exceeded": 0.05}


@dataclass(frozen=True)
class Shop:
    """How often drafts are wrong: by confidence, whatever it is, and how that grows in time."""

    over_sure: float
    always: float
    #: The share of wrong drafts of the last draft, by that of the first.
    drift: float

    @classmethod
    def drawn(cls, chance: random.Random) -> "Shop":
        drift = 1.0 if chance.random() < 0.5 else chance.uniform(1, 3)
        return cls(chance.uniform(0.2, 1.6), chance.uniform(0, 0.012), drift)

    def drafts(self, count: int, chance: random.Random, *, drifts: bool) -> Iterator[Review]:
        for number in range(count):
            confidence = 1 - chance.betavariate(0.5, 6)
            grown = 1 + (self.drift - 1) * number / count if drifts else 1.0
            wrong = (self.always + (1 - confidence) * self.over_sure) * grown
            yield Review(confidence, chance.random() < wrong)


def run(bench: Bench) -> Figures:
    """Shops in which more than α of what was approved by itself is wrong; and how much that is."""
    results = [_approved(random.Random(number)) for number in range(SHOPS)]
    certified = [one for one in results if one is not None]
    shares = [sum(wrong) / len(wrong) if wrong else 0.0 for wrong in certified]
    return {
        "shops": SHOPS,
        "certified": len(certified),
        "shops_exceeded": sum(share > ALPHA for share in shares) / SHOPS,
        "shops_exceeded_of_certified": sum(share > ALPHA for share in shares)
        / max(1, len(certified)),
        "approved": fmean(len(wrong) for wrong in certified) / DRAFTS,
    }


def _approved(chance: random.Random) -> list[bool] | None:
    """Of each draft that was approved by itself, whether it was wrong; `None` without a
    certificate.
    """
    shop = Shop.drawn(chance)
    found = certify(list(shop.drafts(REVIEWS, chance, drifts=False)), ALPHA)
    if found is None:
        return None
    approved: list[bool] = []
    audit: list[bool] = []
    for draft in shop.drafts(DRAFTS, chance, drifts=True):
        if draft.confidence < found.threshold:
            continue
        if chance.random() >= AUDITED:
            approved.append(draft.wrong)
            continue
        audit.append(draft.wrong)
        if audit_fails(sum(audit), len(audit), ALPHA):
            break
    return approved
