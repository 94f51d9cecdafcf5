"""What `evaluate --report` writes: tables in `report.md`, and two plots.

`calibration.png` shows confidence against truth, `confusion.png` confusions of product types.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from io import BytesIO
from pathlib import Path
from statistics import fmean

import numpy as np
from PIL import Image

from moda_engine.evaluation.evaluate import Evaluated
from moda_engine.evaluation.measures import Verdict, calibration_bins, five_measures
from moda_engine.language.labels import ItemLabels
from moda_engine.language.reading import StatedLabels

#: Kind → what a text states of it.
_STATED = {
    "product_type": "product_types",
    "colour": "colours",
    "gender": "genders",
    "usage": "usages",
}
#: A text that states nothing of a kind, or several.
UNSAID = "–"


def measures_by(
    labels: Sequence[ItemLabels], verdicts: Sequence[Verdict], kind: str, at_least: int
) -> dict[str, dict[str, float | int | None]]:
    """Label → measures of the items that truly have it, most frequent first.

    Args:
        at_least: items of a label that is listed; fewer say nothing.
    """
    groups: dict[str, list[Verdict]] = {}
    for item, verdict in zip(labels, verdicts, strict=True):
        if label := getattr(item, kind):
            groups.setdefault(label, []).append(verdict)
    ordered = sorted(groups.items(), key=lambda group: (-len(group[1]), group[0]))
    return {
        label: {"n": len(found), **five_measures(found)}
        for label, found in ordered
        if len(found) >= at_least
    }


def confusions(
    labels: Sequence[ItemLabels], stated: Sequence[StatedLabels], kind: str
) -> Counter[tuple[str, str]]:
    """(true label, stated label) → texts, where the label is known."""
    return Counter(
        (truth, _one(getattr(said, _STATED[kind])))
        for item, said in zip(labels, stated, strict=True)
        if (truth := getattr(item, kind))
    )


def true_totals(confused: Counter[tuple[str, str]]) -> Counter[str]:
    """True label → texts."""
    totals: Counter[str] = Counter()
    for (truth, _), count in confused.items():
        totals[truth] += count
    return totals


def mean_recall(confused: Counter[tuple[str, str]]) -> float | None:
    """Mean over the true labels of the share that is stated rightly; rare ones count as much."""
    totals = true_totals(confused)
    return fmean(confused[label, label] / totals[label] for label in totals) if totals else None


def _one(labels: frozenset[str]) -> str:
    return next(iter(labels)) if len(labels) == 1 else UNSAID


CALIBRATION_PLOT = "calibration.png"
_COLUMNS = (
    "product_type_accuracy",
    "colour_accuracy",
    "gender_accuracy",
    "usage_accuracy",
    "factual_consistency",
)
#: Items of a label that has a row.
_LEAST = 5
_CONFUSIONS = 12
_PLOTTED_TYPES = 16
_PLOT_COLOURS = 32


def write_report(evaluated: Evaluated, folder: Path) -> None:
    """Write `report.md`, `calibration.png` and `confusion.png` into `folder`, made if need be."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "report.md").write_text(report_text(evaluated), encoding="utf-8")
    draw_calibration({"": evaluated}, folder / CALIBRATION_PLOT)
    draw_confusion(_confused(evaluated, "product_type"), folder / "confusion.png")


def report_text(evaluated: Evaluated, level: int = 1) -> str:
    """The tables as Markdown, their headings of a level; shares are 0 to 1."""
    heading = "#" * level
    kinds = ("product_type", "colour", "gender", "usage")
    confused = {kind: _confused(evaluated, kind) for kind in kinds}
    recall = {f"{kind}, mean recall": mean_recall(pairs) for kind, pairs in confused.items()}
    measures = {**evaluated.measures(), **recall}
    sections = [
        f"{heading} Measures\n",
        _table(("measure", ""), [(name, _shown(value)) for name, value in measures.items()]),
    ]
    for kind in ("gender", "product_type"):
        groups = measures_by(evaluated.labels, evaluated.verdicts, kind, _LEAST)
        rows = [
            (label, str(found["n"]), *(_shown(found[name]) for name in _COLUMNS))
            for label, found in groups.items()
        ]
        names = [name.removesuffix("_accuracy").replace("_", " ") for name in _COLUMNS]
        title = kind.replace("_", " ")
        sections += [f"{heading} By {title}, with {_LEAST} photos or more\n"]
        sections += [_table((title, "photos", *names), rows)]
    for kind, pairs in confused.items():
        wrong = [(*pair, str(count)) for pair, count in pairs.most_common() if pair[0] != pair[1]]
        sections += [f"{heading} {kind.replace('_', ' ').capitalize()}: most frequent confusions\n"]
        sections += [_table(("true", "called", "texts"), wrong[:_CONFUSIONS])]
    bins = calibration_bins(evaluated.confidences, evaluated.truths)
    shown = [(_shown(one.confidence), _shown(one.share_true), str(one.count)) for one in bins]
    sections += [f"{heading} Confidence\n", _table(("mean confidence", "all true", "texts"), shown)]
    return "\n".join(sections)


def _confused(evaluated: Evaluated, kind: str) -> Counter[tuple[str, str]]:
    return confusions(evaluated.labels, evaluated.stated, kind)


def draw_calibration(sets: Mapping[str, Evaluated], path: Path) -> None:
    """Share of entirely true texts by confidence; on the diagonal the two are equal.

    A line a set, with the number of texts at each point; names stand beside lines of several.
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(4.5, 4.5), dpi=80, layout="constrained")
    axes = figure.subplots()
    axes.plot([0, 1], [0, 1], color="grey", linestyle="--", linewidth=1)
    for name, evaluated in sets.items():
        bins = calibration_bins(evaluated.confidences, evaluated.truths)
        points = [(one.confidence, one.share_true) for one in bins]
        (line,) = axes.plot(*zip(*points, strict=True), marker="o", label=name)
        for one, point in zip(bins, points, strict=True):
            axes.annotate(
                str(one.count),
                point,
                xytext=(6, -10),
                textcoords="offset points",
                fontsize=8,
                color=line.get_color(),
            )
    if len(sets) > 1:
        axes.legend(loc="upper left", fontsize=8)
    axes.set(xlabel="confidence", ylabel="share all true", xlim=(0, 1), ylim=(0, 1))
    axes.grid(visible=True, alpha=0.3)
    drawn = BytesIO()
    figure.savefig(drawn)
    # A plot has few colours: so it is small enough to stand beside a checkpoint's card.
    Image.open(drawn).convert("RGB").quantize(_PLOT_COLOURS).save(path, optimize=True)


def draw_confusion(confused: Counter[tuple[str, str]], path: Path) -> None:
    """Rows: the most frequent true types; columns: what they are called, in shares of the row."""
    from matplotlib.figure import Figure

    totals = true_totals(confused)
    types = [label for label, _ in totals.most_common(_PLOTTED_TYPES)]
    shares = np.array(
        [[confused[truth, said] / totals[truth] for said in types] for truth in types]
    ).reshape(len(types), len(types))
    figure = Figure(figsize=(8, 7), dpi=120, layout="constrained")
    axes = figure.subplots()
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    axes.set_xticks(range(len(types)), types, rotation=60, ha="right", fontsize=8)
    axes.set_yticks(range(len(types)), [f"{name} ({totals[name]})" for name in types], fontsize=8)
    for row, column in zip(*np.nonzero(shares >= 0.05), strict=True):
        share = shares[row, column]
        axes.text(
            column,
            row,
            f"{share:.2f}".lstrip("0"),
            ha="center",
            va="center",
            fontsize=7,
            color="white" if share > 0.5 else "black",
        )
    axes.set(xlabel="called", ylabel="true (photos)")
    figure.savefig(path)


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "".join("| " + " | ".join(cells) + " |\n" for cells in lines)


def _shown(value: float | None) -> str:
    if value is None:
        return "–"
    return f"{value:.3f}" if isinstance(value, float) else str(value)
