"""Which drafts may be approved by themselves: a threshold of confidence, and what is proven of it.

Learn then test (Angelopoulos and others, 2021): thresholds are tried from the strictest on, each by
an exact binomial test of "more than α of the drafts above it would have been changed in a claim".
The first that cannot be refuted ends the search, so all tests together err in at most 5 per cent
of cases. Reviews are what a person did with drafts; nothing here knows the database.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

#: Probability that a certificate promises too much, at most.
ERROR = 0.05
#: Thresholds that are tried, the strictest first.
THRESHOLDS = tuple(percent / 100 for percent in range(99, 49, -1))
#: The audit ends a certificate where so many wrong drafts would be this unlikely at the share α.
ALARM = 0.10


@dataclass(frozen=True)
class Review:
    """A draft that a person judged: how sure the model was, and whether a claim was wrong."""

    confidence: float
    wrong: bool


@dataclass(frozen=True)
class Certificate:
    """From `threshold` on at most α of the drafts are wrong, with 95 per cent confidence."""

    threshold: float
    #: Reviews above the threshold, and how many of them found a wrong claim.
    reviews: int
    wrong: int
    #: The exact upper bound for the share of wrong ones.
    bound: float


def certify(reviews: Sequence[Review], alpha: float) -> Certificate | None:
    """The certificate with the lowest threshold that the reviews prove, or `None`."""
    found = None
    for threshold in THRESHOLDS:
        above = [one.wrong for one in reviews if one.confidence >= threshold]
        if len(above) < reviews_needed(alpha):
            continue
        if binomial_tail(sum(above), len(above), alpha) > ERROR:
            break
        bound = upper_bound(sum(above), len(above))
        found = Certificate(threshold, len(above), sum(above), bound)
    return found


def reviews_needed(alpha: float, wrong: int = 0) -> int:
    """Reviews that prove a share of at most `alpha` where so many of them are wrong."""
    count = max(1, math.ceil(math.log(ERROR) / math.log1p(-alpha)))
    while binomial_tail(wrong, count, alpha) > ERROR:
        count += 1
    return count


def audit_fails(wrong: int, count: int, alpha: float) -> bool:
    """Whether the audited drafts speak against a share of at most `alpha`.

    Earlier than a proof: a wrong alarm costs some reviews, a missed one wrong texts in the shop.
    """
    if not count or wrong <= alpha * count:
        return False
    return 1 - binomial_tail(wrong - 1, count, alpha) <= ALARM


def binomial_tail(wrong: int, count: int, share: float) -> float:
    """The probability of at most `wrong` among `count`, each with the probability `share`."""
    if wrong < 0:
        return 0.0
    if wrong >= count:
        return 1.0
    odds = share / (1 - share)
    term = total = (1 - share) ** count
    for number in range(wrong):
        term *= (count - number) / (number + 1) * odds
        total += term
    return min(1.0, total)


def upper_bound(wrong: int, count: int) -> float:
    """The exact upper 95 per cent bound of a share (Clopper and Pearson), by bisection."""
    low, high = wrong / count, 1.0
    for _ in range(40):
        middle = (low + high) / 2
        if binomial_tail(wrong, count, middle) > ERROR:
            low = middle
        else:
            high = middle
    return high
