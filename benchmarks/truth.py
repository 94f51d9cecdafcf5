"""Measures how the starter uses facts, and how well its fit tells true from false.

    python -m benchmarks.truth [--data DIR] [--model DIR] [--json]

*Facts*: each labelled photo comes with one to four facts, in any order, brand, fabric and fit among
them; for every fourth photo the fact for colour or wearer contradicts it. *Fit*: the sentence of
each photo's labels against a copy in which one label, never the usage alone, is exchanged.
"""

import argparse
import random
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import fmean
from typing import Any

import torch

from benchmarks.report import Measure, print_measures
from lab.starter.label_space import label_of
from lab.starter.text_tower import with_one_exchanged
from moda_engine import STARTER_DIRECTORY, DescribeOptions, Describer, Description
from moda_engine.describing.fit import FitScorer
from moda_engine.evaluation.evaluate import labelled_records
from moda_engine.evaluation.measures import area_under_curve, five_measures, judge
from moda_engine.language.labels import ItemLabels, labels_from_record
from moda_engine.language.reading import read
from moda_engine.language.vocabulary import ALTERNATIVES, DETAILS, PRODUCT_TYPES
from moda_engine.language.writing import sentence
from moda_engine.photos import open_photo

SEED = 7
MOST_TOLD = 4
CONTRARY_SHARE = 0.25
#: Attributes of records by the fact that they are told as.
FREE = {"fabric": "Fabric", "fit": "Fit"}
#: Kinds that are told against the photo: any item can have any of their labels.
CONTRARY = ("colour", "gender")


@dataclass(frozen=True)
class Item:
    """A photo, its labels and what is told of it; `contrary` is the kind told against it."""

    path: Path
    labels: ItemLabels
    told: dict[str, str]
    contrary: str | None

    @property
    def facts(self) -> str:
        """As the model is told."""
        return "; ".join(f"{kind.replace('_', ' ')}: {value}" for kind, value in self.told.items())


def items_of(folder: Path) -> list[Item]:
    """The labelled photos whose type has words, each with facts of its own."""
    chance = random.Random(SEED)
    records, _ = labelled_records(folder)
    found = ((record, labels_from_record(record.fields)) for record in records)
    return [
        _item(record.path, labels, record.fields, chance)
        for record, labels in found
        if labels.product_type in PRODUCT_TYPES
    ]


def _item(path: Path, labels: ItemLabels, fields: dict[str, Any], chance: random.Random) -> Item:
    known = {
        kind: str(label)
        for kind in ALTERNATIVES
        if (label := label_of(labels, kind)) in ALTERNATIVES[kind]
    }
    attributes = fields.get("attributes") or {}
    free = {name: attributes.get(column) for name, column in FREE.items()}
    free["brand"] = fields.get("brand")
    known |= {name: value for name, value in free.items() if value and value not in ("NA", "-")}
    names = chance.sample(sorted(known), min(len(known), chance.randint(1, MOST_TOLD)))
    told = {name: known[name] for name in names}
    against = [kind for kind in CONTRARY if kind in told]
    if not against or chance.random() >= CONTRARY_SHARE:
        return Item(path, labels, told, None)
    kind = chance.choice(against)
    others = [label for label in ALTERNATIVES[kind] if label not in known[kind]]
    return Item(path, labels, {**told, kind: chance.choice(others)}, kind)


def facts_measures(describer: Describer, items: Sequence[Item]) -> Iterator[Measure]:
    """What became of the facts, and of what was not told."""
    options = DescribeOptions()
    paths = [item.path for item in items]
    told = describer.describe(paths, [item.facts for item in items], options)
    untold = describer.describe(paths, options=options)
    facts = sum(len(item.told) for item in items)
    missing = sum(len(one.unstated) for one in told)
    yield Measure("told facts that are stated", 1 - missing / facts, "", least=0.98)
    denied = sum(map(_contradictions, items, told))
    yield Measure("told facts that are contradicted", denied, f"of {facts}", most=0)
    pairs = [(item, one) for item, one in zip(items, told, strict=True) if item.contrary]
    yield Measure("facts against the photo, obeyed", fmean(_obeyed(*pair) for pair in pairs), "")
    yield Measure("facts against the photo, doubted", fmean(_doubted(*pair) for pair in pairs), "")
    before, after = (_not_told(items, found) for found in (untold, told))
    yield Measure("what is not told, without facts", before, "")
    yield Measure("what is not told, with facts", after, "", least=before - 0.01)


def _contradictions(item: Item, description: Description) -> int:
    """Facts that the text states otherwise, not those on which it is silent."""
    said = _said(description.text)
    return sum(bool(said.get(kind)) for kind, _ in description.unstated if kind in ALTERNATIVES)


def _said(text: str) -> dict[str, set[str]]:
    stated = read(text)
    details = {kind: {label for k, label in stated.details if k == kind} for kind in DETAILS}
    return {
        "product_type": set(stated.product_types),
        "colour": set(stated.colours),
        "gender": set(stated.genders),
        "usage": set(stated.usages),
        "pattern": set(stated.patterns),
        **details,
    }


def _obeyed(item: Item, description: Description) -> bool:
    return all(kind != item.contrary for kind, _ in description.unstated)


def _doubted(item: Item, description: Description) -> bool:
    return any(one.kind == item.contrary and one.reason for one in description.details)


def _not_told(items: Sequence[Item], descriptions: Sequence[Description]) -> float:
    """Mean of the five measures over the labels that were not told."""
    verdicts = [
        judge(read(one.text), _without(item.labels, set(item.told)))
        for item, one in zip(items, descriptions, strict=True)
    ]
    return five_measures(verdicts)["overall"] or 0.0


def _without(labels: ItemLabels, kinds: set[str]) -> ItemLabels:
    """The labels without some kinds."""
    columns = {kind: None for kind in kinds if kind in ALTERNATIVES and kind not in DETAILS}
    details = {kind: label for kind, label in labels.details.items() if kind not in kinds}
    return replace(labels, details=details, **columns)


def fit_measures(describer: Describer, items: Sequence[Item]) -> Iterator[Measure]:
    """How sentences and their details score beside doubles with one label exchanged."""
    chance = random.Random(SEED)
    scorer = FitScorer(describer.model, describer.processor)
    features = encoded(describer, [item.path for item in items])
    doubles = [with_one_exchanged(item.labels, chance) for item in items]
    true = scorer.sentence_scores(features, [sentence(item.labels) for item in items])
    false = scorer.sentence_scores(features, [sentence(double) for double in doubles])
    truths = [True] * len(true) + [False] * len(false)
    yield Measure(
        "sentences, AUROC", area_under_curve([*true, *false], truths) or 0.0, "", least=0.8
    )
    above = fmean(one > other for one, other in zip(true, false, strict=True))
    yield Measure("sentences above their own doubles", above, "")
    details = scorer.details(features, [sentence(double) for double in doubles])
    scored = [
        (detail.score, label_of(item.labels, detail.kind) == label_of(double, detail.kind))
        for item, double, found in zip(items, doubles, details, strict=True)
        for detail in found
        if detail.score is not None and label_of(item.labels, detail.kind)
    ]
    area = area_under_curve([score for score, _ in scored], [truth for _, truth in scored])
    yield Measure("details, AUROC", area or 0.0, "", least=0.8)


@torch.inference_mode()
def encoded(describer: Describer, paths: Sequence[Path]) -> torch.Tensor:
    """Image features, (photos, feature_size)."""
    parts = []
    for start in range(0, len(paths), 64):
        images = [open_photo(path) for path in paths[start : start + 64]]
        pixels = describer.processor(images=images)["pixel_values"]
        parts.append(describer.model.encode_images(pixels))
    return torch.cat(parts)


def main() -> None:
    arguments = _arguments()
    describer = Describer.from_pretrained(arguments.model)
    items = items_of(arguments.data)
    measures = [*facts_measures(describer, items), *fit_measures(describer, items)]
    context = {"photos": len(items), "set": arguments.data.name}
    print_measures("truth", measures, as_json=arguments.json, context=context)
    sys.exit(not all(measure.holds for measure in measures))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.truth",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--data",
        type=Path,
        default=Path("../shared/data/catalog-extra/review"),
        metavar="DIR",
        help="an imagefolder",
    )
    parser.add_argument(
        "--model", type=Path, default=STARTER_DIRECTORY, metavar="DIR", help="default: the starter"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    return parser.parse_args()


if __name__ == "__main__":
    main()
