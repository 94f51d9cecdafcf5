"""Detects the encoding of a text file, and guesses only where the bytes do not decide."""

import codecs
from pathlib import Path

from charset_normalizer import from_bytes

#: Longest first: UTF-32's little-endian mark begins with UTF-16's.
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
WESTERN = "cp1252"
_PIECE = 1 << 20
_SAMPLE = 64_000  # bytes of lines that are not UTF-8
_ENOUGH = 1_000  # such lines; more teach nothing new


def encoding_of(path: Path) -> str:
    """The name of a Python codec.

    A byte order mark decides. Otherwise one line with valid UTF-8 beyond ASCII means UTF-8, because
    that hardly ever happens by chance; the readers name lines that are not valid. Only a file
    without such a line is judged by its letters.
    """
    with path.open("rb") as file:
        beginning = file.read(4096)
    for mark, name in _MARKS:
        if beginning.startswith(mark):
            return name
    if (wide := _wide(beginning)) is not None:
        return wide
    valid, doubtful = _judge_lines(path)
    if valid or not doubtful:
        return "utf-8"
    return _legacy(doubtful)


def _wide(beginning: bytes) -> str | None:
    """UTF-16 without a mark: every other byte of a header in Latin letters is NUL."""
    pairs = len(beginning) // 2
    if pairs < 2:
        return None
    if beginning[1::2].count(0) > pairs * 0.7:
        return "utf-16-le"
    if beginning[0::2].count(0) > pairs * 0.7:
        return "utf-16-be"
    return None


def _judge_lines(path: Path) -> tuple[bool, bytes]:
    """Whether a line beyond ASCII is UTF-8, and a sample of those that are not."""
    valid, sample, lines = False, bytearray(), 0
    with path.open("rb") as file:
        while line := file.readline(_PIECE):  # a piece of a longer line may cut a character
            if line.isascii():
                continue
            try:
                line.decode()
                valid = True
            except UnicodeDecodeError:
                lines += 1
                sample += line[: _SAMPLE - len(sample)]
            if valid or lines > _ENOUGH or len(sample) >= _SAMPLE:
                break
    return valid, bytes(sample)


def _legacy(sample: bytes) -> str:
    """Western if most letters of words beyond ASCII are ASCII (`Größe`), otherwise the best fit."""
    letters = foreign = 0
    for word in sample.split():
        if not word.isascii():
            beyond = sum(byte > 127 for byte in word)
            foreign += beyond
            letters += len(word) - beyond
    if letters >= foreign:
        return WESTERN
    best = from_bytes(sample).best()
    return best.encoding if best is not None else WESTERN
