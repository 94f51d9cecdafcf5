"""What the confidence of drafts means, by labelled photos that the checkpoint has not learned."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from lab.starter.checkpoint_parts import add_to_json
from lab.starter.corpus import photo_corpus
from lab.starter.views import plain_features
from moda_engine.brief.product import KnownProduct
from moda_engine.describing.confidence import fit_calibration
from moda_engine.describing.describer import Describer
from moda_engine.describing.description import DescribeOptions
from moda_engine.evaluation.measures import judge
from moda_engine.language.labels import ItemLabels
from moda_engine.language.reading import read

#: Pixels a side in memory beside what the encoder sees: views are as soft as those it learned from.
STORED_SHARE = 1.2


@dataclass(frozen=True)
class HeldOut:
    """Labelled photos that a checkpoint has not learned, as its encoder sees them; one a row."""

    #: (photos, feature_size).
    features: Tensor
    labels: Sequence[ItemLabels]
    titles: Sequence[str]
    prose: Sequence[str]

    @classmethod
    def of(cls, describer: Describer, data: Path) -> "HeldOut":
        """The photos by which the heads of `describer` are weighed, with labels and titles."""
        side = int(describer.processor.image_processor.size["height"])
        corpus = photo_corpus(data / "catalog-extra" / "review", round(STORED_SHARE * side))
        pictures = torch.from_numpy(corpus.pictures)
        seen = plain_features(describer.model, pictures, side)
        return cls(seen, corpus.labels, corpus.titles, corpus.prose)


def confidence_write(checkpoint: Path, held_out: HeldOut) -> None:
    """Calibrate the confidence of the checkpoint with the heads that it has now."""
    config = checkpoint / "config.json"
    add_to_json(config, "confidence", None, indent=2)  # the former one knows other evidence
    describer = Describer.from_pretrained(checkpoint, "cpu", torch.float32)
    found = calibration_on(describer, held_out.features, held_out.labels, held_out.titles)
    add_to_json(config, "confidence", found, indent=2)


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
