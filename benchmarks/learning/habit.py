"""A new word: by edits alone, "navy blue" becomes "ink" in one category."""

from benchmarks.learning.bench import (
    Bench,
    Figures,
    apart,
    as_labelled,
    largest_fall,
    share,
    texts_of_base,
)
from benchmarks.review_photos import Record

HABIT_CATEGORY = "Apparel"
#: Figure → the least, or the most, that it must be.
AT_LEAST: dict[str, float] = {"cured": 0.85}
AT_MOST: dict[str, float] = {"new_errors": 0.01}


def run(bench: Bench) -> Figures:
    """What the model calls "navy blue" in one category becomes "ink", by edits of that alone."""
    photos = bench.photos
    everything = photos.reviewed + photos.measured
    said = texts_of_base(bench, "habit-all", everything)

    def has_habit(record: Record) -> bool:
        is_of_category = record["category"] == HABIT_CATEGORY
        return is_of_category and "navy blue" in said[record["file_name"]].lower()

    def edited(record: Record) -> str:
        text = said[record["file_name"]]
        return text.replace("Navy blue", "Ink").replace("navy blue", "ink")

    edits = [one for one in photos.reviewed if has_habit(one)]
    model = bench.train("habit", edits, edited, apart(photos.reviewed, edits))
    inside = [one for one in photos.measured if has_habit(one)]
    (cured,) = bench.judge("habit-inside", inside, edited, [model])
    outside = [one for one in photos.measured if not has_habit(one)]
    before, after = bench.judge("habit-outside", outside, as_labelled, (bench.model, model))
    wrong_ink = share(
        says_ink(text) and not _may_be_ink(record)
        for record, text in zip(outside, after.texts, strict=True)
    )
    return {
        "edits": len(edits),
        "measured": len(inside),
        "cured": share(map(says_ink, cured.texts)),
        "cured_where_navy_blue": share(
            says_ink(text)
            for record, text in zip(inside, cured.texts, strict=True)
            if _may_be_ink(record)
        ),
        "ink_elsewhere": share(map(says_ink, after.texts)),
        "wrong_ink_elsewhere": wrong_ink,
        "measures_elsewhere_before": before.five,
        "measures_elsewhere_after": after.five,
        # The worse of the two: the new word where it is wrong, and any measure that fell.
        "new_errors": max(wrong_ink, largest_fall(before, after)),
    }


def _may_be_ink(record: Record) -> bool:
    """Whether the reviewer would call it ink: the model had not, but it is navy blue."""
    return record["category"] == HABIT_CATEGORY and record["colour"] == "Navy Blue"


def says_ink(text: str) -> bool:
    """Whether the new word stands in the text."""
    return "ink" in text.lower().replace(".", " ").replace(",", " ").split()
