"""Stands in for the model, by the setting DESCRIBE_FUNCTION: quick, and under a test's control.

In one process a test sets `script`. For workers in other processes the environment variable
DESCRIBE_CONTROL names a folder: while it holds a file `hold`, the function waits, having written
its process id into `holding`; every finished call is a line in `calls`.
"""

import os
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from PIL import Image

from catalog.engine.describe import GeneratedText
from catalog.known_product import Known
from catalog.models import ModelVersion

DOTTED_PATH = "tests.describing.describe_photos"

Photos = Sequence[Image.Image]


def write_texts(photos: Photos) -> list[GeneratedText]:
    """One text a photo, told by its first pixel."""
    return [
        GeneratedText(standard=text, alt_text=text, detailed="", confidence=0.5)
        for text in map(text_of, photos)
    ]


def text_of(photo: Image.Image) -> str:
    """What is written about a photo."""
    return "Item in #{:02x}{:02x}{:02x}.".format(*photo.getpixel((0, 0)))


#: What happens in this process; set by `scripted`, put back by the fixture that calls it.
script: Callable[[Photos], list[GeneratedText]] = write_texts


def describe_photos(
    *, version: ModelVersion, photos: Photos, known: Sequence[Known], options: Mapping[str, Any]
) -> list[GeneratedText]:
    """Has the shape of `catalog.engine.describe.describe_photos`."""
    if not photos:
        return []
    assert len(known) == len(photos)
    if folder := os.environ.get("DESCRIBE_CONTROL"):
        _wait_while_held(Path(folder), len(photos))
    return script(photos)


def _wait_while_held(folder: Path, count: int) -> None:
    while (folder / "hold").exists():
        (folder / "holding").write_text(str(os.getpid()))
        time.sleep(0.02)
    with (folder / "calls").open("a") as calls:
        calls.write(f"{os.getpid()} {count}\n")
