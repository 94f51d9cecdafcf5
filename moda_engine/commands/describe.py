"""Describe photos (JPEG, PNG or WebP), one line each. A photo that cannot be read is named on
standard error; the others are described all the same, and the exit status is then 1."""

import argparse
import json
import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

from PIL import Image

from moda_engine.commands.loading import quiet_describer
from moda_engine.exceptions import PhotoError
from moda_engine.photos import open_photo


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("photos", nargs="+", type=Path, metavar="PHOTO")
    parser.add_argument("--facts", help='what is known of all of them: "brand: Wren; colour: navy"')
    parser.add_argument("--model", type=Path, help="checkpoint folder (default: the starter)")
    parser.add_argument("--json", action="store_true", help="one JSON object a line")


def run(arguments: argparse.Namespace) -> int:
    described: list[Path] = []
    refused: list[str] = []

    def readable() -> Iterator[tuple[Image.Image, str | None]]:
        for path in arguments.photos:
            try:
                photo = open_photo(path)
            except PhotoError as error:
                refused.append(str(error))
                print(f"moda_engine: {error}", file=sys.stderr)
                continue
            described.append(path)
            yield photo, arguments.facts

    describer = quiet_describer(arguments.model)
    for index, description in enumerate(describer.describe_stream(readable())):
        if arguments.json:
            line = {
                "image": str(described[index]),
                "description": description.text,
                "confidence": round(description.confidence, 4),
                "alt_text": description.alt_text,
                "detailed": description.detailed,
                "fit": None if description.fit is None else round(description.fit, 4),
                "details": [asdict(detail) for detail in description.details],
            }
            print(json.dumps(line, ensure_ascii=False), flush=True)
        else:
            print(f"{described[index]}: {description.text}", flush=True)
    return 1 if refused else 0
