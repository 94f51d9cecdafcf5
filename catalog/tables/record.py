"""What is read from a file: rows of text cells, and what they say about one product."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import PurePath

#: The texts, by the names of the columns of `Description`.
TEXT_FACTS = (
    *("standard", "alt_text", "detailed", "page_title", "bullets"),
    *("meta_title", "meta_description"),
)
ATTRIBUTE = "attributes."
CATEGORY_SEPARATOR = " > "
#: Between the paths of a product's categories, which are one fact; the main one comes first.
SHELF_SEPARATOR = "\n"
#: A fact in another language than its file's: `de:title`.
_IN_LANGUAGE = re.compile(r"([a-z]{2,3}(?:-[A-Za-z0-9]{2,4})?):(.+)", re.DOTALL)
#: A cell that says "make this empty"; an empty cell says nothing.
CLEAR = "[clear]"
#: Writes one row of cells to an open file.
WriteRow = Callable[[Sequence[str]], object]
#: Control characters that no XML can hold, so neither can a feed nor a workbook.
NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")

#: `shirt_2.jpg` is another photo of `shirt`. Up to two digits: `IMG_2024` is a name of its own.
_PHOTO_NUMBER = re.compile(r"(?P<sku>.+)_(?P<number>\d{1,2})")
NOT_IN_A_FILE_NAME = re.compile(r"[^A-Za-z0-9._-]+")


@dataclass(frozen=True, slots=True)
class TableRow:
    """One row. `line` is where a person finds it in the file, counted from 1 (the header's line).

    `reason` is empty for a usable row. Otherwise it is a sentence that says what is wrong, and
    `cells` holds what could be read, which may be nothing.
    """

    line: int
    cells: Sequence[str]
    reason: str = ""


class RowFaulty(Exception):
    """A row cannot be used; the message is a sentence for the person who owns the file."""


@dataclass(slots=True)
class ProductRecord:
    """Facts by name: columns of `Product`, `TEXT_FACTS` and `attributes.<name>`, all as text.

    An import leaves an absent fact as it is and clears an empty one. `photos` are names or
    addresses in their order. `fallback_title` is for a new product without a title.
    """

    sku: str
    facts: dict[str, str] = field(default_factory=dict)
    photos: list[str] = field(default_factory=list)
    fallback_title: str = ""
    #: Sentences about values that were left out.
    flags: list[str] = field(default_factory=list)

    def say(self, name: str, value: str) -> None:
        """Add a fact, unless it is empty or already there."""
        if value and name not in self.facts:
            self.facts[name] = value


def in_language(name: str, language: str) -> str:
    """The name of a fact in a language: `de:title`; without one the name as it is."""
    return f"{language}:{name}" if language else name


def language_and_fact(name: str) -> tuple[str, str]:
    """`de:title` as `de` and `title`; the language is empty where the name has none."""
    found = _IN_LANGUAGE.fullmatch(name)
    return (found[1], found[2]) if found else ("", name)


def is_translatable(name: str) -> bool:
    """Whether a fact, named without a language, differs by language; texts are told apart."""
    return name in ("title", "colour") or name.startswith(ATTRIBUTE)


def photo_name_parts(name: str) -> tuple[str, int]:
    """`shirt_2.jpg` as `shirt` and 2; -1 where there is no number, so that it sorts first."""
    stem = PurePath(name).stem
    match = _PHOTO_NUMBER.fullmatch(stem)
    return (match["sku"], int(match["number"])) if match else (stem, -1)


def words_of(stem: str) -> str:
    """A title for a product that is known by a file name alone."""
    return " ".join(re.split(r"[\s_-]+", stem)).strip() or stem


def readable(name: str) -> str:
    """A file name with `?` for bytes that are not UTF-8, which can be stored and shown."""
    return name.encode(errors="replace").decode()
