"""Captions of drawn labels, as unsure of each word as the heads are.

Drawn labels alone would say so only on average.
"""

from collections.abc import Callable, Sequence

from torch import Tensor

from lab.starter.label_heads import LabelHeads
from moda_engine.language.labels import ItemLabels
from moda_engine.processor import ModaProcessor
from moda_engine.training.captions import EncodedCaptions
from moda_engine.training.soft_labels import AlternativeCaption, caption_soft_labels

Writer = Callable[[ItemLabels], str]


def likely_captions(
    processor: ModaProcessor,
    heads: LabelHeads,
    features: Tensor,
    labels: Sequence[ItemLabels],
    writers: Sequence[Writer],
    facts: list[str | None] | None = None,
) -> EncodedCaptions:
    """Captions of labels that `heads` saw in `features`, as sure of each word as the heads are.

    Args:
        features: (captions, feature_size).
        labels, writers, facts: one a caption.
    """
    texts = [write(item) for write, item in zip(writers, labels, strict=True)]
    others = [
        [AlternativeCaption(one.kind, one.share, write(one.labels)) for one in likely]
        for likely, write in zip(heads.alternatives(features, labels), writers, strict=True)
    ]
    return EncodedCaptions(features, texts, facts, caption_soft_labels(processor, texts, others))
