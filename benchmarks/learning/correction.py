"""A shop's own rule, learned from the photos that show it."""

from benchmarks.learning.bench import (
    STYLE_CAPTIONS,
    Bench,
    Figures,
    apart,
    in_category,
    share,
    texts_of_base,
)
from benchmarks.review_photos import Record
from moda_engine.brief.exchange import Frame, Names

#: Figure → the least, or the most, that it must be.
AT_LEAST: dict[str, float] = {}
AT_MOST: dict[str, float] = {}


def run(bench: Bench) -> Figures:
    """A label that people give otherwise where the photo shows why: what is black is formal.

    Every other draft of the category is approved as it is.
    """
    photos = bench.photos
    category = [one for one in photos.reviewed if in_category(one)][:STYLE_CAPTIONS]
    inside = [one for one in photos.measured if in_category(one)]
    said = texts_of_base(bench, "correction-all", [*category, *inside])

    def corrected(record: Record) -> str:
        frame = Frame.of(said[record["file_name"]])
        labels = {"usage": "Formal"} if record["colour"] == "Black" else {}
        return frame.with_labels(labels, Names({})) or frame.text

    model = bench.train("correction", category, corrected, apart(photos.reviewed, category))
    (learned,) = bench.judge("correction-inside", inside, corrected, [model])
    pairs = zip(learned.texts, inside, strict=True)
    found = [(says_formal(text), says_formal(corrected(one))) for text, one in pairs]
    return {
        "captions": len(category),
        "corrected": sum(corrected(one) != said[one["file_name"]] for one in category),
        "measured": sum(wanted for _, wanted in found),
        "cured": share(is_formal for is_formal, wanted in found if wanted),
        "wrong_elsewhere": share(is_formal for is_formal, wanted in found if not wanted),
    }


def says_formal(text: str) -> bool:
    """Whether the corrected label stands in the text."""
    return "formal" in text.lower().split()
