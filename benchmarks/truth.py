"""Measures what drafts say: right, not said, wrong; and whether the marks beside them help.

    python -m benchmarks.truth [--data DIR] [--model DIR] [--others DIR] [--json]

*Photo alone* and *title told*: of a record's four labels (type, colour, wearer, usage), what the
standard text says of them. With `everything` all that is seen is said; as usual what is unlikely is
left out. *Wrong colours*: how far they are off, in CIELAB. *Marks*: of the words that are
underlined as doubtful, and of those that are wrong.
*Recognised*: the photos beside pictures that show no fashion item, 30 drawn by
`benchmarks.other_pictures` and those in `--others`. *Same words*: each photo beside itself as the
catalog stores it, and at 90 % of its size. *Facts*: one to four, of which every fourth photo has
one against it.
"""

import argparse
import io
import random
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean, median
from typing import Any

import torch
from PIL import Image

from benchmarks.other_pictures import other_pictures
from benchmarks.report import Measure, print_measures
from lab.starter.label_space import label_of
from lab.starter.text_tower import with_one_exchanged
from moda_engine import STARTER_DIRECTORY, DescribeOptions, Describer, Description
from moda_engine.brief.check import TextClaim, is_doubtful, unsaid
from moda_engine.brief.product import KnownProduct
from moda_engine.describing.fit import FitScorer
from moda_engine.evaluation.colour_difference import colour_difference
from moda_engine.evaluation.evaluate import labelled_records
from moda_engine.evaluation.measures import (
    SAID_KINDS,
    area_under_curve,
    calibration_error,
    judge,
    said_shares,
)
from moda_engine.imagefolder import ImagefolderRecord
from moda_engine.language.labels import ItemLabels, labels_from_record
from moda_engine.language.reading import read
from moda_engine.language.vocabulary import ALTERNATIVES, PRODUCT_TYPES
from moda_engine.language.writing import sentence
from moda_engine.photos import open_photo

SEED = 7
MOST_TOLD = 4
CONTRARY_SHARE = 0.25
OTHERS = 30
#: Photos whose words are compared with those of their copies.
COPIED = 110
BATCH = 64
#: Training photos of a type that is not rare.
RARE = 40
#: ΔE from which on nobody would take one colour for the other; navy and black are 14 apart.
PLAINLY_OTHER = 25
FREE = {"fabric": "Fabric", "fit": "Fit"}
#: Kinds that are told against the photo: any item can have any of their labels.
CONTRARY = ("colour", "gender")
EVERYTHING = DescribeOptions(min_probability=0.0, fit=False)
USUAL = DescribeOptions(fit=False)


@dataclass(frozen=True)
class Subject:
    """A model and labelled photos, encoded once: `features` is (photos, feature_size)."""

    describer: Describer
    records: list[ImagefolderRecord]
    labels: list[ItemLabels]
    features: torch.Tensor

    def describe(
        self, options: DescribeOptions, known: Sequence[KnownProduct | None] | None = None
    ) -> list[Description]:
        """The description of each photo."""
        return self.describer.describe_features(self.features, known, options)


def subject_of(describer: Describer, folder: Path) -> Subject:
    """The labelled photos of `folder` whose type has words."""
    records, _ = labelled_records(folder)
    kept = [
        record
        for record in records
        if labels_from_record(record.fields).product_type in PRODUCT_TYPES
    ]
    parts = [
        describer.encode([open_photo(record.path) for record in kept[start : start + BATCH]])
        for start in range(0, len(kept), BATCH)
    ]
    labels = [labels_from_record(record.fields) for record in kept]
    return Subject(describer, kept, labels, torch.cat(parts))


def said_measures(subject: Subject) -> Iterator[Measure]:
    """What the texts say of the labels, by photo alone and with the title."""
    titles = [titled(record) for record in subject.records]
    for name, known in (("photo alone", None), ("title told", titles)):
        everything, usual = subject.describe(EVERYTHING, known), subject.describe(USUAL, known)
        least = 0.88 if known else None
        yield Measure(
            f"{name}, all four right", all_right(everything, subject.labels), "", least=least
        )
        for way, described in (("everything", everything), ("usual", usual)):
            shares = said_shares([read(one.text) for one in described], subject.labels)
            if shares is not None:
                yield Measure(f"{name}, {way}: right", shares.right, "")
                yield Measure(f"{name}, {way}: not said", shares.not_said, "")
                yield Measure(f"{name}, {way}: wrong", shares.wrong, "")
            wrong = [
                len(wrong_claims(*pair)) for pair in zip(described, subject.labels, strict=True)
            ]
            yield Measure(f"{name}, {way}: wrong claims a draft", fmean(wrong), "")
        yield Measure(
            f"{name}, drafts of nothing",
            sum(not one.recognised for one in usual),
            f"of {len(usual)}",
        )
        yield from confidence_measures(name, usual, subject.labels)
        yield from mark_measures(name, usual, subject.labels)
        yield from colour_measures(name, everything, subject.labels)
        against = sum(map(_says_against_unmarked, usual))
        yield Measure(f"{name}, drafts against the catalog, unmarked", against, "", most=0)


def titled(record: ImagefolderRecord) -> KnownProduct:
    """What a shop would know that had typed no more than title and brand."""
    fields = record.fields
    brand = fields.get("brand")
    return KnownProduct(
        title=str(fields.get("title") or ""), brand=brand if isinstance(brand, str) else ""
    )


def all_right(described: Sequence[Description], labels: Sequence[ItemLabels]) -> float:
    """Share of texts that say the truth of every known label of the four kinds."""
    return fmean(
        all(
            right in (True, None, 1.0)
            for right in (found.product_type, found.colour, found.gender, found.usage)
        )
        for found in (
            judge(read(one.text), item) for one, item in zip(described, labels, strict=True)
        )
    )


def wrong_claims(description: Description, labels: ItemLabels) -> list[TextClaim]:
    """The claims of the text that the labels contradict."""
    return [claim for claim in description.claims if _truth_of(claim, labels) is False]


def _truth_of(claim: TextClaim, labels: ItemLabels) -> bool | None:
    """Whether a claim is true; `None` where the labels do not say."""
    label = label_of(labels, claim.kind) if claim.kind in ALTERNATIVES else None
    if not label:
        return None
    return set(claim.value.split("/")) <= set(label.split("/"))


def confidence_measures(
    name: str, described: Sequence[Description], labels: Sequence[ItemLabels]
) -> Iterator[Measure]:
    """How well the confidence tells true drafts from others."""
    pairs = [
        (one.confidence, judge(read(one.text), item).all_true)
        for one, item in zip(described, labels, strict=True)
        if one.text
    ]
    scores, truths = [score for score, _ in pairs], [truth for _, truth in pairs]
    area, error = area_under_curve(scores, truths), calibration_error(scores, truths)
    yield Measure(f"{name}, confidence: AUROC", area or 0.0, "", least=0.85)
    yield Measure(f"{name}, confidence: calibration error", error or 0.0, "", most=0.03)


def colour_measures(
    name: str, described: Sequence[Description], labels: Sequence[ItemLabels]
) -> Iterator[Measure]:
    """How far wrong colours are from the true ones, as people see it."""
    said = (
        (read(one.text).colours, item.colour) for one, item in zip(described, labels, strict=True)
    )
    far = [
        difference
        for colours, truth in said
        if truth and len(colours) == 1 and truth not in colours
        if (difference := colour_difference(min(colours), truth)) is not None
    ]
    yield Measure(f"{name}, wrong colours: median ΔE", median(far) if far else 0.0, "")
    share = sum(difference > PLAINLY_OTHER for difference in far) / len(described)
    yield Measure(f"{name}, colours off by more than ΔE {PLAINLY_OTHER}", share, "")


def rare_type_measures(subject: Subject, training_sets: Path) -> Iterator[Measure]:
    """Mean recall of the types that few training photos show, by photo alone."""
    counts = Counter(
        labels_from_record(record.fields).product_type
        for folder in sorted(training_sets.glob("*/train"))
        for record in labelled_records(folder)[0]
    )
    rare = {name for name in PRODUCT_TYPES if counts[name] < RARE}
    found: dict[str, list[bool]] = {}
    for one, item in zip(subject.describe(EVERYTHING), subject.labels, strict=True):
        if item.product_type in rare:
            told = item.product_type in read(one.text).product_types
            found.setdefault(item.product_type, []).append(told)
    if found:
        name = f"photo alone, {len(found)} types of fewer than {RARE} training photos: mean recall"
        yield Measure(name, fmean(map(fmean, found.values())), "")


def mark_measures(
    name: str, described: Sequence[Description], labels: Sequence[ItemLabels]
) -> Iterator[Measure]:
    """Of the underlined words those that are wrong, and of the wrong ones those underlined."""
    claims = [
        (is_doubtful(claim, one.brief), not truth)
        for one, item in zip(described, labels, strict=True)
        for claim in one.claims
        if claim.kind in SAID_KINDS and (truth := _truth_of(claim, item)) is not None
    ]
    marked = [is_wrong for is_marked, is_wrong in claims if is_marked]
    wrong = [is_marked for is_marked, is_wrong in claims if is_wrong]
    yield Measure(f"{name}, marks: precision", fmean(marked) if marked else 0.0, "", least=0.6)
    yield Measure(f"{name}, marks: recall", fmean(wrong) if wrong else 1.0, "", least=0.6)
    yield Measure(f"{name}, marked claims", len(marked), f"of {len(claims)}")


def _says_against_unmarked(description: Description) -> bool:
    return any(
        claim.verdict == "contradicted"
        and claim.source == "catalog"
        and not is_doubtful(claim, description.brief)
        for claim in description.claims
    )


def recognition_measures(subject: Subject, others: Path | None) -> Iterator[Measure]:
    """How far the photos and pictures of other things lie apart."""
    heads = subject.describer.model.heads
    if heads is None:
        return
    pictures = other_pictures(OTHERS, SEED)
    files = sorted(others.rglob("*")) if others else []
    pictures += [open_photo(file) for file in files if file.suffix.lower() in {".png", ".jpg"}]
    strange = heads.recognised(subject.describer.encode(pictures))
    own = heads.recognised(subject.features)
    truths = [True] * len(own) + [False] * len(strange)
    area = area_under_curve([*own, *strange], truths) or 0.0
    yield Measure("recognised: AUROC", area, f"{len(strange)} other pictures", least=0.98)
    refused = fmean(share < heads.recognised_from for share in own)
    yield Measure("recognised: photos refused", refused, "", most=0.005)
    taken = fmean(share >= heads.recognised_from for share in strange)
    yield Measure("recognised: other pictures taken", taken, "")


def copy_measures(subject: Subject) -> Iterator[Measure]:
    """Photos that have the words of their copies."""
    records = subject.records[:COPIED]
    known = [KnownProduct(seed=record.path.name) for record in records]
    photos = [open_photo(record.path) for record in records]
    ways = {
        "as stored": [_stored(one) for one in photos],
        "90 %": [_smaller(one) for one in photos],
    }
    texts = [one.text for one in subject.describer.describe(photos, known, USUAL)]
    for name, copies in ways.items():
        found = subject.describer.describe(copies, known, USUAL)
        same = sum(one.text == text for one, text in zip(found, texts, strict=True))
        yield Measure(f"same words {name}", same, f"of {len(texts)}", least=0.98 * len(texts))


def _stored(photo: Image.Image) -> Image.Image:
    """As the catalog keeps an upload (`catalog/photos.py`): encoded once more."""
    file = io.BytesIO()
    photo.save(file, "JPEG", quality=92)
    return Image.open(file)


def _smaller(photo: Image.Image) -> Image.Image:
    size = (round(0.9 * photo.width), round(0.9 * photo.height))
    return photo.resize(size, Image.Resampling.LANCZOS)


def facts_measures(subject: Subject) -> Iterator[Measure]:
    """What becomes of facts that are told, also against the photo."""
    chance = random.Random(SEED)
    told = [_told(*pair, chance) for pair in zip(subject.records, subject.labels, strict=True)]
    known = [
        KnownProduct(
            facts="; ".join(f"{kind.replace('_', ' ')}: {value}" for kind, value in facts.items())
        )
        for facts in told
    ]
    described = subject.describe(USUAL, known)
    claims = [claim for one in described for claim in one.brief.claims if claim.source == "catalog"]
    missing = [
        claim
        for one in described
        for claim in unsaid(one.text, one.brief)
        if claim.source == "catalog" and one.recognised
    ]
    read_share = len(claims) / sum(map(len, told))
    yield Measure("facts that are read", read_share, "", least=0.98)
    yield Measure("facts that are said", 1 - len(missing) / len(claims), "", least=0.98)


def _told(record: ImagefolderRecord, labels: ItemLabels, chance: random.Random) -> dict[str, str]:
    """One to four facts of a photo, one of which may be against it."""
    known = {
        kind: str(label)
        for kind in ALTERNATIVES
        if (label := label_of(labels, kind)) in ALTERNATIVES[kind]
    }
    attributes: dict[str, Any] = record.fields.get("attributes") or {}
    free = {name: attributes.get(column) for name, column in FREE.items()}
    free["brand"] = record.fields.get("brand")
    known |= {name: value for name, value in free.items() if value and value not in ("NA", "-")}
    names = chance.sample(sorted(known), min(len(known), chance.randint(1, MOST_TOLD)))
    told = {name: known[name] for name in names}
    against = [kind for kind in CONTRARY if kind in told]
    if not against or chance.random() >= CONTRARY_SHARE:
        return told
    kind = chance.choice(against)
    others = [label for label in ALTERNATIVES[kind] if label not in known[kind]]
    return {**told, kind: chance.choice(others)}


def fit_measures(subject: Subject) -> Iterator[Measure]:
    """How sentences score beside doubles with one label exchanged, never the usage alone."""
    chance = random.Random(SEED)
    scorer = FitScorer(subject.describer.model, subject.describer.processor)
    doubles = [with_one_exchanged(item, chance) for item in subject.labels]
    true = scorer.sentence_scores(subject.features, [sentence(item) for item in subject.labels])
    false = scorer.sentence_scores(subject.features, [sentence(double) for double in doubles])
    truths = [True] * len(true) + [False] * len(false)
    yield Measure(
        "sentences, AUROC", area_under_curve([*true, *false], truths) or 0.0, "", least=0.8
    )
    above = fmean(one > other for one, other in zip(true, false, strict=True))
    yield Measure("sentences above their own doubles", above, "")


def main() -> None:
    arguments = _arguments()
    describer = Describer.from_pretrained(arguments.model, dtype=torch.float32)
    subject = subject_of(describer, arguments.data)
    measures = [
        *said_measures(subject),
        *rare_type_measures(subject, arguments.training_sets),
        *recognition_measures(subject, arguments.others),
        *copy_measures(subject),
        *facts_measures(subject),
        *fit_measures(subject),
    ]
    context = {"photos": len(subject.records), "set": arguments.data.name}
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
    parser.add_argument(
        "--others", type=Path, metavar="DIR", help="further pictures that show no fashion item"
    )
    parser.add_argument(
        "--training-sets",
        type=Path,
        default=Path("../shared/data"),
        metavar="DIR",
        help="its */train are counted to know which types are rare",
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    return parser.parse_args()


if __name__ == "__main__":
    main()
