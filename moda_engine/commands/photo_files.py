"""Which photos a command is about, and what was said of them before."""

import csv
import glob
import json
from collections.abc import Iterator, Sequence
from pathlib import Path

from moda_engine.exceptions import DatasetError
from moda_engine.imagefolder import PHOTO_SUFFIXES


def photo_files(named: Sequence[str], *, recursive: bool) -> list[Path]:
    """The photos that are named: files, all those of folders, and those that a pattern finds.

    Each comes once, and those of a folder or a pattern by name. What is none of these is taken for
    a file, so that its error says so in its place.

    Args:
        recursive: also what lies in sub-folders.

    Raises `DatasetError` for a folder without photos.
    """
    found: dict[Path, None] = {}
    for name in named:
        path = Path(name)
        if path.is_dir():
            files = sorted(_photos_of(path, recursive=recursive))
            if not files:
                advice = "" if recursive else " Add --recursive to look in its sub-folders."
                raise DatasetError(f"{path} holds no photos ({', '.join(PHOTO_SUFFIXES)}).{advice}")
            found |= dict.fromkeys(files)
        elif glob.has_magic(name) and not path.exists():
            # `Path.glob` takes no pattern that begins at the root.
            matches = sorted(map(Path, glob.glob(name, recursive=True)))  # noqa: PTH207
            found |= dict.fromkeys([one for one in matches if one.is_file()] or [path])
        else:
            found[path] = None
    return list(found)


def sidecar(photo: Path) -> Path:
    """The file of text beside a photo."""
    return photo.with_suffix(".txt")


def described_before(output: Path) -> set[str]:
    """The photos that `output` names already; a line that was cut when a run ended is taken off.

    Raises `DatasetError` where the file cannot be read.
    """
    try:
        content = output.read_bytes()
        whole = content[: content.rfind(b"\n") + 1]
        if len(whole) < len(content):
            output.write_bytes(whole)
        lines = whole.decode("utf-8").splitlines(keepends=True)
        rows = csv.DictReader(lines) if output.suffix == ".csv" else map(json.loads, lines)
        return {row["image"] for row in rows}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DatasetError(
            f"{output} cannot be gone on with: {error}. Name another file."
        ) from error


def _photos_of(folder: Path, *, recursive: bool) -> Iterator[Path]:
    for path in folder.rglob("*") if recursive else folder.iterdir():
        if (
            path.suffix.lower() in PHOTO_SUFFIXES
            and not path.name.startswith(".")
            and path.is_file()
        ):
            yield path
