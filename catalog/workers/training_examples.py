"""The eight photos that a run describes after each epoch: the same on every host."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from catalog.choices import ExampleUse
from catalog.models import TrainingRun
from catalog.tables.imagefolder import METADATA

SHOWN = 8


@dataclass(frozen=True)
class Examples:
    """Photos with their products' SKUs, photo for photo."""

    photos: list[Path]
    skus: list[str]

    def with_texts(self, texts: Sequence[str]) -> list[dict[str, str]]:
        """What is kept of an epoch: SKU, photo's hash and text of each."""
        return [
            {"sku": sku, "photo": photo.stem, "text": text}
            for photo, sku, text in zip(self.photos, self.skus, texts, strict=False)
        ]


def examples_choose(run: TrainingRun, captions: Path) -> Examples:
    """Held-out photos before learned ones, evenly over the set, each photo once."""
    found: dict[Path, str] = {}
    for use in (ExampleUse.HELD_OUT, ExampleUse.TRAINING):
        rows = [
            json.loads(line)
            for line in (captions / use / METADATA).read_text(encoding="utf-8").split("\n")
            if line
        ]
        wanted = SHOWN - len(found)
        for row in rows[:: max(1, len(rows) // wanted)] if wanted > 0 else []:
            if len(found) < SHOWN:
                found[captions / use / row["file_name"]] = row["id"]
    return Examples(list(found), list(found.values()))
