"""Draws what `python -m lab.speed --only growth --json` measured.

python -m benchmarks.describing_plot FIGURES.json docs/images/describing.png
"""

import json
import sys
from pathlib import Path

import matplotlib as mpl

mpl.use("Agg")
from matplotlib import pyplot as plt


def main() -> None:
    source, target = map(Path, sys.argv[1:])
    figures = json.loads(source.read_text(encoding="utf-8"))
    rows = figures["growth"]
    figure, axes = plt.subplots(figsize=(7, 4), layout="constrained")
    for tokens in sorted({row["tokens"] for row in rows}):
        line = [row for row in rows if row["tokens"] == tokens]
        axes.loglog(
            [row["batch"] for row in line],
            [1 / row["seconds_a_photo"] for row in line],
            marker="o",
            label=f"{tokens} tokens",
        )
    axes.set(
        title=f"Describing at full size, {figures['precision']}, {figures['device']}",
        xlabel="photos at a time",
        ylabel=figures.get("clock", "photos a second"),
    )
    axes.grid(visible=True, which="both", alpha=0.3)
    axes.legend()
    figure.savefig(target, dpi=110)


if __name__ == "__main__":
    main()
