"""Where descriptions go: lines on standard output, one file of all, or a text beside each photo."""

import csv
import json
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from moda_engine.commands.photo_files import sidecar
from moda_engine.exceptions import EngineError

#: A photo and what was made of it, as `--json` prints it.
Write = Callable[[Path, Mapping[str, object]], None]
#: Columns of a new CSV file; the claims are in JSON alone, and bullet points are a cell.
COLUMNS = (
    "image",
    "recognised",
    "reason",
    "description",
    "confidence",
    "mode",
    "alt_text",
    "detailed",
    "title",
    "bullets",
    "meta_title",
    "meta_description",
    "fit",
)


def print_line(photo: Path, made: Mapping[str, object]) -> None:
    """A line a photo: its path, and its text or why there is none."""
    print(f"{photo}: {made['description'] or '({})'.format(made['reason'])}", flush=True)


def print_json(photo: Path, made: Mapping[str, object]) -> None:
    """A JSON object a line."""
    print(json.dumps(made, ensure_ascii=False), flush=True)


def write_sidecar(photo: Path, made: Mapping[str, object]) -> None:
    """The text, in a file beside the photo; none where there is no text."""
    if made["description"]:
        sidecar(photo).write_text(f"{made['description']}\n", encoding="utf-8")


@contextmanager
def written_to(output: Path) -> Iterator[Write]:
    """Writes to the end of a file: CSV where its name says so, else JSON Lines.

    Each line is written through at once, so that a run that was killed is gone on with.

    Raises `EngineError` when the disk takes no more.
    """
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        with output.open("a+", encoding="utf-8", newline="") as file:
            yield _csv_rows(file) if output.suffix == ".csv" else _json_lines(file)
    except OSError as error:
        if isinstance(error, BrokenPipeError):
            raise
        raise EngineError(f"{output} cannot be written: {error.strerror or error}.") from error


def _json_lines(file: IO[str]) -> Write:
    def write(photo: Path, made: Mapping[str, object]) -> None:
        file.write(json.dumps(made, ensure_ascii=False) + "\n")
        file.flush()

    return write


def _csv_rows(file: IO[str]) -> Write:
    file.seek(0)
    former = next(csv.reader(file), None)  # of a run that is gone on with, perhaps of before
    rows = csv.DictWriter(file, former or COLUMNS, extrasaction="ignore", lineterminator="\n")
    if former is None:
        rows.writeheader()

    def write(photo: Path, made: Mapping[str, object]) -> None:
        # No line break within a cell: a file that was cut is gone on with at its last line.
        bullets = made["bullets"]
        cell = " | ".join(map(str, bullets)) if isinstance(bullets, list) else bullets
        rows.writerow({**made, "bullets": cell})
        file.flush()

    return write


def refuse(reason: object) -> None:
    """Say on standard error why a photo has no description."""
    print(f"moda_engine: {reason}", file=sys.stderr)
