"""The house style as an adapter, which affects only its own category."""

from benchmarks.learning.bench import (
    STYLE_CAPTIONS,
    STYLE_CATEGORY,
    Bench,
    Figures,
    apart,
    in_category,
    largest_fall,
    share,
)
from benchmarks.review_photos import follows_house_style, house_style
from moda_engine import Describer
from moda_engine.evaluation.comparison import OpenedModel

#: Figure → the least, or the most, that it must be.
AT_LEAST: dict[str, float] = {"followed": 0.9, "unchanged_elsewhere": 1.0}
AT_MOST: dict[str, float] = {"largest_fall": 0.01, "megabytes": 10.0}


def run(bench: Bench) -> Figures:
    """The house style by an adapter: products of its category have it, all others do not.

    In one worker, which describes with and without it in turn.
    """
    photos = bench.photos
    approved = [one for one in photos.reviewed if in_category(one)][:STYLE_CAPTIONS]
    others = apart(photos.reviewed, approved)
    adapter = bench.train("adapter", approved, house_style, others, way="adapter")
    describer = Describer.from_pretrained(bench.model)
    outside = [one for one in photos.measured if one["sub_category"] != STYLE_CATEGORY]
    paths = [photos.folder / one["file_name"] for one in outside]
    alone = describer.describe(paths)
    describer.load_adapter(adapter, "house")
    inside = [one for one in photos.measured if in_category(one)]
    models = (bench.model, OpenedModel(describer, "house"))
    before, after = bench.judge("adapter-inside", inside, house_style, models)
    beside = describer.describe(paths)
    return {
        "captions": len(approved),
        "measured": len(inside),
        "followed": share(map(follows_house_style, after.texts)),
        "measures_before": before.five,
        "measures_after": after.five,
        "largest_fall": largest_fall(before, after),
        "megabytes": sum(one.stat().st_size for one in adapter.iterdir() if one.is_file()) / 1e6,
        "measured_elsewhere": len(outside),
        "unchanged_elsewhere": share(
            one == other for one, other in zip(alone, beside, strict=True)
        ),
    }
