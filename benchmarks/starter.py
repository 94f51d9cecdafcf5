"""Measures the starter's speed and size: `python -m benchmarks.starter [--photos DIR] [--json]`.

From JPEG files of 300 pixels (by default drawings) to texts, 32 at a time, in a process of its own;
also that process's whole memory and the checkpoint's size on disk.
"""

import argparse
import json
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from benchmarks.importing import peak_megabytes
from benchmarks.report import Measure, print_measures

PHOTOS, ROUNDS = 1_280, 5
DRAWINGS, SIDE = 128, 300
BATCH_SIZE = 32


def main() -> None:
    arguments = _arguments()
    if arguments.child:
        print(json.dumps(describe(arguments.child)))
        return
    with tempfile.TemporaryDirectory() as name:
        folder = arguments.photos or drawn(Path(name))
        command = [sys.executable, "-m", "benchmarks.starter", "--child", str(folder)]
        found = json.loads(subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout)
    measures = [
        Measure("photos a second", found["photos_per_second"], "", least=150),
        Measure("peak memory", found["megabytes"], "MB", most=500),
        Measure("checkpoint on disk", found["mebibytes_on_disk"], "MiB", most=32),
    ]
    context = {"photos": PHOTOS, "rounds": ROUNDS, "batch": BATCH_SIZE}
    print_measures("starter", measures, as_json=arguments.json, context=context)
    sys.exit(not all(measure.holds for measure in measures))


def describe(folder: Path) -> dict[str, float]:
    """Median rate over rounds, and this process's peak of memory."""
    from moda_engine import STARTER_DIRECTORY, DescribeOptions, Describer

    paths = sorted(path for path in folder.iterdir() if path.suffix == ".jpg")
    chosen = [paths[number % len(paths)] for number in range(PHOTOS)]
    describer = Describer.from_pretrained(STARTER_DIRECTORY, serving=True)  # as a worker does
    options = DescribeOptions(batch_size=BATCH_SIZE)
    describer.describe(chosen[:BATCH_SIZE], options=options)
    rates = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        for _ in describer.describe_stream(((path, None) for path in chosen), options):
            pass
        rates.append(PHOTOS / (time.perf_counter() - began))
    size = sum(path.stat().st_size for path in STARTER_DIRECTORY.iterdir())
    return {
        "photos_per_second": median(rates),
        "megabytes": peak_megabytes(),
        "mebibytes_on_disk": size / 2**20,
    }


def drawn(folder: Path) -> Path:
    """Random drawings as JPEG files."""
    from lab.drawings import draw, random_specification

    chance = random.Random(1)
    for number in range(DRAWINGS):
        picture = draw(random_specification(chance), size=SIDE)
        picture.convert("RGB").save(folder / f"{number:03}.jpg", quality=90)
    return folder


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.starter",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--photos", type=Path, metavar="DIR", help="use the JPEG files in DIR")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--child", type=Path, help=argparse.SUPPRESS)
    return parser.parse_args()


if __name__ == "__main__":
    main()
