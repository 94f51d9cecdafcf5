"""Soft labels of a set, and of one caption's tokens."""

import pytest
import torch

from lab.drawings import DrawingSpecification
from lab.starter.tokenizer import train_tokenizer
from moda_engine import Describer
from moda_engine.image_processor import ModaImageProcessor
from moda_engine.processor import ModaProcessor
from moda_engine.training.briefs import described
from moda_engine.training.captions import EncodedCaptions, first_difference
from moda_engine.training.dataset import CaptionSet
from moda_engine.training.soft_labels import (
    FEW,
    AlternativeCaption,
    caption_soft_labels,
    with_soft_labels,
)
from moda_engine.training.teacher import LEAST_CAPTIONS
from tests.moda_engine.tiny import without_heads
from tests.moda_engine.training.drawn import drawn_features

COLOURS = ("Black", "White", "Red", "Green", "Yellow", "Pink", "Purple", "Brown", "Grey", "Maroon")
DRAWINGS = [
    DrawingSpecification("Backpacks", colour, seed=seed) for seed in range(5) for colour in COLOURS
]
TRUE = [f"Backpack, {one.colour.lower()}." for one in DRAWINGS]


@pytest.fixture(scope="module")
def starter():
    """The starter as a model without heads: soft labels are of those alone."""
    describer = Describer.from_pretrained(dtype=torch.float32)
    return Describer(without_heads(describer.model), describer.processor)


@pytest.fixture(scope="module")
def features(starter):
    return drawn_features(starter, DRAWINGS, size=128)


def caption_set(features, texts):
    rows = [str(row) for row in range(len(texts))]
    count = len(texts)
    return CaptionSet(EncodedCaptions(features, list(texts)), rows, ["Bags"] * count, [""] * count)


def texts_of(starter, captions):
    return [draft.text for draft in described(starter, captions)]


def learned(starter, features, texts, share=0.9):
    taught = caption_set(features, texts)
    (found,) = with_soft_labels(starter, [taught], texts_of(starter, taught), share)
    return found.captions


def own_shares(captions, row):
    """The least share of the caption's own tokens; 1 where nothing else may be said."""
    known = captions.soft_labels[row]
    return 1.0 if known is None else known.probabilities[:, 0].min().item()


def test_one_label_against_all_that_is_seen_has_a_small_share(starter, features):
    wrong = ["Backpack, white.", *TRUE[1:]]
    captions = learned(starter, features, wrong)
    assert captions.texts == wrong
    assert own_shares(captions, 0) < 0.25
    others = [own_shares(captions, row) for row in range(1, len(wrong))]
    assert sum(one > 0.75 for one in others) > 0.9 * len(others)


def test_a_label_that_is_always_given_otherwise_is_learned(starter, features):
    """All black ones are called white: one would be outvoted, five of five are believed."""
    moved = [text.replace("black", "white") for text in TRUE]
    black = [row for row, one in enumerate(DRAWINGS) if one.colour == "Black"]
    captions = learned(starter, features, moved)
    alone = learned(starter, features, ["Backpack, white.", *TRUE[1:]])
    assert min(own_shares(captions, row) for row in black) > 2 * own_shares(alone, 0)


def test_without_a_share_captions_are_learned_word_by_word(starter, features):
    captions = learned(starter, features, ["Backpack, white.", *TRUE[1:]], share=0.0)
    assert captions.soft_labels == [None] * len(TRUE)


def test_a_few_captions_are_learned_word_by_word(starter, features):
    few = LEAST_CAPTIONS - 1
    captions = learned(starter, features[:few], ["Backpack, white."] * few)
    assert captions.soft_labels == [None] * few


def test_other_labels_are_said_in_the_words_of_the_texts(starter, features):
    """What is red is called crimson here, so the red one that was called green may be crimson."""
    texts = [text.replace("red", "crimson") for text in TRUE]
    row = COLOURS.index("Red")
    texts[row] = "Backpack, green."
    known = learned(starter, features, texts).soft_labels[row]
    own, crimson, red = (
        ids for ids, _ in starter.processor.sequences([texts[row], "Backpack, crimson.", TRUE[row]])
    )
    place = first_difference(own, crimson)
    shares = dict(zip(known.ids[place].tolist(), known.probabilities[place].tolist(), strict=True))
    assert shares[crimson[place]] > 0.8
    assert red[place] not in shares


def test_a_label_that_people_have_a_word_of_their_own_for_is_not_learned(starter, features):
    """Black is "ink" here, which no label is: it must not come back by the others' captions."""
    texts = [text.replace("black", "ink") for text in TRUE]
    row = COLOURS.index("Black")
    texts[row] = "Backpack, white."
    assert learned(starter, features, texts).soft_labels[row] is None
    texts[row + 10 :] = TRUE[row + 10 :]
    assert own_shares(learned(starter, features, texts), row) < 0.25


def test_held_out_captions_are_judged_by_what_the_others_say(starter, features):
    """Black is called white in all that is learned, but not in what is held out."""
    moved = [text.replace("black", "white") for text in TRUE]
    count = 4 * len(COLOURS)
    sets = [
        caption_set(features[:count], moved[:count]),
        caption_set(features[count:], TRUE[count:]),
    ]
    written = [text for one in sets for text in texts_of(starter, one)]
    taught, held_out = (one.captions for one in with_soft_labels(starter, sets, written, 0.9))
    assert [taught.texts, held_out.texts] == [moved[:count], TRUE[count:]]
    black = COLOURS.index("Black")
    assert own_shares(held_out, black) < 0.5 < own_shares(taught, black)
    alone = learned(starter, features[:count], moved[:count])
    assert [own_shares(taught, row) for row in range(count)] == pytest.approx(
        [own_shares(alone, row) for row in range(count)], abs=1e-3
    )


WORDS = ["red shirts", "navy shirts", "navy blue shirts", "blue shoes", "green shirts"]
PROCESSOR = ModaProcessor(ModaImageProcessor(), train_tokenizer(WORDS, size=400))


def shares_of(text, *others):
    """Word → share at each token of `text`, its own word first; the end last."""
    (found,) = caption_soft_labels(
        PROCESSOR, [text], [[AlternativeCaption(*one) for one in others]]
    )
    ((ids, _),) = PROCESSOR.sequences([text])
    assert found.ids.shape == found.probabilities.shape == (len(ids), FEW)
    assert found.ids[:, 0].tolist() == ids
    assert found.probabilities.sum(1).tolist() == pytest.approx([1.0] * len(ids))
    decode = PROCESSOR.tokenizer.decode
    return [
        {
            decode([token]).strip(): pytest.approx(share)
            for token, share in zip(tokens, shares, strict=True)
            if share > 0
        }
        for tokens, shares in zip(found.ids.tolist(), found.probabilities.tolist(), strict=True)
    ]


def test_another_label_has_its_share_at_the_word_that_is_its_own():
    colour, kind, end = shares_of(
        "red shirts",
        ("colour", 0.3, "green shirts"),
        ("colour", 0.1, "blue shirts"),
        ("product_type", 0.2, "red shoes"),
    )
    assert colour == {"red": 0.6, "green": 0.3, "blue": 0.1}
    assert kind == {"shirts": 0.8, "shoes": 0.2}
    assert len(end) == 1


def test_who_reads_on_knows_what_it_was_not():
    # After "navy" it cannot be red any more: of the .8 that are left, .2 are navy alone.
    first, second, third, _ = shares_of(
        "navy blue shirts", ("colour", 0.2, "red shirts"), ("colour", 0.2, "navy shirts")
    )
    assert first == {"navy": 0.8, "red": 0.2}
    assert second == {"blue": 0.75, "shirts": 0.25}
    assert third == {"shirts": 1.0}


def test_labels_of_two_kinds_may_part_at_the_same_word():
    first, *_ = shares_of(
        "navy shirts", ("colour", 0.3, "green shirts"), ("product_type", 0.2, "blue shoes")
    )
    assert first == {"navy": 0.5, "green": 0.3, "blue": 0.2}


def test_a_captions_own_word_stays_possible():
    colour, *_ = shares_of("red shirts", ("colour", 0.999, "green shirts"))
    assert colour == {"red": 0.02, "green": 0.98}


def test_a_caption_that_every_label_would_leave_as_it_is_has_none():
    same = AlternativeCaption("colour", 0.4, "red shirts")
    assert caption_soft_labels(PROCESSOR, ["red shirts"] * 2, [[same], []]) == [None, None]
