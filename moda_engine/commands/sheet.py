"""Make one PNG of random photos of an imagefolder, each with the model's description. Do not commit
sheets of other people's photos."""

import argparse
import random
import sys
import textwrap
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont, ImageOps

from moda_engine.commands.loading import quiet_describer
from moda_engine.exceptions import DatasetError
from moda_engine.imagefolder import read_imagefolder_records
from moda_engine.photos import open_photo

CELL_WIDTH, PHOTO_HEIGHT, TEXT_HEIGHT, MARGIN = 220, 200, 96, 10
FONT_SIZE = 14


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--data", type=Path, required=True, metavar="DIR", help="an imagefolder")
    parser.add_argument("--output", type=Path, required=True, metavar="PNG", help="file to write")
    parser.add_argument(
        "--model", type=Path, metavar="DIR", help="checkpoint folder (default: the starter)"
    )
    parser.add_argument("--count", type=int, default=48, help="photos (default: 48)")
    parser.add_argument("--columns", type=int, default=6, help="photos per row (default: 6)")
    parser.add_argument(
        "--seed", type=int, default=0, help="random seed of the choice (default: 0)"
    )


def run(arguments: argparse.Namespace) -> int:
    records, refused = read_imagefolder_records(arguments.data)
    for refusal in refused:
        print(f"moda_engine: left out: {refusal}", file=sys.stderr)
    if not records:
        raise DatasetError(f"{arguments.data} has no photo to show.")
    chosen = random.Random(arguments.seed).sample(records, min(arguments.count, len(records)))
    photos = [open_photo(record.path) for record in chosen]
    descriptions = quiet_describer(arguments.model).describe(photos)
    texts = [f"{item.text or item.reason} ({item.confidence:.2f})" for item in descriptions]
    arguments.output.parent.mkdir(parents=True, exist_ok=True)
    contact_sheet(photos, texts, arguments.columns).save(arguments.output, optimize=True)
    print(f"{arguments.output}: {len(photos)} photos.")
    return 0


def contact_sheet(photos: list[Image.Image], texts: list[str], columns: int) -> Image.Image:
    """A grid of photos, each above its text."""
    rows = -(-len(photos) // columns)
    height = PHOTO_HEIGHT + TEXT_HEIGHT
    sheet = Image.new("RGB", (columns * CELL_WIDTH, rows * height), "white")
    canvas = ImageDraw.Draw(sheet)
    font = ImageFont.load_default(FONT_SIZE)
    for index, (photo, text) in enumerate(zip(photos, texts, strict=True)):
        left, top = index % columns * CELL_WIDTH, index // columns * height
        size = (CELL_WIDTH - 2 * MARGIN, PHOTO_HEIGHT - 2 * MARGIN)
        sheet.paste(ImageOps.pad(photo, size, color="white"), (left + MARGIN, top + MARGIN))
        lines = "\n".join(textwrap.wrap(text, 28))
        canvas.multiline_text((left + MARGIN, top + PHOTO_HEIGHT), lines, fill="#222", font=font)
    return sheet
