"""What the confidence of drafts means, by labelled photos that the checkpoint has not learned."""

from collections.abc import Sequence
from typing import Any

from torch import Tensor

from moda_engine.brief.product import KnownProduct
from moda_engine.describing.confidence import fit_calibration
from moda_engine.describing.describer import Describer
from moda_engine.describing.description import DescribeOptions
from moda_engine.evaluation.measures import judge
from moda_engine.language.labels import ItemLabels
from moda_engine.language.reading import read


def calibration_on(
    describer: Describer, features: Tensor, labels: Sequence[ItemLabels], titles: Sequence[str]
) -> dict[str, Any]:
    """The calibration of `describer`, of photos alone and of those whose title is told.

    Texts say what is likely, and once more all that is seen. Truth is what evaluation calls true:
    all that a text states of the known labels.

    Args:
        features: (photos, feature_size).
        labels, titles: one a photo.
    """
    rows: list[tuple[float, ...]] = []
    truths: list[bool] = []
    for told in ([""] * len(labels), titles):
        products = [KnownProduct(title=title) for title in told]
        for least in (None, 0.0):
            options = DescribeOptions(min_probability=least, fit=False)
            for one, item in zip(
                describer.describe_features(features, products, options), labels, strict=True
            ):
                if one.text:
                    rows.append(one.evidence)
                    truths.append(judge(read(one.text), item).all_true)
    return fit_calibration(rows, truths)
