"""A house style, learned from one category, and its effect on the others."""

from benchmarks.learning.bench import (
    STYLE_CAPTIONS,
    STYLE_CATEGORY,
    Bench,
    Figures,
    apart,
    as_labelled,
    in_category,
    largest_fall,
    share,
)
from benchmarks.review_photos import follows_house_style, house_style
from moda_engine.brief.exchange import Frame

#: Figure → the least, or the most, that it must be.
AT_LEAST: dict[str, float] = {"followed": 0.9}
AT_MOST: dict[str, float] = {
    "largest_fall": 0.01,
    "largest_fall_elsewhere": 0.01,
    "followed_elsewhere": 0.01,
}


def run(bench: Bench) -> Figures:
    """Captions of one category in another style, beside the base's own words on other photos."""
    photos = bench.photos
    category = [one for one in photos.reviewed if in_category(one)]
    approved = category[:STYLE_CAPTIONS]
    model = bench.train("style", approved, house_style, apart(photos.reviewed, approved))
    models = (bench.model, model)
    inside = [one for one in photos.measured if in_category(one)]
    before, after = bench.judge("style-inside", inside, house_style, models)
    elsewhere = [one for one in photos.measured if one["sub_category"] != STYLE_CATEGORY]
    other_before, other_after = bench.judge("style-elsewhere", elsewhere, as_labelled, models)
    types = {one["product_type"] for one in approved}
    spread = [
        follows_house_style(text)
        for told, text in zip(other_before.texts, other_after.texts, strict=True)
        if Frame.of(told).labels.get("product_type") not in types
    ]
    return {
        "captions": len(approved),
        "measured": len(inside),
        "followed": share(map(follows_house_style, after.texts)),
        "followed_elsewhere": share(map(follows_house_style, other_after.texts)),
        # Without those that the model took for clothes of the category before.
        "followed_where_seen_otherwise": share(spread),
        "measures_before": before.five,
        "measures_after": after.five,
        "largest_fall": largest_fall(before, after),
        "largest_fall_elsewhere": largest_fall(other_before, other_after),
    }
