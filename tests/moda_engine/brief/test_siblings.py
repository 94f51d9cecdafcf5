"""The texts of one item beside one another: what an edit of one asks of the others."""

import pytest

from moda_engine.brief.claims import Brief, Claim
from moda_engine.brief.siblings import (
    Contradiction,
    SiblingEdit,
    contradictions_between,
    sibling_edits,
)
from moda_engine.language.labels import FreeFacts, ItemLabels
from moda_engine.language.writing import alt_text, detailed, paraphrase

DETAILS = {"sleeves": "Short Sleeves", "neck": "Round Neck"}
LABELS = ItemLabels("Tops", "Pink", "Women", "Casual", None, DETAILS)
TOLD = FreeFacts(brand="Red Tape", fabric="cotton")
LONG = FreeFacts(brand="The Society of Slow Tailors of the Northern Islands")
BRIEF = Brief(
    (
        Claim("product_type", "Tops", "photo", 0.9),
        Claim("colour", "Pink", "photo", 0.5),
        Claim("gender", "Women", "catalog", 1.0, "gender"),
        Claim("brand", "Red Tape", "catalog", 1.0, "brand"),
        Claim("fabric", "Cotton", "catalog", 1.0, "attributes.Fabric"),
    )
)
STANDARD = "Pink casual cotton top by Red Tape for women with short sleeves and a round neck."
TEXTS = {
    "standard": STANDARD,
    "alt_text": "Women's pink casual cotton top by Red Tape with short sleeves and a round neck.",
    "detailed": "This top by Red Tape comes in pink with short sleeves and a round neck. "
    "It is made for women and for casual wear. It is made of cotton.",
}


def edits(before=TEXTS, brief=BRIEF, **now):
    return sibling_edits(before, {**before, **now}, brief)


def test_these_are_the_writers_own_texts():
    assert paraphrase(LABELS, 0, TOLD) == TEXTS["standard"]
    assert alt_text(LABELS, TOLD) == TEXTS["alt_text"]
    assert detailed(LABELS, 1, TOLD) == TEXTS["detailed"]


@pytest.mark.parametrize(
    ("words", "others", "alt_text", "in_detail", "kind"),
    [
        ("Red Tape", "Blue Harbour", "by Blue Harbour with", "top by Blue Harbour comes", "brand"),
        ("cotton", "Linen", "casual linen top", "made of linen.", "fabric"),
    ],
)
def test_a_name_of_the_catalog_is_exchanged_in_every_text(words, others, alt_text, in_detail, kind):
    found = edits(standard=STANDARD.replace(words, others))
    assert [edit.field for edit in found] == ["alt_text", "detailed"]
    assert {edit.kinds for edit in found} == {(kind,)}
    for edit, new in zip(found, (alt_text, in_detail), strict=True):
        assert new in edit.text
        assert (
            edit.text.replace(others.lower(), words.lower()).replace(others, words)
            == (TEXTS[edit.field])
        )


def test_an_article_follows_the_other_fit():
    fitted = Brief((*BRIEF.claims, Claim("fit", "Slim Fit", "catalog", 1.0, "title")))
    before = {"standard": "Top with a slim fit.", "detailed": "It is cut in a slim fit."}
    now = {**before, "standard": "Top with an oversized fit."}
    assert sibling_edits(before, now, fitted) == [
        SiblingEdit("detailed", "It is cut in an oversized fit.", ("fit",))
    ]


def test_a_name_and_a_label_go_together():
    found = edits(standard=STANDARD.replace("Pink", "White").replace("cotton", "linen"))
    assert [edit.kinds for edit in found] == [("colour", "fabric")] * 2
    assert found[0].text.startswith("Women's white casual linen top by Red Tape")


@pytest.mark.parametrize(
    "edited",
    [
        STANDARD.replace(" by Red Tape", ""),
        STANDARD.replace("by Red Tape", "by Red Tape Sports"),
        STANDARD.replace("cotton top by Red Tape", "shirt"),
    ],
    ids=["taken out", "made longer", "much else changed"],
)
def test_a_name_that_just_went_or_still_stands_asks_for_no_other(edited):
    assert not any({"brand", "fabric"} & set(edit.kinds) for edit in edits(standard=edited))


def test_other_labels_are_exchanged_in_every_text():
    edited = STANDARD.replace("Pink", "White").replace("women", "girls")
    assert edits(standard=edited) == [
        SiblingEdit(
            "alt_text",
            "Girls' white casual cotton top by Red Tape with short sleeves and a round neck.",
            ("colour", "gender"),
        ),
        SiblingEdit(
            "detailed",
            "This top by Red Tape comes in white with short sleeves and a round neck. "
            "It is made for girls and for casual wear. It is made of cotton.",
            ("colour", "gender"),
        ),
    ]


def test_any_text_may_be_the_edited_one():
    found = edits(alt_text=TEXTS["alt_text"].replace("pink", "orange"))
    assert [edit.text for edit in found] == [
        "Orange casual cotton top by Red Tape for women with short sleeves and a round neck.",
        TEXTS["detailed"].replace("pink", "orange"),
    ]


def test_a_detail_that_was_taken_out_goes_elsewhere_too():
    found = edits(standard=STANDARD.replace(" and a round neck", ""))
    assert [edit.text for edit in found] == [
        "Women's pink casual cotton top by Red Tape with short sleeves.",
        TEXTS["detailed"].replace(" and a round neck", ""),
    ]


def test_a_word_of_the_catalog_that_was_taken_out_stays_elsewhere():
    assert edits(standard=STANDARD.replace(" for women", "")) == []


def test_a_short_text_shortens_no_other():
    assert edits(alt_text="Women's top.") == []
    (standard, more) = edits(alt_text="White top.")
    assert (standard.text, standard.kinds) == (STANDARD.replace("Pink", "White"), ("colour",))
    assert more.text == TEXTS["detailed"].replace("pink", "white")


def test_where_no_word_fits_our_own_sentence_is_written_again():
    (alt, more) = edits(standard=STANDARD.replace("top", "jeans"))
    assert alt.text == ("Women's pink casual cotton jeans by Red Tape.")
    assert more.text == (
        "These jeans by Red Tape come in pink. "
        "They are made for women and for casual wear. They are made of cotton."
    )


def test_other_peoples_prose_is_left_to_a_person():
    prose = {"standard": "Pink top for women.", "alt_text": "She wears a pink top and smiles."}
    assert edits(prose, standard="Pink jeans for women.") == [
        SiblingEdit("alt_text", None, ("product_type",))
    ]
    (alt,) = edits(prose, standard="Orange top for women.")
    assert alt.text == "She wears an orange top and smiles."


def test_what_was_added_is_not_asked_of_the_others():
    assert edits(standard=STANDARD.replace("Pink", "Pink striped")) == []
    assert edits() == []


def test_a_kind_that_two_texts_changed_to_different_labels_is_left_alone():
    found = edits(
        standard=STANDARD.replace("Pink", "White"),
        alt_text=TEXTS["alt_text"].replace("pink", "blue").replace("Women", "Girl"),
    )
    assert [(edit.field, edit.kinds) for edit in found] == [
        ("standard", ("gender",)),
        ("detailed", ("gender",)),
    ]


def test_a_text_that_says_it_already_needs_no_edit():
    said = {**TEXTS, "alt_text": "White top for women."}
    found = sibling_edits(TEXTS, {**said, "standard": STANDARD.replace("Pink", "White")}, BRIEF)
    assert [edit.field for edit in found] == ["detailed"]


def test_texts_that_cannot_both_be_true():
    edited = {**TEXTS, "standard": STANDARD.replace("Pink", "White")}
    assert contradictions_between(edited, BRIEF) == [
        Contradiction("colour", "standard", "White", "alt_text", "pink"),
        Contradiction("colour", "standard", "White", "detailed", "pink"),
    ]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Navy blue top.", "Blue top."),
        ("Black and white top.", "White top."),
        ("Top for men and women.", "Men's top."),
        ("Pink top.", "Top for women with short sleeves."),
        ("Pink top.", ""),
        ("A Red Tape top in pink.", "Pink top."),
    ],
)
def test_texts_that_can_both_be_true(one, other):
    assert contradictions_between({"standard": one, "alt_text": other}, BRIEF) == []


def test_our_own_sentence_that_grows_too_long_leaves_details_out():
    longest = {"alt_text": len(TEXTS["alt_text"])}
    edited = {**TEXTS, "standard": STANDARD.replace("Pink", "Fluorescent green")}
    (alt, _more) = sibling_edits(TEXTS, edited, BRIEF, longest={"alt_text": 125})
    assert alt.text == TEXTS["alt_text"].replace("pink", "fluorescent green")
    (alt, _more) = sibling_edits(TEXTS, edited, BRIEF, longest=longest)
    assert alt.text is None  # no alternative text of the writer is as short
    told = {**TEXTS, "alt_text": alt_text(LABELS, LONG)}
    brief = Brief((*BRIEF.claims[:3], Claim("brand", LONG.brand, "catalog", 1.0, "brand")))
    (alt, *_) = sibling_edits(
        told, {**told, "standard": edited["standard"]}, brief, {"alt_text": 125}
    )
    assert alt.text == f"Women's fluorescent green casual top by {LONG.brand} with short sleeves."


POCKET = Brief((*BRIEF.claims, Claim("chest_pocket", "Chest Pocket", "photo", 0.96)))
WITH_POCKET = FreeFacts(brand="Red Tape", fabric="cotton", further=("a chest pocket",))


def test_a_further_detail_that_was_taken_out_goes_elsewhere_too():
    before = {
        "standard": paraphrase(LABELS, 0, WITH_POCKET),
        "detailed": detailed(LABELS, 1, WITH_POCKET),
    }
    assert "a chest pocket" in before["detailed"]
    now = {**before, "standard": STANDARD}
    assert sibling_edits(before, now, POCKET) == [
        SiblingEdit("detailed", TEXTS["detailed"], ("chest_pocket",))
    ]


def test_two_further_details_of_one_section_contradict_nothing():
    texts = {"standard": "Top with a chest pocket.", "detailed": "Top with side pockets."}
    assert contradictions_between(texts, POCKET) == []
