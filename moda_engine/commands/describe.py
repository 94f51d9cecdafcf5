"""Describe photos (JPEG, PNG or WebP), one line per photo. A photo that cannot be read is reported
on standard error; the others are still described, and the exit status is 1."""

import argparse
import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from moda_engine.commands.loading import add_precision, quiet_describer
from moda_engine.exceptions import PhotoError

if TYPE_CHECKING:
    from moda_engine.describing.description import Description


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("photos", nargs="+", type=Path, metavar="PHOTO", help="photos to describe")
    parser.add_argument("--facts", help='known facts of all photos: "brand: Wren; colour: navy"')
    parser.add_argument(
        "--model", type=Path, metavar="DIR", help="checkpoint folder (default: the starter)"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object per photo")
    add_precision(parser, "what is fast on this machine")


def run(arguments: argparse.Namespace) -> int:
    describer = quiet_describer(arguments.model, arguments.precision)
    pairs = [(path, arguments.facts) for path in arguments.photos]
    refused = False
    for path, found in zip(arguments.photos, describer.describe_each(pairs), strict=True):
        if isinstance(found, PhotoError):
            refused = True
            print(f"moda_engine: {found}", file=sys.stderr)
        elif arguments.json:
            print(json.dumps(_line(path, found), ensure_ascii=False), flush=True)
        else:
            print(f"{path}: {found.text}", flush=True)
    return 1 if refused else 0


def _line(path: Path, description: "Description") -> dict[str, object]:
    return {
        "image": str(path),
        "description": description.text,
        "confidence": round(description.confidence, 4),
        "mode": description.mode,
        "alt_text": description.alt_text,
        "detailed": description.detailed,
        "fit": None if description.fit is None else round(description.fit, 4),
        "details": [asdict(detail) for detail in description.details],
    }
