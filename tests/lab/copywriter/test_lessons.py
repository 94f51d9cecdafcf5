"""What the copywriter learns: nothing its brief does not hold, and of prose what is grounded."""

from lab.copywriter.lessons import grounded_sentences, lessons_of, record_brief
from moda_engine.brief.conditioning import PLACEHOLDERS
from moda_engine.copywriting.guard import Guard

RECORD = {
    "title": "Wren Men Blue T-shirt",
    "brand": "Wren",
    "product_type": "Tshirts",
    "colour": "Blue",
    "gender": "Men",
    "usage": "Casual",
    "attributes": {"Fabric": "Cotton", "Neck": "Round Neck"},
    "description": (
        "Machine wash cold. A blue T-shirt for easy days off. It has two front pockets. "
        "Now at 499. Wear it with a smile. This T-shirt by Wren keeps things simple!"
    ),
}


def test_of_prose_only_what_the_brief_accounts_for_is_kept():
    assert grounded_sentences(RECORD, record_brief(RECORD), Guard()) == [
        "A blue T-shirt for easy days off.",
        "This T-shirt by Wren keeps things simple!",
    ]


def test_a_record_without_prose_grounds_nothing():
    for given in ({}, {"description": None}, {"description": "-"}):
        record = {**RECORD, "description": None} | given
        assert grounded_sentences(record, record_brief(record), Guard()) == []


def test_the_brief_of_a_record_leaves_its_prose_out():
    record = {**RECORD, "attributes": {}, "description": "A V-neck T-shirt of wool."}
    kinds = {claim.kind for claim in record_brief(record).claims}
    assert kinds == {"product_type", "colour", "gender", "brand"}


def test_lessons_name_their_text_and_hold_placeholders_for_names():
    nameless = {"title": "Voucher"}
    lessons = list(lessons_of([RECORD, nameless], 60, seed=3, rows=[5, None]))
    assert len(lessons) == 60
    assert {one.row for one in lessons} == {5}
    slots = {one.facts.rsplit("write: ", 1)[1] for one in lessons}
    assert slots == {"title", "detailed", "bullets", "meta_title", "meta_description"}
    assert not [one for one in lessons if "Wren" in one.text or "Wren" in one.facts]
    assert [one for one in lessons if PLACEHOLDERS["brand"] in one.text]


def test_the_same_seed_gives_the_same_lessons():
    first, again = (list(lessons_of([RECORD], 12, seed=4, rows=[0])) for _ in range(2))
    assert first == again
    assert first != list(lessons_of([RECORD], 12, seed=5, rows=[0]))
