"""What the guard drops, and why; and which of the rest it keeps."""

import json

import pytest

from moda_engine.brief.claims import Brief
from moda_engine.copywriting.guard import Candidate, Guard
from moda_engine.copywriting.lexicon import WORDS, copy_lexicon
from moda_engine.copywriting.slots import SLOTS
from moda_engine.copywriting.voice import Voice
from moda_engine.language.foreign import VocabularyError
from tests.moda_engine.copywriting.briefs import SHIRT, SKIRT, known

TRUE = (
    "Meet the easy navy blue T-shirt by Wren & Co for men. It has short sleeves, a polo collar and "
    "a slim fit."
)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (TRUE, None),
        ("Wren & Co makes this organic cotton T-shirt for slow mornings.", None),
        ("A men's tee with stripes by Wren & Co.", None),
        ("A T-shirt with a V-neck by Wren & Co.", "contradicted: a V-neck"),
        ("A white T-shirt by Wren & Co.", "contradicted: white"),
        ("A T-shirt by Wren & Co with a zip.", "unsupported: a zip"),
        ("A T-shirt by Wrem & Co.", "mangled name: Wrem"),
        ("A T-shirt by wren & co.", "mangled name: wren & co"),
        ("A T-shirt by Brand.", "unfilled: Brand"),
        ("A T-shirt with a handy back pocket.", "unknown word: pocket"),
        ("A navy navy T-shirt.", "repeated word: navy"),
        ("An easy part of it. It is an easy part of it.", "repeated phrase: an easy part of"),
        ("A T-shirt with short sleeves and short sleeves.", "said twice: Short Sleeves"),
        ("A T-shirt with short sleeves, a polo collar.", "a list without and"),
        ("A T-shirt for men with casual wear.", "ill joined: with casual wear"),
        ("A T-shirt made of a polo collar.", "ill joined: made of a polo"),
        ("A waterproof T-shirt by Wren & Co.", "needs proof (water): waterproof"),
        ("A T-shirt of our sustainable line.", "needs proof (sustainability): sustainable"),
        ("A T-shirt by Wren & Co for 499.", "unknown word: 499"),
        ("A T-shirt by Wren & Co, better than Levis.", "unknown word: Levis"),
        ("A easy T-shirt by Wren & Co.", "wrong article"),
        ("A T-shirt by Wren & Co for", "cut sentence"),
    ],
)  # fmt: skip
def test_why_a_text_is_dropped(text, reason):
    reasons = Guard().reasons(text, SLOTS["standard"], SHIRT)
    assert reasons == [] if reason is None else reason in reasons


def test_what_needs_proof_may_be_said_once_the_catalog_says_it():
    text = "An organic cotton skirt in white."
    assert "needs proof (organic): organic" in Guard().reasons(text, SLOTS["standard"], SKIRT)
    told = Brief((*SKIRT.claims, known("fabric", "Organic Cotton")))
    assert Guard().reasons(text, SLOTS["standard"], told) == []


def test_the_best_of_those_that_stand_is_kept_with_the_reasons_of_the_others():
    choice = Guard().choose(
        [
            Candidate("A navy blue T-shirt by Wren & Co.", -0.1),
            Candidate(TRUE, -0.4),
            Candidate("A red T-shirt.", 0.0),
        ],
        SLOTS["standard"],
        SHIRT,
    )
    assert choice.text == TRUE
    red = ("contradicted: red", "unknown word: red")
    assert [one.reasons for one in choice.judged] == [(), (), red]
    assert [round(one.coverage, 1) for one in choice.judged] == [0.3, 0.7, 0.1]


def test_every_bullet_point_has_a_capital():
    lines = "Navy blue T-shirt\nshort sleeves\nBy Wren & Co"
    assert "a line without a capital" in Guard().reasons(lines, SLOTS["bullets"], SHIRT)
    assert Guard().reasons(lines.replace("short", "Short"), SLOTS["bullets"], SHIRT) == []


def test_where_none_stands_none_is_kept():
    choice = Guard().choose([Candidate("A red T-shirt.")], SLOTS["standard"], SHIRT)
    assert choice.text is None


def test_of_two_texts_the_one_that_is_not_said_beside_it_is_kept():
    one = "An easy white skirt for slow mornings at home."
    other = "A simple white skirt for a day in the city."
    for beside, kept in ((one, other), (other, one)):
        candidates = [Candidate(one), Candidate(other)]
        assert Guard().choose(candidates, SLOTS["standard"], SKIRT, [beside]).text in (one, other)
        judged = Guard().choose(candidates, SLOTS["standard"], SKIRT, [beside]).judged
        assert max(judged, key=lambda each: each.score).text == kept


def test_a_shop_adds_its_own_words_of_taste_but_none_that_needs_proof():
    text = "A dreamy, breathable white skirt."
    assert Guard(Voice(taste=("Dreamy", "Breathable"))).reasons(text, SLOTS["standard"], SKIRT) == [
        "needs proof (comfort): breathable",
        "unknown word: breathable",
    ]


def test_every_claim_that_needs_proof_names_what_demands_it():
    given = json.loads((WORDS / "proof.json").read_text(encoding="utf-8"))
    assert all(len(entry["source"]) > 20 and entry["words"] for entry in given.values())
    lexicon = copy_lexicon()
    assert not lexicon.proof.keys() & (lexicon.plain | lexicon.taste)
    assert {"breathable", "sustainable", "vegan", "waterproof", "handmade", "organic"} <= (
        lexicon.proof.keys()
    )


def test_a_damaged_list_is_refused(tmp_path):
    (tmp_path / "proof.json").write_text("[]", encoding="utf-8")
    with pytest.raises(VocabularyError, match="cannot be read"):
        copy_lexicon(tmp_path)
