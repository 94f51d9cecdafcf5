"""Drafts corrected in the order of words that each was asked for: the model keeps all orders."""

from benchmarks.learning.bench import ROUND_SIZE, Bench, Figures, apart, largest_fall, share
from benchmarks.review_photos import Record, has_words
from moda_engine.brief.claims import Brief
from moda_engine.brief.conditioning import order_of, stated_brief
from moda_engine.language.labels import labels_from_record
from moda_engine.language.vocabulary import PRODUCT_TYPES
from moda_engine.language.writing import paraphrase

#: Figure → the least, or the most, that it must be.
AT_LEAST: dict[str, float] = {"in_order": 0.99, "distance_fell_by": 0.0}
AT_MOST: dict[str, float] = {"largest_fall": 0.01}


def run(bench: Bench) -> Figures:
    """Drafts that people correct in the order of words that each was asked for, and leave there.

    Afterwards the model must still write each text in the order that its product asks for.
    """
    photos = bench.photos
    approved = [one for one in photos.reviewed if has_words(one)][: 2 * ROUND_SIZE]
    model = bench.train("order", approved, corrected, apart(photos.reviewed, approved))
    held_out = [one for one in photos.measured if has_words(one)]
    models = (bench.model, model)
    before, after = bench.judge("order-held-out", held_out, corrected, models)
    pairs = zip(held_out, after.texts, strict=True)
    return {
        "captions": len(approved),
        "measured": len(held_out),
        "in_order": share(_is_in_order(one, text) for one, text in pairs if text),
        "measures_before": before.five,
        "measures_after": after.five,
        "largest_fall": largest_fall(before, after),
        "edit_distance": [before.figures.edit_distance, after.figures.edit_distance],
        "distance_fell_by": before.figures.edit_distance - after.figures.edit_distance,
    }


def corrected(record: Record) -> str:
    """The truth from the labels, in the order of words that the product's draft was asked for."""
    return paraphrase(labels_from_record(record), order_of(record["id"]) or 0)


def _is_in_order(record: Record, text: str) -> bool:
    labels = stated_brief(text, Brief()).labels()
    if labels.product_type not in PRODUCT_TYPES:
        return False
    return paraphrase(labels, order_of(record["id"]) or 0) == text
