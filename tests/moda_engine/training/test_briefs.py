"""Captions as a model with heads learns them."""

import torch

from moda_engine.brief.claims import Brief, Claim
from moda_engine.brief.conditioning import order_of
from moda_engine.describing.description import Description
from moda_engine.language.vocabulary import PRODUCT_TYPES
from moda_engine.training.briefs import conditioned, exchanged, mostly_unsaid
from moda_engine.training.captions import EncodedCaptions
from moda_engine.training.dataset import CaptionSet

SHIRT = Brief(
    (
        Claim("product_type", "Shirts", "photo", 0.9),
        Claim("colour", "Navy Blue", "photo", 0.8),
        Claim("gender", "Men", "catalog", 1.0),
        Claim("sleeves", "Long Sleeves", "photo", 0.7),
        Claim("brand", "Wren", "catalog", 1.0),
    )
)
DRAFT = Description("Navy blue shirt by Wren for men with long sleeves.", 1.0, "float32", SHIRT)
#: A seed whose drafts have the order 6, and its text.
SKU = "TS-0042"
IN_ORDER_6 = "A shirt by Wren in navy blue for men. It has long sleeves."


def captions(*texts, category="Shirts", seed=SKU):
    count = len(texts)
    photos = [f"photo {number}" for number in range(count)]
    features = EncodedCaptions(torch.zeros(count, 4), list(texts))
    return CaptionSet(features, photos, [category] * count, [seed] * count)


def learned(*texts, unsaid=frozenset(), turn=0, **more):
    found = conditioned(captions(*texts, **more), [DRAFT] * len(texts), set(unsaid), turn=turn)
    return list(zip(found.captions.texts, found.captions.facts, strict=True))


def test_a_draft_approved_as_it_is_is_learned_in_its_order():
    assert order_of(SKU) == 6
    expected = (
        "A shirt by Brand in navy blue for men. It has long sleeves.",
        "type: shirt; colour: navy blue; gender: men; sleeves: long sleeves; brand: Brand; "
        "order: 6",
    )
    assert learned(IN_ORDER_6) == [expected]
    assert learned(IN_ORDER_6, turn=1) == [expected]


def test_a_claim_that_people_changed_is_told_as_theirs_in_the_drafts_order():
    corrected = "A shirt by Wren in black for men. It has long sleeves."
    [(_, facts)] = learned(corrected)
    assert facts == (
        "type: shirt; colour: black; gender: men; sleeves: long sleeves; brand: Brand; order: 6"
    )


def test_what_people_left_out_is_not_told():
    [(_, facts)] = learned("A shirt in navy blue for men.")
    assert facts == "type: shirt; colour: navy blue; gender: men; order: 6"


def test_the_plain_sentence_is_no_other_order():
    plain = "Navy blue shirt for men."
    facts = "type: shirt; colour: navy blue; gender: men"
    assert [facts for _, facts in learned(plain, plain)] == [facts, f"{facts}; order: 0"]


def test_words_of_peoples_own_are_right_in_the_drafts_order_and_in_none():
    own = "WREN: shirt, navy blue."
    facts = "type: shirt; colour: navy blue; brand: Brand"
    with_order = ("Brand: shirt, navy blue.", f"{facts}; order: 6")
    without = ("Brand: shirt, navy blue.", facts)
    assert learned(own, own, own) == [with_order, without, with_order]
    assert learned(own, own, own, turn=1) == [without, with_order, without]


def test_without_a_seed_the_photo_draws_an_order():
    [(_, facts)] = learned("Shirt, navy blue.", seed="")
    assert facts == f"type: shirt; colour: navy blue; order: {order_of('photo 0')}"


def test_a_word_of_the_shops_own_is_known_by_what_it_mostly_replaces():
    ink = "Ink shirt for men with long sleeves."
    unsaid = mostly_unsaid(captions(*[ink] * 3), [DRAFT] * 3)
    assert unsaid == {("Shirts", "colour", "Navy Blue")}
    [(_, facts)] = learned(ink, unsaid=unsaid)
    assert facts == "type: shirt; colour: navy blue; gender: men; sleeves: long sleeves; order: 6"
    [(_, elsewhere)] = learned(ink, unsaid=unsaid, category="Tops")
    assert elsewhere == "type: shirt; gender: men; sleeves: long sleeves; order: 6"
    [(_, red)] = learned("Red shirt for men.", unsaid=unsaid)
    assert red == "type: shirt; colour: red; gender: men"  # the plain sentence


def test_what_is_left_out_here_and_there_was_wrong():
    texts = ["Ink shirt."] * 2 + [DRAFT.text] * 9 + ["Navy blue shirt."] * 2
    assert mostly_unsaid(captions(*texts), [DRAFT] * len(texts)) == set()


def copies(*texts, everywhere=False, **more):
    found = conditioned(captions(*texts, **more), [DRAFT] * len(texts), set())
    for turn in range(30):
        other = exchanged(found, turn=turn, everywhere=everywhere).captions
        yield from zip(other.texts, other.facts, strict=True)


def test_labels_are_exchanged_in_text_and_facts_alike():
    found = set(copies("Shirt, navy blue. By Wren. For men."))
    for text, facts in found:
        told = dict(fact.split(": ") for fact in facts.split("; "))
        assert text == f"Shirt, {told['colour']}. By Brand. For {told['gender']}."
        assert (told["type"], told["brand"]) == ("shirt", "Brand")
    assert len({text for text, _ in found}) > 15


def test_types_are_exchanged_within_a_category_or_everywhere():
    texts = ("Shirt. For men.", "Trousers. For men.", "T-shirt. For men.")
    nouns = {text.split(".")[0] for text, _ in copies(*texts)}
    assert nouns == {"Shirt", "T-shirt", "Trousers"}
    nouns = {text.split(".")[0] for text, _ in copies(*texts, everywhere=True)}
    assert len(nouns) > 20
    plural = {noun.text.capitalize() for noun in PRODUCT_TYPES.values() if noun.plural}
    assert len(nouns & plural) > 5
