"""The texts of a product's page, one table: what each is for, and the room it has.

A text that does not fit is written again, never cut.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_SENTENCE_ENDS = (".", "!", "?")


@dataclass(frozen=True)
class Slot:
    """One text of a page and its rules. Lengths are in characters, or in words where it says so."""

    name: str
    #: What a language model is asked for.
    instruction: str
    longest: int | None = None
    most_words: int | None = None
    most_sentences: int | None = None
    #: Of a list: its lines at most, and the words of each; a text that is no list has none.
    most_lines: int = 0
    words_a_line: int = 0
    #: Whether it is whole sentences, each with its full stop.
    is_prose: bool = True

    @property
    def is_list(self) -> bool:
        """Whether it is lines, without full stops."""
        return self.most_lines > 0


#: From one to six points of eight words: a brief of two facts has two.
MOST_BULLETS = 6
_BULLET_WORDS = 8

SLOTS: dict[str, Slot] = {
    slot.name: slot
    for slot in (
        Slot("title", "title: brand and noun", longest=60, is_prose=False),
        Slot("standard", "description: one or two sentences", most_sentences=2),
        Slot("detailed", "paragraph: 40 to 90 words", most_words=90),
        Slot(
            "bullets",
            "bullets: three to six, eight words each",
            most_lines=MOST_BULLETS,
            words_a_line=_BULLET_WORDS,
            is_prose=False,
        ),
        Slot("meta_title", "title for search engines", longest=60, is_prose=False),
        Slot("meta_description", "description for search engines", longest=155),
        Slot("alt_text", "alternative text", longest=125, most_sentences=1),
    )
}


def misfits(slot: Slot, text: str) -> Iterator[str]:
    """Which rules of the slot `text` breaks, each in a few words; nothing where it fits."""
    if not text.strip():
        yield "empty"
        return
    if slot.longest is not None and len(text) > slot.longest:
        yield f"{len(text)} of {slot.longest} characters"
    words = len(text.split())
    if slot.most_words is not None and words > slot.most_words:
        yield f"{words} of {slot.most_words} words"
    if slot.most_sentences is not None and len(sentences(text)) > slot.most_sentences:
        yield f"more than {slot.most_sentences} sentences"
    yield from _faults_of_lines(slot, text.split("\n"))
    if slot.is_prose and not text.endswith(_SENTENCE_ENDS):
        yield "cut sentence"


def _faults_of_lines(slot: Slot, lines: list[str]) -> Iterator[str]:
    most = slot.most_lines or 1
    if len(lines) > most:
        yield f"{len(lines)} of {most} lines"
    if slot.is_list:
        if any(len(line.split()) > slot.words_a_line for line in lines):
            yield f"a line of more than {slot.words_a_line} words"
        if len({line.lower() for line in lines}) < len(lines) or not all(map(str.strip, lines)):
            yield "a line that is empty or repeated"
        if lines[0][:1].isupper() and any(line[:1].islower() for line in lines):
            yield "a line without a capital"


def sentences(text: str) -> list[str]:
    """The sentences of `text`, stripped; a point within a word ("U.S. Polo", "2.5") ends none."""
    found: list[str] = []
    for part in re.split(r"(?<=[.!?])\s+", text.strip()):
        if found and (_INITIAL.search(found[-1]) or part[:1].islower()):
            found[-1] = f"{found[-1]} {part}"
        elif part:
            found.append(part)
    return found


#: A full stop behind these ends no sentence: "U.S. Polo", "St. Ives". Behind "Assn." or "Inc." one
#: may end; then the next begins with a capital.
_INITIAL = re.compile(r"\b(?:[A-Z]|St|Dr|Mr|Mrs|No)\.\Z")
