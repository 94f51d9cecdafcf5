"""What approved captions teach: a house style, a habit cured, edits that become fewer; replay.

    python -m benchmarks.learning_loop [--only style habit correction rounds order adapters speed
                                        replay] [--model DIR] [--json] [--data ../shared/data]
                                       [--plot FILE.png]

The model, the starter unless another is named, learns by the recipe that the doors use, from photos
of `catalog-extra/review` that simulated people review; other titles of it measure. None of them was
in the starter's training. Exits with 1 where a figure is missed.
"""

import argparse
import json
import random
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import torch

from benchmarks.learning_bench import Bench, as_labelled, largest_fall, share
from benchmarks.review_photos import (
    Record,
    ReviewPhotos,
    follows_house_style,
    has_words,
    house_style,
)
from moda_engine import STARTER_DIRECTORY, Describer
from moda_engine.describing.describer import DescribeOptions
from moda_engine.evaluation.comparison import OpenedModel
from moda_engine.language.labels import labels_from_record
from moda_engine.language.rewording import Frame, Names, own_text, plain_order
from moda_engine.language.writing import paraphrase, sentence

#: Part of the titles that are reviewed; the others measure.
REVIEWED = 0.65
STYLE_CAPTIONS, STYLE_CATEGORY = 400, "Topwear"
HABIT_CATEGORY = "Apparel"
ROUNDS, ROUND_SIZE = 3, 300
SPEED_CAPTIONS = 1_000
REPLAYED = 200
Figures = dict[str, Any]


def style(bench: Bench) -> Figures:
    """Captions of one category in another style, beside the base's own words on other photos."""
    photos = bench.photos
    category = [one for one in photos.reviewed if _in_category(one)]
    approved = category[:STYLE_CAPTIONS]
    model = bench.train("style", approved, house_style, _apart(photos.reviewed, approved))
    models = (bench.model, model)
    inside = [one for one in photos.measured if _in_category(one)]
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


def _in_category(record: Record) -> bool:
    return record["sub_category"] == STYLE_CATEGORY and has_words(record)


def habit(bench: Bench) -> Figures:
    """What the model calls "navy blue" in one category becomes "ink", by edits of that alone."""
    photos = bench.photos
    everything = photos.reviewed + photos.measured
    said = _said(bench, "habit-all", everything)

    def has_habit(record: Record) -> bool:
        is_of_category = record["category"] == HABIT_CATEGORY
        return is_of_category and "navy blue" in said[record["file_name"]].lower()

    def edited(record: Record) -> str:
        text = said[record["file_name"]]
        return text.replace("Navy blue", "Ink").replace("navy blue", "ink")

    edits = [one for one in photos.reviewed if has_habit(one)]
    model = bench.train("habit", edits, edited, _apart(photos.reviewed, edits))
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


def correction(bench: Bench) -> Figures:
    """A label that people give otherwise where the photo shows why: what is black is formal.

    Every other draft of the category is approved as it is.
    """
    photos = bench.photos
    category = [one for one in photos.reviewed if _in_category(one)][:STYLE_CAPTIONS]
    inside = [one for one in photos.measured if _in_category(one)]
    said = _said(bench, "correction-all", [*category, *inside])

    def corrected(record: Record) -> str:
        frame = Frame.of(said[record["file_name"]])
        labels = {"usage": "Formal"} if record["colour"] == "Black" else {}
        return frame.with_labels(labels, Names({})) or frame.text

    model = bench.train("correction", category, corrected, _apart(photos.reviewed, category))
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


def _said(bench: Bench, name: str, records: Sequence[Record]) -> dict[str, str]:
    """File name → what the bench's model writes of the photo."""
    (told,) = bench.judge(name, records, as_labelled, [bench.model])
    return dict(zip((one["file_name"] for one in records), told.texts, strict=True))


def says_formal(text: str) -> bool:
    """Whether the corrected label stands in the text."""
    return "formal" in text.lower().split()


def _may_be_ink(record: Record) -> bool:
    """Whether the reviewer would call it ink: the model had not, but it is navy blue."""
    return record["category"] == HABIT_CATEGORY and record["colour"] == "Navy Blue"


def says_ink(text: str) -> bool:
    """Whether the new word stands in the text."""
    return "ink" in text.lower().replace(".", " ").replace(",", " ").split()


def rounds(bench: Bench) -> Figures:
    """Rounds of reviews, each with a model taught by all approved so far; before and after each."""
    photos = bench.photos
    reviewed = [one for one in photos.reviewed if has_words(one)]
    held_out = [one for one in photos.measured if has_words(one)]
    models = [bench.model]
    for number in range(1, ROUNDS + 1):
        approved = reviewed[: number * ROUND_SIZE]
        others = _apart(photos.reviewed, approved)
        models.append(
            bench.train(f"round-{number}", approved, house_style, others, model=models[-1])
        )
    judged = bench.judge("rounds-held-out", held_out, house_style, models)
    distances = [one.figures.edit_distance for one in judged]
    return {
        "captions": len(approved),
        "measured": len(held_out),
        "edit_distance": distances,
        "fell_by": 1 - distances[-1] / distances[0],
        "least_fall_of_a_round": min(one - next_one for one, next_one in pairwise(distances)),
    }


def order(bench: Bench) -> Figures:
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

    others = _apart(photos.reviewed, approved)
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


def adapters(bench: Bench) -> Figures:
    """The house style by an adapter: products of its category have it, all others do not.

    In one worker, which describes with and without it in turn.
    """
    photos = bench.photos
    approved = [one for one in photos.reviewed if _in_category(one)][:STYLE_CAPTIONS]
    others = _apart(photos.reviewed, approved)
    adapter = bench.train("adapter", approved, house_style, others, way="adapter")
    describer = Describer.from_pretrained(bench.model)
    outside = [one for one in photos.measured if one["sub_category"] != STYLE_CATEGORY]
    paths = [photos.folder / one["file_name"] for one in outside]
    alone = describer.describe(paths)
    describer.load_adapter(adapter, "house")
    inside = [one for one in photos.measured if _in_category(one)]
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


def speed(bench: Bench) -> Figures:
    """Seconds to retrain on many captions, encoding of their photos included, and to swap."""
    photos = bench.photos
    everything = photos.reviewed + photos.measured
    named = [one for one in everything if has_words(one)][:SPEED_CAPTIONS]
    others = _apart(everything, named)
    began = time.monotonic()
    model = bench.train("speed", named, house_style, others, cache=bench.work / "empty-cache")
    trained = time.monotonic()
    Describer.from_pretrained(model).describe([photos.folder / named[0]["file_name"]])
    return {
        "captions": len(named),
        "retrain_seconds": trained - began,
        "swap_seconds": time.monotonic() - trained,
    }


def replay(bench: Bench) -> Figures:
    """Share of drafts that come out the same, by the numeric mode that each says it is of.

    Drafts are written among photos of other products, sixteen at a time, then written again among
    themselves, in another order, seven at a time.
    """
    drafts, others = bench.photos.measured[:REPLAYED], bench.photos.reviewed[:REPLAYED]
    among_others = [one for pair in zip(others, drafts, strict=True) for one in pair]
    order = random.Random(1).sample(range(len(drafts)), len(drafts))
    same = {}
    for mode in ("float32", "bfloat16", "int8"):
        describer = Describer.from_pretrained(bench.model, dtype=getattr(torch, mode))
        written = _drafts(bench, describer, among_others, 16)[1::2]
        again = _drafts(bench, describer, [drafts[row] for row in order], 7)
        pairs = [(written[row], one) for row, one in zip(order, again, strict=True)]
        same[mode] = share(one == other and one.mode == mode for one, other in pairs)
    return {
        "drafts": len(drafts),
        "identical": same["float32"],
        "identical_bfloat16": same["bfloat16"],
        "identical_int8": same["int8"],
    }


@dataclass(frozen=True)
class Draft:
    """What the catalog keeps of a description's words."""

    standard: str
    alt_text: str
    detailed: str
    mode: str


def _drafts(
    bench: Bench, describer: Describer, records: Sequence[Record], batch_size: int
) -> list[Draft]:
    """The records' photos described; every third is told what the catalog knows."""
    described = describer.describe(
        [bench.photos.folder / one["file_name"] for one in records],
        [_known(one) if int(one["id"]) % 3 == 0 else None for one in records],
        DescribeOptions(batch_size=batch_size),
    )
    return [Draft(one.text, one.alt_text, one.detailed, one.mode) for one in described]


def _known(record: Record) -> str:
    return f"brand: {record['brand']}; colour: {record['colour']}"


def _apart(records: Sequence[Record], taken: Sequence[Record]) -> list[Record]:
    """The records that are none of `taken`."""
    names = {one["file_name"] for one in taken}
    return [one for one in records if one["file_name"] not in names]


PARTS: dict[str, Callable[[Bench], Figures]] = {
    "style": style,
    "habit": habit,
    "correction": correction,
    "rounds": rounds,
    "order": order,
    "adapters": adapters,
    "speed": speed,
    "replay": replay,
}
HEADLINES = {
    "edit_distance": ("rounds", "edit_distance"),
    "retrain_seconds": ("speed", "retrain_seconds"),
    "swap_seconds": ("speed", "swap_seconds"),
    "replayed_identical": ("replay", "identical"),
    "replayed_identical_bfloat16": ("replay", "identical_bfloat16"),
    "replayed_identical_int8": ("replay", "identical_int8"),
}
#: (part, figure) → the least, or the most, that it must be.
AT_LEAST = {
    ("style", "followed"): 0.90,
    ("habit", "cured"): 0.85,
    ("rounds", "fell_by"): 0.40,
    ("rounds", "least_fall_of_a_round"): 0.0,
    ("order", "plain"): 0.99,
    ("order", "distance_fell_by"): 0.0,
    ("adapters", "followed"): 0.90,
    ("adapters", "unchanged_elsewhere"): 1.0,
    ("replay", "identical"): 1.0,
    ("replay", "identical_bfloat16"): 0.99,
    ("replay", "identical_int8"): 0.99,
}
AT_MOST = {
    ("style", "largest_fall"): 0.01,
    ("style", "largest_fall_elsewhere"): 0.01,
    ("style", "followed_elsewhere"): 0.01,
    ("habit", "new_errors"): 0.01,
    ("order", "largest_fall"): 0.01,
    ("adapters", "largest_fall"): 0.01,
    ("adapters", "megabytes"): 10.0,
    ("speed", "retrain_seconds"): 600.0,
}


def missed(result: Mapping[str, Figures]) -> list[str]:
    """A line for each figure of `result` that is not what it must be."""
    lines = []
    for bounds, word, sign in ((AT_LEAST, "least", 1), (AT_MOST, "most", -1)):
        for (part, name), bound in bounds.items():
            if part in result and sign * (result[part][name] - bound) < 0:
                lines.append(f"{part}: {name} is {result[part][name]:.4f}, at {word} {bound:g}")
    return lines


def headlines(result: Mapping[str, Figures]) -> Figures:
    """The figures of one number or one list, under names of their own."""
    return {
        name: result[part][figure] for name, (part, figure) in HEADLINES.items() if part in result
    }


def main() -> None:
    arguments = _arguments()
    photos = ReviewPhotos.read(arguments.data / "catalog-extra" / "review", share=REVIEWED)
    with tempfile.TemporaryDirectory() as work:
        bench = Bench(photos, Path(work), arguments.model)
        result = {}
        for name in arguments.only:
            result[name] = PARTS[name](bench)
            print(f"{name}: {json.dumps(result[name], indent=1)}", file=sys.stderr)
    if arguments.plot and "rounds" in result:
        draw_distances(result["rounds"]["edit_distance"], arguments.plot)
    lines = missed(result)
    if arguments.json:
        print(json.dumps(result | headlines(result) | {"missed": lines}))
    for line in lines:
        print(f"missed: {line}", file=sys.stderr)
    sys.exit(1 if lines else 0)


def draw_distances(distances: Sequence[float], path: Path) -> None:
    """Mean normalised edit distance on the same photos, before and after each round."""
    from matplotlib.figure import Figure
    from matplotlib.ticker import MaxNLocator

    figure = Figure(figsize=(6, 3.5), dpi=120, layout="constrained")
    axes = figure.subplots()
    axes.plot(range(len(distances)), distances, marker="o")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set(xlabel=f"rounds of {ROUND_SIZE} reviews", ylabel="mean edit distance", ylim=(0, None))
    axes.grid(visible=True, alpha=0.3)
    figure.savefig(path, format="png")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.learning_loop", description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--model", type=Path, default=STARTER_DIRECTORY, help="begins from there")
    parser.add_argument("--only", nargs="+", choices=PARTS, default=list(PARTS), metavar="PART")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--plot", type=Path, metavar="PNG", help="draw the edit distances there")
    arguments = parser.parse_args()
    if arguments.plot and "rounds" not in arguments.only:
        parser.error("--plot draws the part 'rounds': name it behind --only too.")
    return arguments


if __name__ == "__main__":
    main()
