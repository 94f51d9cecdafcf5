"""Measures what approved captions teach: a house style, a new word, fewer edits; and replay.

    python -m benchmarks.learning_loop [--only PART …] [--model DIR] [--json]
                                       [--data ../shared/data] [--plot FILE.png]

Each part is a module of `benchmarks.learning`. The model (by default the starter) is trained by the
catalog's recipe on photos of `catalog-extra/review` that simulated people review, and measured on
photos of other titles. The starter was trained on none of them. The exit status is 1 if a figure
misses its target.
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from benchmarks.learning import (
    adapters,
    brands,
    certificate,
    correction,
    habit,
    order,
    replay,
    rounds,
    small,
    speed,
    style,
    style_sheet,
)
from benchmarks.learning.bench import ROUND_SIZE, Bench, Figures
from benchmarks.review_photos import ReviewPhotos
from moda_engine import STARTER_DIRECTORY

#: Share of the titles that are reviewed; the others measure.
REVIEWED = 0.65
EXPERIMENTS = (style, small, habit, correction, rounds, order, adapters, speed, replay,
               style_sheet, certificate, brands)  # fmt: skip
PARTS = {one.__name__.rpartition(".")[2]: one for one in EXPERIMENTS}
HEADLINES = {
    "edit_distance": ("rounds", "edit_distance"),
    "retrain_seconds": ("speed", "retrain_seconds"),
    "swap_seconds": ("speed", "swap_seconds"),
    "replayed_identical": ("replay", "identical"),
    "replayed_identical_bfloat16": ("replay", "identical_bfloat16"),
    "replayed_identical_int8": ("replay", "identical_int8"),
}


def missed(result: Mapping[str, Figures]) -> list[str]:
    """A line for each figure of `result` that is not what it must be."""
    lines = []
    for part, figures in result.items():
        for bounds, word, sign in (
            (PARTS[part].AT_LEAST, "least", 1),
            (PARTS[part].AT_MOST, "most", -1),
        ):
            lines += [
                f"{part}: {name} is {figures[name]:.4f}, at {word} {bound:g}"
                for name, bound in bounds.items()
                if sign * (figures[name] - bound) < 0
            ]
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
            result[name] = PARTS[name].run(bench)
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
    listed = "\n".join(f"  {name}: {one.__doc__}" for name, one in PARTS.items())
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.learning_loop",
        description=f"{__doc__}\nParts:\n{listed}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--data", type=Path, default=Path("../shared/data"), metavar="DIR", help="photo sets"
    )
    parser.add_argument(
        "--model", type=Path, default=STARTER_DIRECTORY, metavar="DIR", help="default: the starter"
    )
    parser.add_argument("--only", nargs="+", choices=PARTS, default=list(PARTS), metavar="PART")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--plot", type=Path, metavar="PNG", help="plot the edit distances to PNG")
    arguments = parser.parse_args()
    if arguments.plot and "rounds" not in arguments.only:
        parser.error("--plot draws the part 'rounds': name it behind --only too.")
    return arguments


if __name__ == "__main__":
    main()
