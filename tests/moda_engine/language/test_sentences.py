"""The reader against sentences judged by hand: every label of every kind, and no other."""

from collections import Counter
from pathlib import Path

import pytest

from moda_engine.language.further import FURTHER
from moda_engine.language.reading import StatedLabels, read
from moda_engine.language.vocabulary import DETAILS

SENTENCES = Path(__file__).with_name("sentences.txt")


def expected_labels(written: str) -> StatedLabels:
    """Parse "type Shirts; colour Black, White; neck V-Neck"."""
    labels: dict[str, frozenset[str]] = {}
    for part in filter(None, (part.strip() for part in written.split(";"))):
        kind, _, names = part.partition(" ")
        assert kind in {"type", "colour", "gender", "usage", "pattern", "further", *DETAILS}, kind
        assert kind not in labels, kind
        labels[kind] = frozenset(name.strip() for name in names.split(","))
    none: frozenset[str] = frozenset()
    return StatedLabels(
        product_types=labels.get("type", none),
        colours=labels.get("colour", none),
        genders=labels.get("gender", none),
        usages=labels.get("usage", none),
        patterns=labels.get("pattern", none),
        details=frozenset((kind, label) for kind in DETAILS for label in labels.get(kind, none)),
        further=frozenset(
            (kind, detail.label)
            for kind, detail in FURTHER.items()
            if detail.label in labels.get("further", none)
        ),
    )


def judged_sentences() -> list[tuple[str, str]]:
    lines = SENTENCES.read_text(encoding="utf-8").splitlines()
    pairs = [line.partition("=>") for line in lines if line and not line.startswith("#")]
    return [(text.strip(), written.strip()) for text, _, written in pairs]


def test_there_are_hundreds_of_sentences_and_none_twice():
    counts = Counter(text for text, _ in judged_sentences())
    assert len(counts) >= 300
    assert counts.most_common(1)[0][1] == 1


@pytest.mark.parametrize(("text", "written"), judged_sentences())
def test_sentence(text, written):
    assert read(text) == expected_labels(written)
