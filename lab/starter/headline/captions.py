"""The authors' captions of labels: "White Casual Tops for Girls - Apparel Topwear"."""

from collections import Counter
from functools import partial

from lab.starter.headline.photos import Photos
from lab.starter.likelihoods import Writer
from moda_engine.language.labels import ItemLabels


def writers_of(photos: Photos, count: int) -> list[Writer]:
    """What writes captions of `count` lists of labels, which are of the photos in their order,
    again and again.

    A photo's own caption stays where a label that it names is missing from the record. Category and
    sub-category are those that the type mostly has in `photos`.
    """
    groups = _groups(photos)
    writers = [partial(_written, own, groups) for own in photos.captions]
    return [writers[row % len(writers)] for row in range(count)]


def _written(own: str, groups: dict[str, str], labels: ItemLabels) -> str:
    return _caption(labels, groups) or own


def _caption(labels: ItemLabels, groups: dict[str, str]) -> str | None:
    kind = labels.product_type or ""
    if kind not in groups or not (labels.colour and labels.usage and labels.gender):
        return None
    return f"{labels.colour} {labels.usage} {kind} for {labels.gender} - {groups[kind]}"


def _groups(photos: Photos) -> dict[str, str]:
    """Product type → what stands behind the dash."""
    counts: dict[str, Counter[str]] = {}
    for labels, caption in zip(photos.corpus.labels, photos.captions, strict=True):
        group = caption.rpartition(" - ")[2]
        counts.setdefault(labels.product_type or "", Counter())[group] += 1
    return {kind: groups.most_common(1)[0][0] for kind, groups in counts.items() if kind}
