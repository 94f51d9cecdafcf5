import pytest

from lab.starter.tokenizer import train_tokenizer
from moda_engine.image_processor import ModaImageProcessor
from moda_engine.processor import ModaProcessor
from moda_engine.training.likelihoods import FEW, OtherCaption, likelihoods

WORDS = ["red shirts", "navy shirts", "navy blue shirts", "blue shoes", "green shirts"]
PROCESSOR = ModaProcessor(ModaImageProcessor(), train_tokenizer(WORDS, size=400))


def shares_of(text, *others):
    """Word → share at each token of `text`, its own word first; the end last."""
    (found,) = likelihoods(PROCESSOR, [text], [[OtherCaption(*one) for one in others]])
    ((ids, _),) = PROCESSOR.sequences([text])
    assert found.ids.shape == found.shares.shape == (len(ids), FEW)
    assert found.ids[:, 0].tolist() == ids
    assert found.shares.sum(1).tolist() == pytest.approx([1.0] * len(ids))
    decode = PROCESSOR.tokenizer.decode
    return [
        {
            decode([token]).strip(): pytest.approx(share)
            for token, share in zip(tokens, shares, strict=True)
            if share > 0
        }
        for tokens, shares in zip(found.ids.tolist(), found.shares.tolist(), strict=True)
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
    same = OtherCaption("colour", 0.4, "red shirts")
    assert likelihoods(PROCESSOR, ["red shirts"] * 2, [[same], []]) == [None, None]
