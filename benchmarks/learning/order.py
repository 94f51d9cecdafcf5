"""Drafts corrected in each photo's own order of words: the model keeps its plain order."""

from benchmarks.learning.bench import ROUND_SIZE, Bench, Figures, apart, largest_fall, share
from benchmarks.review_photos import Record, has_words
from moda_engine import Describer
from moda_engine.language.labels import labels_from_record
from moda_engine.language.rewording import own_text, plain_order
from moda_engine.language.writing import paraphrase, sentence

#: Figure → the least, or the most, that it must be.
AT_LEAST: dict[str, float] = {"plain": 0.99, "distance_fell_by": 0.0}
AT_MOST: dict[str, float] = {"largest_fall": 0.01}


def run(bench: Bench) -> Figures:
    """Drafts that people correct in the order of words that each photo drew, and leave there.

    That order is not theirs to teach: afterwards the model must still write its plain sentence.
    """
    photos = bench.photos
    approved = [one for one in photos.reviewed if has_words(one)][: 2 * ROUND_SIZE]
    paths = [photos.folder / one["file_name"] for one in approved]
    described = Describer.from_pretrained(bench.model).describe(paths)
    names = [one["file_name"] for one in approved]
    drafted = {name: one.text for name, one in zip(names, described, strict=True)}

    def corrected(record: Record) -> str:
        draft = drafted[record["file_name"]]
        own = own_text(draft)
        text = paraphrase(labels_from_record(record), own.style if own else 0)
        return plain_order(text, draft)

    others = apart(photos.reviewed, approved)
    model = bench.train("order", approved, corrected, others)
    held_out = [one for one in photos.measured if has_words(one)]
    models = (bench.model, model)
    before, after = bench.judge("order-held-out", held_out, plain_sentence, models)
    orders = [own.style for draft in drafted.values() if (own := own_text(draft))]
    return {
        "captions": len(approved),
        "in_other_orders": share(style != 0 for style in orders),
        "measured": len(held_out),
        "plain": share(_is_plain(text) for text in after.texts),
        "measures_before": before.five,
        "measures_after": after.five,
        "largest_fall": largest_fall(before, after),
        "edit_distance": [before.figures.edit_distance, after.figures.edit_distance],
        "distance_fell_by": before.figures.edit_distance - after.figures.edit_distance,
    }


def plain_sentence(record: Record) -> str:
    """The truth from the labels, in the order that models write in by themselves."""
    return sentence(labels_from_record(record))


def _is_plain(text: str) -> bool:
    own = own_text(text)
    return own is not None and own.style == 0
