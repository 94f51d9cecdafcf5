"""Describe photos (JPEG, PNG, WebP or AVIF), one line per photo. A photo that cannot be read is
reported on standard error; the others are still described, and the exit status is 1."""

import argparse
import json
from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from moda_engine.brief.check import TextClaim
from moda_engine.brief.product import KnownProduct
from moda_engine.commands.loading import add_precision, describer_of
from moda_engine.commands.outputs import (
    Write,
    print_json,
    print_line,
    refuse,
    write_sidecar,
    written_to,
)
from moda_engine.commands.photo_files import described_before, photo_files, sidecar
from moda_engine.copywriting.slots import SLOTS
from moda_engine.exceptions import DatasetError, PhotoError

if TYPE_CHECKING:
    from moda_engine.describing.description import Description

#: By what name the describer knows the adapter of `--adapter`.
_ADAPTER = "named"

#: All texts beside the standard one: they take no time.
_SLOTS = tuple(name for name in SLOTS if name != "standard")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "photos",
        nargs="+",
        metavar="PHOTO",
        help="photos, folders of photos, or patterns such as 'shop/**/*.jpg'",
    )
    parser.add_argument(
        "--recursive", action="store_true", help="describe the photos of sub-folders too"
    )
    parser.add_argument("--facts", help='known facts of all photos: "brand: Wren; colour: navy"')
    parser.add_argument(
        "--facts-file",
        type=Path,
        metavar="JSONL",
        help="one object a line: `image`, the name of a photo's file, and what is known of it: "
        "`facts`, `title`, `brand`, `category`, `product_type`, `colour`, `gender`, `options`, "
        "`attributes`, `tags`, `description`, `language`, `voice`, and `seed`, which chooses the "
        "order of the words",
    )
    parser.add_argument(
        "--min-probability",
        type=_probability,
        metavar="P",
        help="say what is seen from this probability on; 0 says everything, however unlikely "
        "(default: the model's own bounds)",
    )
    parser.add_argument(
        "--model",
        type=Path,
        metavar="DIR",
        help="checkpoint folder, or `copywriter` (default: the starter)",
    )
    parser.add_argument("--adapter", type=Path, metavar="DIR", help="an adapter to write with")
    parser.add_argument(
        "--batch-size", type=_count, default=64, metavar="N", help="photos at a time (default: 64)"
    )
    add_precision(parser, "what is fast on this machine")
    _add_outputs(parser)


def _add_outputs(parser: argparse.ArgumentParser) -> None:
    chosen = parser.add_mutually_exclusive_group()
    chosen.add_argument("--json", action="store_true", help="print one JSON object per photo")
    chosen.add_argument(
        "--output",
        type=Path,
        metavar="FILE",
        help="write to FILE, with a bar of progress: CSV if its name ends in .csv, else JSON Lines",
    )
    chosen.add_argument(
        "--sidecars",
        action="store_true",
        help="write the text of each photo into a file beside it, photo.txt for photo.jpg",
    )
    parser.add_argument(
        "--resume",
        action="store_true",
        help="pass over photos that --output names or that have a sidecar",
    )


def run(arguments: argparse.Namespace) -> int:
    from tqdm import tqdm

    from moda_engine.describing.description import DescribeOptions

    known = read_facts(arguments.facts_file) if arguments.facts_file else {}
    photos = _photos(arguments)
    if not photos:
        refuse("all photos are described already.")
        return 0
    pairs = [(path, _product(path, known, arguments.facts or "")) for path in photos]
    describer = describer_of(arguments.model, arguments.precision)
    options = DescribeOptions(
        min_probability=arguments.min_probability,
        batch_size=arguments.batch_size,
        slots=_SLOTS,
        adapter=_ADAPTER if arguments.adapter else None,
    )
    if arguments.adapter:
        describer.load_adapter(arguments.adapter, _ADAPTER)
    is_quiet = not (arguments.output or arguments.sidecars)
    refused = False
    with _writer(arguments) as write:
        found = describer.describe_each(pairs, options)
        bar = tqdm(found, total=len(photos), unit=" photos", disable=is_quiet or None, leave=False)
        for path, one in zip(photos, bar, strict=True):
            if isinstance(one, PhotoError):
                refused = True
                bar.clear()
                refuse(one)
            else:
                write(path, _line(path, one))
    return 1 if refused else 0


def _photos(arguments: argparse.Namespace) -> list[Path]:
    """The photos to describe.

    Raises `DatasetError` for a folder without any, and for an output that is there already.
    """
    photos = photo_files(arguments.photos, recursive=arguments.recursive)
    output = arguments.output
    if arguments.resume and arguments.sidecars:
        return [path for path in photos if not sidecar(path).is_file()]
    if output is None or not output.exists():
        return photos
    if not arguments.resume:
        raise DatasetError(f"{output} exists: go on with it by --resume, or name another file.")
    before = described_before(output)
    return [path for path in photos if str(path) not in before]


def _writer(arguments: argparse.Namespace) -> AbstractContextManager[Write]:
    if arguments.output:
        return written_to(arguments.output)
    if arguments.sidecars:
        return nullcontext(write_sidecar)
    return nullcontext(print_json if arguments.json else print_line)


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


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number from 1 on.")
    return int(text)


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
        "title": description.title,
        "bullets": description.bullets.splitlines(),
        "meta_title": description.meta_title,
        "meta_description": description.meta_description,
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
