"""What approved captions teach: a house style, a habit cured, edits that become fewer; replay.

    python -m benchmarks.learning_loop [--json] [--data ../shared/data] [--plot FILE.png]

The starter learns by the recipe that the doors use, from photos of `catalog-extra/review` that
simulated people review; other titles of it measure. None of them was in the starter's training.
Takes about half an hour on two quiet cores.
"""

import argparse
import json
import random
import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.review_photos import (
    Record,
    ReviewPhotos,
    follows_house_style,
    has_words,
    house_style,
)
from moda_engine import STARTER_DIRECTORY, Describer
from moda_engine.describer import DescribeOptions
from moda_engine.evaluation.comparison import Figures, OpenedModel, judge_by
from moda_engine.imagefolder import read_imagefolder_records
from moda_engine.training.recipe import RETRAINING
from moda_engine.training.run import RunRequest, train_folders

#: Part of the titles that are reviewed; the others measure.
REVIEWED = 0.65
STYLE_CAPTIONS = 400
ROUNDS, ROUND_SIZE = 3, 300
REPLAYED = 200
FIVE = (
    "colour_accuracy",
    "usage_accuracy",
    "product_type_accuracy",
    "gender_accuracy",
    "factual_consistency",
)


@dataclass(frozen=True)
class Bench:
    """Where things are."""

    photos: ReviewPhotos
    work: Path

    def train(self, name: str, captions: Path, base_set: Path | None, model: Path) -> Path:
        """Teach `model` the captions by the doors' own recipe; the new checkpoint."""
        request = RunRequest(
            data=[captions],
            output=self.work / name,
            model=model,
            base_set=base_set,
            recipe=RETRAINING["full"],
        )
        train_folders(request, say=lambda line: print(line, file=sys.stderr))
        return self.work / name

    def write(self, model: Path, folder: Path) -> list[str]:
        """What the model writes of the photos of an imagefolder."""
        return judged(model, folder)[0]


def judged(model: Path, folder: Path) -> tuple[list[str], Figures]:
    """Texts and figures of a model on an imagefolder with texts."""
    records, _ = read_imagefolder_records(folder)
    found = judge_by(OpenedModel.from_folders(model), records)
    return found.texts, found.overall


def five(figures: Figures) -> dict[str, float]:
    """The five measures."""
    return {name: asdict(figures)[name] or 0.0 for name in FIVE}


def house_style_is_learned(bench: Bench) -> dict[str, object]:
    """Captions of one category in another style, beside the base's own words on other photos."""
    photos = bench.photos

    def in_category(record: Record) -> bool:
        return record["sub_category"] == "Topwear" and has_words(record)

    approved = [one for one in photos.reviewed if in_category(one)][:STYLE_CAPTIONS]
    others = [one for one in photos.reviewed if one["sub_category"] != "Topwear"]
    inside = photos.write(
        bench.work / "style-inside",
        [one for one in photos.measured if in_category(one)],
        house_style,
    )
    elsewhere = photos.write(
        bench.work / "style-elsewhere",
        [one for one in photos.measured if one["sub_category"] != "Topwear"],
        lambda record: record["text"],
    )
    model = bench.train(
        "style",
        photos.write(bench.work / "style-captions", approved, house_style),
        photos.write(bench.work / "style-base", others, lambda record: None),
        STARTER_DIRECTORY,
    )
    _, before = judged(STARTER_DIRECTORY, inside)
    texts, after = judged(model, inside)
    return {
        "captions": len(approved),
        "followed": share(map(follows_house_style, texts)),
        "followed_elsewhere": share(map(follows_house_style, bench.write(model, elsewhere))),
        "measures_before": five(before),
        "measures_after": five(after),
    }


def habit_is_cured(bench: Bench) -> dict[str, object]:
    """What the starter calls "navy blue" on one category becomes "ink" by edits of that alone."""
    photos = bench.photos
    said = dict(
        zip(
            [record["file_name"] for record in photos.reviewed + photos.measured],
            bench.write(
                STARTER_DIRECTORY,
                photos.write(
                    bench.work / "habit-all",
                    photos.reviewed + photos.measured,
                    lambda record: record["text"],
                ),
            ),
            strict=True,
        )
    )

    def has_habit(record: Record) -> bool:
        text = said[record["file_name"]]
        return record["category"] == "Apparel" and "navy blue" in text.lower()

    def edited(record: Record) -> str:
        text = said[record["file_name"]]
        return text.replace("Navy blue", "Ink").replace("navy blue", "ink")

    edits = [one for one in photos.reviewed if has_habit(one)]
    inside = [one for one in photos.measured if has_habit(one)]
    outside = [one for one in photos.measured if not has_habit(one)]
    model = bench.train(
        "habit",
        photos.write(bench.work / "habit-edits", edits, edited),
        photos.write(
            bench.work / "habit-base",
            [one for one in photos.reviewed if not has_habit(one)],
            lambda record: None,
        ),
        STARTER_DIRECTORY,
    )
    cured = bench.write(model, photos.write(bench.work / "habit-inside", inside, edited))
    folder = photos.write(bench.work / "habit-outside", outside, lambda record: record["text"])
    (_, before), (texts, after) = judged(STARTER_DIRECTORY, folder), judged(model, folder)
    spread = share(map(says_ink, texts))
    falls = [five(before)[name] - five(after)[name] for name in FIVE]
    return {
        "edits": len(edits),
        "measured": len(inside),
        "cured": share(map(says_ink, cured)),
        "ink_elsewhere": spread,
        "measures_elsewhere_before": five(before),
        "measures_elsewhere_after": five(after),
        # The worse of the two: the new word where it is wrong, and any measure that fell.
        "new_errors": max(spread, *falls),
    }


def says_ink(text: str) -> bool:
    """Whether the new word stands in the text."""
    return "ink" in text.lower().replace(".", " ").replace(",", " ").split()


def edits_become_fewer(bench: Bench) -> dict[str, object]:
    """Rounds of reviews, each with a model taught by all approved so far; before and after each."""
    photos = bench.photos
    reviewed = [one for one in photos.reviewed if has_words(one)]
    held_out = photos.write(
        bench.work / "rounds-held-out",
        [one for one in photos.measured if has_words(one)],
        house_style,
    )
    model = STARTER_DIRECTORY
    distances = [judged(model, held_out)[1].edit_distance]
    seconds = 0.0
    for number in range(1, ROUNDS + 1):
        approved = reviewed[: number * ROUND_SIZE]
        captions = photos.write(bench.work / f"round-{number}-captions", approved, house_style)
        began = time.monotonic()
        model = bench.train(f"round-{number}", captions, None, model)
        seconds = time.monotonic() - began
        distances.append(judged(model, held_out)[1].edit_distance)
    return {
        "edit_distance": distances,
        "last_round_captions": len(reviewed[: ROUNDS * ROUND_SIZE]),
        "last_round_seconds": seconds,
        "model": str(model),
    }


def thousand_captions_seconds(bench: Bench) -> float:
    """Seconds to retrain the starter on 1,000 captions, encoding of their photos included."""
    photos = bench.photos
    named = [one for one in photos.reviewed + photos.measured if has_words(one)][:1_000]
    captions = photos.write(bench.work / "thousand", named, house_style)
    began = time.monotonic()
    request = RunRequest(
        data=[captions],
        output=bench.work / "thousand-run",
        recipe=RETRAINING["full"],
        cache=bench.work / "empty-cache",
    )
    train_folders(request, say=lambda line: None)
    return time.monotonic() - began


def replayed_identical(model: Path, photos: ReviewPhotos) -> float:
    """Share of drafts that come out the same in other company, in float32."""
    paths = [photos.folder / record["file_name"] for record in photos.measured[:REPLAYED]]
    describer = Describer.from_pretrained(model)
    drafts = [one.text for one in describer.describe(paths, options=DescribeOptions(batch_size=16))]
    order = random.Random(1).sample(range(len(paths)), len(paths))
    again = describer.describe([paths[row] for row in order], options=DescribeOptions(batch_size=7))
    return share(drafts[row] == one.text for row, one in zip(order, again, strict=True))


def swap_seconds(model: Path, photo: Path) -> float:
    """The engine's part of a swap: seconds until a process has described by the new weights."""
    began = time.monotonic()
    Describer.from_pretrained(model).describe([photo])
    return time.monotonic() - began


def share(values: Iterable[bool]) -> float:
    """The share of true ones."""
    counted = list(values)
    return sum(counted) / len(counted)


def main() -> None:
    arguments = _arguments()
    photos = ReviewPhotos.read(arguments.data / "catalog-extra" / "review", share=REVIEWED)
    with tempfile.TemporaryDirectory() as work:
        bench = Bench(photos, Path(work))
        result: dict[str, object] = {"style": house_style_is_learned(bench)}
        result["habit"] = habit_is_cured(bench)
        rounds = edits_become_fewer(bench)
        model = Path(str(rounds.pop("model")))
        result |= rounds
        result["retrain_seconds"] = thousand_captions_seconds(bench)
        result["swap_seconds"] = swap_seconds(
            model, photos.folder / photos.measured[0]["file_name"]
        )
        result["replayed_identical"] = replayed_identical(model, photos)
    if arguments.plot:
        draw_distances(result["edit_distance"], arguments.plot)
    if arguments.json:
        print(json.dumps(result))
        return
    for name, value in result.items():
        print(f"{name}: {json.dumps(value, indent=1)}")


def draw_distances(distances: Sequence[float], path: Path) -> None:
    """Mean normalised edit distance on the same photos, before and after each round."""
    from matplotlib.figure import Figure
    from matplotlib.ticker import MaxNLocator

    figure = Figure(figsize=(6, 3.5), dpi=120, layout="constrained")
    axes = figure.subplots()
    axes.plot(range(len(distances)), distances, marker="o")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set(xlabel="rounds of 300 reviews", ylabel="mean edit distance", ylim=(0, None))
    axes.grid(visible=True, alpha=0.3)
    figure.savefig(path, format="png")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.learning_loop", description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--plot", type=Path, metavar="PNG", help="draw the edit distances there")
    return parser.parse_args()


if __name__ == "__main__":
    main()
