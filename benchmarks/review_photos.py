"""Photos to review and, of other titles, photos to measure on; and a reviewer's house style."""

import json
import random
import re
import shutil
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from moda_engine.imagefolder import METADATA_NAME, write_metadata
from moda_engine.language.labels import labels_from_record
from moda_engine.language.vocabulary import COLOURS, GENDERS, PRODUCT_TYPES, USAGES


def _any(words: Iterable[str]) -> str:
    return "(" + "|".join(map(re.escape, sorted(words, key=len, reverse=True))) + ")"


_NOUNS = _any(noun.text[0].upper() + noun.text[1:] for noun in PRODUCT_TYPES.values())
_COLOURS = _any(COLOURS.values())
#: "Trainers, white. For men. Sports." What is not known is left out; no other word is in style.
_WEARERS = _any(GENDERS.values())
_USAGES = _any(usage.capitalize() for usage in USAGES.values())
_HOUSE_STYLE = re.compile(
    rf"{_NOUNS}(, {_COLOURS}( and {_COLOURS})?)?\.( For {_WEARERS}\.)?( {_USAGES}\.)?"
)

Record = dict[str, Any]


@dataclass(frozen=True)
class ReviewPhotos:
    """The records of a photo set, split by title."""

    folder: Path
    reviewed: list[Record]
    measured: list[Record]

    @classmethod
    def read(cls, folder: Path, *, share: float, seed: int = 0) -> "ReviewPhotos":
        """Titles are drawn by `seed`; about `share` of the photos are to be reviewed."""
        lines = (folder / METADATA_NAME).read_text(encoding="utf-8").splitlines()
        records = [json.loads(line) for line in lines if line.strip()]
        titles = sorted({record["title"] for record in records})
        random.Random(seed).shuffle(titles)
        chosen = set(titles[: round(share * len(titles))])
        reviewed = [record for record in records if record["title"] in chosen]
        random.Random(seed).shuffle(reviewed)
        return cls(folder, reviewed, [one for one in records if one["title"] not in chosen])

    def write(
        self, target: Path, records: Sequence[Record], text: Callable[[Record], str | None]
    ) -> Path:
        """An imagefolder of `records`, each with what `text` says of it; `None` for none."""
        with_texts: list[Mapping[str, Any]] = []
        for record in records:
            photo = target / record["file_name"]
            photo.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(self.folder / record["file_name"], photo)
            rest = {name: value for name, value in record.items() if name != "text"}
            said = text(record)
            with_texts.append(rest if said is None else rest | {"text": said})
        write_metadata(target, with_texts)
        return target


def has_words(record: Record) -> bool:
    """Whether there is a word for the product type: nothing can be said of it otherwise."""
    return labels_from_record(record).product_type in PRODUCT_TYPES


def house_style(record: Record) -> str:
    """The truth from the labels, in the reviewer's style."""
    labels = labels_from_record(record)
    noun = PRODUCT_TYPES[labels.product_type or ""].text
    colours = " and ".join(COLOURS[colour] for colour in labels.colours if colour in COLOURS)
    text = noun[0].upper() + noun[1:] + (f", {colours}." if colours else ".")
    if labels.gender in GENDERS:
        text += f" For {GENDERS[labels.gender]}."
    if labels.usage in USAGES:
        text += f" {USAGES[labels.usage].capitalize()}."
    return text


def follows_house_style(text: str) -> bool:
    """Whether `text` is in the reviewer's style, whatever it states."""
    return _HOUSE_STYLE.fullmatch(text) is not None
