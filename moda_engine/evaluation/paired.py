"""How far a candidate differs from what is in use, over the same photos, and how sure that is.

Both wrote of each photo, so the differences of one photo each are resampled (a paired bootstrap):
what makes a photo hard falls out.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

RESAMPLES = 2_000
#: Of the interval.
CONFIDENCE = 0.95


@dataclass(frozen=True)
class PairedChange:
    """Two means over the same photos, and an interval for how much the second is higher."""

    #: Photos.
    n: int
    before: float
    after: float
    #: 95 per cent interval of `after - before`.
    low: float
    high: float

    @property
    def rise(self) -> float:
        """How much higher the second mean is."""
        return self.after - self.before


def paired_change(
    before: Sequence[float], after: Sequence[float], *, counts_unseen: bool = False
) -> PairedChange:
    """The change from `before` to `after`, photo for photo; the same values, the same interval.

    Args:
        counts_unseen: of faults, 0 or 1 each. Where none is seen in n photos there may be up to
            about 3/n (the exact bound of the binomial), which resampling cannot know.

    Raises `ValueError` without photos, or where the two differ in length.
    """
    if not before or len(before) != len(after):
        raise ValueError(f"{len(before)} and {len(after)} values: none, or not of the same photos.")
    differences = np.asarray(after, dtype=float) - np.asarray(before, dtype=float)
    count = len(differences)
    rows = np.random.default_rng(0).integers(0, count, (RESAMPLES, count))
    means = differences[rows].mean(axis=1)
    tail = (1 - CONFIDENCE) / 2
    low, high = (float(bound) for bound in np.quantile(means, (tail, 1 - tail)))
    if counts_unseen:
        unseen = 1 - (1 - CONFIDENCE) ** (1 / count)
        high = max(high, unseen)
        low = low if differences.any() else -unseen
    return PairedChange(count, float(np.mean(before)), float(np.mean(after)), low, high)
