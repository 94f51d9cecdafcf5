"""Describe photos (JPEG, PNG or WebP), one line per photo. A photo that cannot be read is reported
on standard error; the others are still described, and the exit status is 1."""

import argparse
import json
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from moda_engine.brief.check import TextClaim
from moda_engine.brief.product import KnownProduct
from moda_engine.commands.loading import add_precision, quiet_describer
from moda_engine.exceptions import DatasetError, PhotoError

if TYPE_CHECKING:
    from moda_engine.describing.description import Description


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("photos", nargs="+", type=Path, metavar="PHOTO", help="photos to describe")
    parser.add_argument("--facts", help='known facts of all photos: "brand: Wren; colour: navy"')
    parser.add_argument(
        "--facts-file",
        type=Path,
        metavar="JSONL",
        help="one object a line: `image`, the name of a photo's file, and what is known of it: "
        "`facts`, `title`, `brand`, `category`, `product_type`, `colour`, `gender`, `options`, "
        "`attributes`, `tags`, `description`, `language`, and `seed`, which chooses the order of "
        "the words",
    )
    parser.add_argument(
        "--min-probability",
        type=_probability,
        metavar="P",
        help="say what is seen from this probability on; 0 says everything, however unlikely "
        "(default: the model's own bounds)",
    )
    parser.add_argument(
        "--model", type=Path, metavar="DIR", help="checkpoint folder (default: the starter)"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object per photo")
    add_precision(parser, "what is fast on this machine")


def run(arguments: argparse.Namespace) -> int:
    from moda_engine.describing.description import DescribeOptions

    known = read_facts(arguments.facts_file) if arguments.facts_file else {}
    pairs = [(path, _product(path, known, arguments.facts or "")) for path in arguments.photos]
    options = DescribeOptions(min_probability=arguments.min_probability)
    describer = quiet_describer(arguments.model, arguments.precision)
    refused = False
    for path, found in zip(arguments.photos, describer.describe_each(pairs, options), strict=True):
        if isinstance(found, PhotoError):
            refused = True
            print(f"moda_engine: {found}", file=sys.stderr)
        elif arguments.json:
            print(json.dumps(_line(path, found), ensure_ascii=False), flush=True)
        else:
            print(f"{path}: {found.text or f'({found.reason})'}", flush=True)
    return 1 if refused else 0


def read_facts(file: Path) -> dict[str, KnownProduct]:
    """What is known of each photo, by the name of its file.

    Raises `DatasetError` when the file cannot be read, or a line is no object with an `image`.
    """
    try:
        lines = file.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise DatasetError(f"{file} cannot be read: {error}") from error
    known: dict[str, KnownProduct] = {}
    for number, line in enumerate(lines, start=1):
        if line.strip():
            name, product = _known(file, number, line)
            known[name] = product
    return known


def _known(file: Path, number: int, line: str) -> tuple[str, KnownProduct]:
    try:
        given = json.loads(line)
    except ValueError as error:
        raise DatasetError(f"{file}, line {number}: this is no JSON object ({error}).") from error
    image = given.get("image") if isinstance(given, dict) else None
    if not isinstance(image, str) or not image:
        raise DatasetError(
            f"{file}, line {number}: an object with `image`, the name of a photo's file, is needed."
        )
    return image, KnownProduct.of(given)


def _product(path: Path, known: Mapping[str, KnownProduct], facts: str) -> KnownProduct:
    """What is known of a photo: by its path as it was given, or else by its name."""
    product = known.get(str(path)) or known.get(path.name) or KnownProduct()
    both = [one for one in (facts, product.facts) if one]
    return replace(product, facts="; ".join(both))


def _probability(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value <= 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no probability: give a number from 0 to 1.")
    return value


def _line(path: Path, description: "Description") -> dict[str, object]:
    return {
        "image": str(path),
        "recognised": description.recognised,
        "reason": description.reason,
        "description": description.text,
        "confidence": round(description.confidence, 4),
        "mode": description.mode,
        "alt_text": description.alt_text,
        "detailed": description.detailed,
        "fit": None if description.fit is None else round(description.fit, 4),
        "claims": [_claim(claim) for claim in description.claims],
    }


def _claim(claim: TextClaim) -> dict[str, object]:
    known = claim.claim
    seen = None if known is None else known.seen
    return {
        "text": claim.text,
        "start": claim.start,
        "end": claim.end,
        "kind": claim.kind,
        "value": claim.value,
        "source": claim.source,
        "probability": round(claim.probability, 4),
        "verdict": claim.verdict,
        "field": known.field if known else "",
        "seen": seen and {"value": seen.value, "probability": round(seen.probability, 4)},
    }
