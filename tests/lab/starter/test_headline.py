import numpy as np
import pytest

from lab.starter.corpus import Corpus
from lab.starter.headline.captioner import opt_tokenizer
from lab.starter.headline.captions import writers_of
from lab.starter.headline.photos import (
    ENDING,
    Photos,
    learned_by_all,
    random_rows,
    splits,
)
from lab.starter.headline.report import summary
from moda_engine.image_processor import ModaImageProcessor
from moda_engine.language.labels import ItemLabels
from moda_engine.processor import ModaProcessor
from moda_engine.training.callbacks import EpochFigures


def photos(count, first=0):
    names = [f"caption {number}" for number in range(first, first + count)]
    pictures = np.zeros((count, 2, 2, 3), dtype=np.uint8)
    labels = [ItemLabels()] * count
    return Photos(Corpus(pictures, labels, labels, names, names), names)


def test_a_random_split_is_four_to_one_and_the_same_for_the_same_seed():
    learned, held_out = random_rows(2906, seed=1)
    assert (len(learned), len(held_out)) == (2325, 581)
    assert sorted(learned + held_out) == list(range(2906))
    assert random_rows(2906, seed=1)[1] == held_out
    assert random_rows(2906, seed=2)[1] != held_out


def test_the_last_split_keeps_training_and_test_apart():
    every = list(splits(photos(8), photos(2, first=8)))
    assert [split.name for split in every] == ["random-0", "random-1", "random-2", "leak-free"]
    assert every[-1].validation.captions == ["caption 8", "caption 9"]
    assert [len(split.training.captions) for split in every] == [8, 8, 8, 8]
    assert all(split.training.corpus.titles == split.training.captions for split in every)


def test_what_is_learned_once_is_held_out_nowhere():
    training, test = photos(80), photos(20, first=80)
    common = learned_by_all(training, test).captions
    for split in splits(training, test):
        assert not set(common) & set(split.validation.captions)
        assert set(common) <= set(split.training.captions)
    # Of the 80 some four fifths of four fifths of four fifths.
    assert len(common) == 41


@pytest.mark.shared_data
def test_captions_count_as_the_authors_counted_them(shared_data):
    processor = ModaProcessor(ModaImageProcessor(), opt_tokenizer(shared_data / "opt-tokenizer"))
    ((ids, _),) = processor.sequences([f"White Casual Tops{ENDING}"])
    # OPT's opening, then the caption, then the authors' ending in pieces: no end of our own.
    assert ids == [2, 15725, 32737, 255, 5090, 28696, 37457, 29, 15698]


def test_the_headline_is_the_mean_of_the_best_epochs_of_random_splits():
    curves = {
        "random-0": [EpochFigures(1, 1.0, 0.3), EpochFigures(2, 0.5, 0.1)],
        "random-1": [EpochFigures(1, 1.0, 0.2), EpochFigures(2, 0.5, 0.4)],
        "leak-free": [EpochFigures(1, 1.0, 0.25)],
    }
    result = summary(curves, parameters=7)
    assert result["loss"] == pytest.approx(0.15)
    assert result["leak_free_loss"] == 0.25
    assert result["best"] == {"random-0": 0.1, "random-1": 0.2, "leak-free": 0.25}


def test_captions_say_what_is_seen_in_the_authors_way():
    own = [f"Red Casual Caps for Boys - {group}{ENDING}" for group in ("A B", "A C", "A C")]
    labels = [ItemLabels("Caps", "Red", "Boys", "Casual")] * 3
    pictures = np.zeros((3, 2, 2, 3), dtype=np.uint8)
    some = Photos(Corpus(pictures, labels, labels, own, own), own)
    seen = [ItemLabels("Caps", "Blue", "Girls", "Sports"), ItemLabels("Caps", "Blue"), *labels]
    other = f"Red Casual Caps for Boys - A C{ENDING}"
    writers = writers_of(some, 4)
    # The second has no wearer, the last is the second time round.
    assert [write(item) for write, item in zip(writers, seen[:4], strict=True)] == [
        f"Blue Sports Caps for Girls - A C{ENDING}",
        own[1],
        other,
        other,
    ]
