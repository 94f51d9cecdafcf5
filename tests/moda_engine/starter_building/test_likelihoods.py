import pytest

from moda_engine.image_processor import ModaImageProcessor
from moda_engine.language.labels import ItemLabels
from moda_engine.processor import ModaProcessor
from moda_engine.starter_building.label_heads import Alternative
from moda_engine.starter_building.likelihoods import FEW, likelihoods
from moda_engine.starter_building.tokenizer import train_tokenizer

WORDS = ["red shirts", "navy shirts", "navy blue shirts", "blue shoes", "green shirts"]
PROCESSOR = ModaProcessor(ModaImageProcessor(), train_tokenizer(WORDS, size=400))


def write(item):
    return f"{item.colour} {item.product_type}".lower()


def alternative(kind, share, product_type, colour):
    return Alternative(kind, share, ItemLabels(product_type, colour))


def shares_of(own, alternatives, writer=write):
    """Word → share at each token of the caption of `own`, its own word first; the end last."""
    text = writer(own)
    (found,) = likelihoods(PROCESSOR, [text], [alternatives], [writer])
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
    others = [
        alternative("colour", 0.3, "Shirts", "Green"),
        alternative("colour", 0.1, "Shirts", "Blue"),
        alternative("product_type", 0.2, "Shoes", "Red"),
    ]
    colour, kind, end = shares_of(ItemLabels("Shirts", "Red"), others)
    assert colour == {"red": 0.6, "green": 0.3, "blue": 0.1}
    assert kind == {"shirts": 0.8, "shoes": 0.2}
    assert len(end) == 1


def test_who_reads_on_knows_what_it_was_not():
    # After "navy" it cannot be red any more: of the .8 that are left, .2 are navy alone.
    others = [
        alternative("colour", 0.2, "Shirts", "Red"),
        alternative("colour", 0.2, "Shirts", "Navy"),
    ]
    first, second, third, _ = shares_of(ItemLabels("Shirts", "Navy blue"), others)
    assert first == {"navy": 0.8, "red": 0.2}
    assert second == {"blue": 0.75, "shirts": 0.25}
    assert third == {"shirts": 1.0}


def test_labels_of_two_kinds_may_part_at_the_same_word():
    def turned(item):
        return "navy shirts" if item == ItemLabels("Shirts", "Red") else write(item)

    others = [
        alternative("colour", 0.3, "Shirts", "Green"),
        alternative("product_type", 0.2, "Shoes", "Blue"),
    ]
    first, *_ = shares_of(ItemLabels("Shirts", "Red"), others, turned)
    assert first == {"navy": 0.5, "green": 0.3, "blue": 0.2}


def test_a_drawn_word_stays_possible():
    others = [alternative("colour", 0.999, "Shirts", "Green")]
    colour, *_ = shares_of(ItemLabels("Shirts", "Red"), others)
    assert colour == {"red": 0.02, "green": 0.98}


def test_a_caption_that_every_label_would_leave_as_it_is_has_none():
    text = "red shirts"
    others = [alternative("colour", 0.4, "Shirts", "Green")]
    assert likelihoods(PROCESSOR, [text, text], [others, []], [lambda _: text, write]) == [
        None,
        None,
    ]
