"""Detects the encoding of a text file, and guesses only where the bytes do not decide."""

import codecs
import re
from collections import Counter
from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path
from unicodedata import normalize

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
#: Letters beyond ASCII of the languages that are written in each code page, in lower case.
_ALPHABETS = {
    WESTERN: [
        "äöüß",
        "àâçéèêëîïôùûüœæÿ",
        "áéíñóúüïçàèò·",
        "àèéìòùî",
        "ãáâàçéêíóôõúü",
        "åäöéü",
        "æøåéö",
        "ëïéèöüáóúê",
        "áðéíóúýþæö",
    ],
    "cp1250": [
        "ąćęłńóśźż",
        "áčďéěíňóřšťúůýž",
        "áäčďéíĺľňóôŕšťúýž",
        "áéíóöőúüű",
        "ăâîşţ",
        "čćđšž",
    ],
    "cp1254": ["çğıöşüâ"],
    "cp1257": ["ąčęėįšųūž", "āčēģīķļņšūž", "äöõüšž"],
    "cp1251": ["абвгдежзийклмнопрстуфхцчшщъыьэюяёіїєґђѓјљњћќџў"],
    "koi8-r": ["абвгдежзийклмнопрстуфхцчшщъыьэюяё"],
    "cp1253": ["αβγδεζηθικλμνξοπρσςτυφχψωάέήίόύώϊϋΐΰ"],
    "cp1255": ["אבגדהוזחטיךכלםמןנסעףפץצקרשת"],
    "cp1256": ["ءآأؤإئابةتثجحخدذرزسشصضطظعغفقكلمنهوىيپچژگ"],
}
_WIDE_CODECS = ("gb18030", "big5", "shift_jis", "euc_jp", "euc_kr")
#: By codec, a standard whose first bytes in this range are the characters of everyday texts.
_FIRST_LEVEL = {
    "gb18030": ("gb2312", range(0xB0, 0xD8)),
    "big5": ("big5", range(0xA4, 0xC7)),
    "shift_jis": ("shift_jis", range(0x88, 0x99)),
    "euc_jp": ("euc_jp", range(0xB0, 0xD0)),
    "euc_kr": ("euc_kr", range(0xB0, 0xC9)),
}
#: In the order that decides where two fit equally well.
_CANDIDATES = (*_ALPHABETS, *_WIDE_CODECS)
_LEAST_PLAUSIBLE = 0.5
#: The letters of most of a Russian and of a Greek text.
_FREQUENT = {
    "cp1251": "оеаинтсрвлкм",
    "koi8-r": "оеаинтсрвлкм",
    "cp1253": "αοιετσνυρπκμλέόάίή",
}
#: Short texts of another script can be read as everyday Chinese, hardly as Hangul throughout.
_FIT = {"gb18030": 0.25, "big5": 0.2, "euc_jp": 0.2, "shift_jis": 0.2, "euc_kr": 0.3}
_FIT_OF_OTHERS = 0.6
_ODD = (
    # a symbol inside a word
    re.compile(
        r"(?<=[^\W\d_])[^\w\s'’\x00-\x7f·–—-](?=[^\W\d_])|[¹²³](?=[^\W\d_])|(?<=[^\W\d_])[¿¡¹²³]"
    ),
    # frames, vowel points without their letters, signs that no shop writes
    re.compile(
        r"[^\x00-\x7f\w\s€£¥§°®™©×½¼¾²³¹·•…–—‘’‚“”„‹›«»¿¡´º、。「」・ー（），：！〜～￥％＆]"
    ),
    # two scripts in one word
    re.compile(r"[A-Za-z](?=[\u0370-\u06ff])|[\u0370-\u06ff](?=[A-Za-z])"),
    # a capital inside a word: KOI8-R has them where Windows-1251 has small letters
    re.compile(r"(?<=[ß-ÿа-яёα-ω])[À-ÞА-ЯЁΑ-Ω](?=[a-zß-ÿа-яё])"),
)
#: What a code page's languages hardly write, but others have at these bytes: Turkish `ışğ` and
#: Hungarian `ő` in Western, `ş` in the Central European one.
_RARE = {WESTERN: re.compile("[ýþð]|õ(?!e)"), "cp1250": re.compile("^[^ăâ]*ţ[^ăâ]*$")}
_RARE_COSTS = 0.1
_VOWELS = set("aeiouyäöüæøœı")
_PLAIN = {"ł": "l", "đ": "d", "ß": "s", "ð": "d", "þ": "t"}
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
    """The code page that gives the bytes the most plausible letters; Western if none does."""
    best = max(_CANDIDATES, key=lambda codec: _plausible(sample, codec))
    if _plausible(sample, best)[0] > _LEAST_PLAUSIBLE:
        return best
    found = from_bytes(sample).best()
    return found.encoding if found is not None else WESTERN


def _plausible(sample: bytes, codec: str) -> tuple[float, float]:
    """How well the text fits one language of a code page, and how well the letters alternate.

    The first is the share of letters beyond ASCII that the best language has; a symbol inside a
    word counts against it. The second decides between languages with the same letters at one byte:
    `ø` stands between consonants, the `ř` of the same byte before a vowel.
    """
    try:
        text = sample.decode(codec, errors="strict" if codec in _WIDE_CODECS else "replace")
    except UnicodeDecodeError:
        return (0.0, 0.0)
    letters = [char for char in text.lower() if char > "\x7f" and (char.isalpha() or char == "�")]
    odd = sum(len(pattern.findall(text)) for pattern in _ODD)
    if not letters:  # signs alone, such as `€` and `×`
        return (1.0, 1.0) if codec == WESTERN and not odd else (0.0, 0.0)
    counts = Counter(letters)
    known: float = max(
        sum(map(counts.__getitem__, alphabet)) for alphabet in _alphabets(codec, counts)
    )
    if codec in _RARE and _RARE[codec].search(text.lower()):
        known -= _RARE_COSTS
    if codec in _FREQUENT:
        fit = sum(map(counts.__getitem__, _FREQUENT[codec])) / len(letters)
    else:
        fit = _alternation(text) if letters[0] < "\u0370" else _FIT.get(codec, _FIT_OF_OTHERS)
    return (round((known - odd) / len(letters), 2), fit)


def _alphabets(codec: str, found: Iterable[str]) -> list[str]:
    if codec in _WIDE_CODECS:
        return ["".join(char for char in found if _is_common(char, codec))]
    return _ALPHABETS[codec]


def _is_common(char: str, codec: str) -> bool:
    """Kana, Hangul, and the characters that the national standards list first."""
    if "\u3040" <= char <= "\u30ff" or "\uac00" <= char <= "\ud7a3":
        return codec in ("shift_jis", "euc_jp", "euc_kr")
    try:
        lead = char.encode(_FIRST_LEVEL[codec][0])[0]
    except UnicodeEncodeError:
        return False
    return lead in _FIRST_LEVEL[codec][1]


def _alternation(text: str) -> float:
    """Neighbours of letters beyond ASCII: the share of vowel beside consonant, less the others."""
    kinds = [
        0 if not char.isalpha() else 1 if _base(char) in _VOWELS else -1 for char in text.lower()
    ]
    score = beside = 0
    for at, (one, other) in enumerate(pairwise(kinds)):
        if one and other and (text[at] > "\x7f" or text[at + 1] > "\x7f"):
            score -= one * other
            beside += 1
    return score / beside if beside else 0.0


def _base(char: str) -> str:
    return _PLAIN.get(char) or normalize("NFD", char)[0]
