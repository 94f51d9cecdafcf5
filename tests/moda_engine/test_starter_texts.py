"""What the starter writes: facts obeyed, lengths kept, nothing copied from merchandisers."""

import gzip
import json
import random
import re
from dataclasses import replace

import pytest

from lab.drawings import draw, random_catalog
from moda_engine import DescribeOptions, Describer
from moda_engine.brief.check import unsaid
from moda_engine.brief.product import KnownProduct
from moda_engine.imagefolder import read_imagefolder_records
from moda_engine.language.labels import known_facts, labels_of_text
from moda_engine.language.reading import read
from moda_engine.language.vocabulary import COLOURS, GENDERS, USAGES
from moda_engine.photos import open_photo

RUN_LENGTH = 8
OPTIONS = DescribeOptions(batch_size=32)


@pytest.fixture(scope="module")
def starter():
    return Describer.from_pretrained()


@pytest.fixture(scope="module")
def photos():
    return [draw(item.specification, size=256) for item in random_catalog(96, 77_001)]


@pytest.fixture(scope="module")
def seen(starter, photos):
    """Descriptions of the drawings: of each nothing is known but its SKU."""
    return starter.describe(photos, seeds(photos), OPTIONS)


def seeds(photos):
    return [KnownProduct(seed=f"SKU-{number}") for number in range(len(photos))]


def random_facts(chance):
    """A subset of what a catalog may know, in any order, and in a shop's spelling."""
    known = [
        ("Colour", chance.choice(list(COLOURS))),
        ("gender", chance.choice(list(GENDERS))),
        ("usage", chance.choice(list(USAGES))),
        ("brand", chance.choice(["Wren & Co", "Red Tape", "Nordwand 1893"])),
        ("fabric", chance.choice(["Cotton", "linen", "wool blend"])),
        ("Fit", chance.choice(["Slim Fit", "relaxed"])),
    ]
    chosen = chance.sample(known, chance.randint(1, len(known)))
    return "; ".join(f"{name}: {value}" for name, value in chosen)


def test_texts_are_whole_and_vary(seen):
    for description in seen:
        for text in (description.text, description.alt_text, description.detailed):
            assert re.fullmatch(r"[A-Z].*\.", text), text
        assert len(description.alt_text) <= 125
        assert len(description.detailed) >= len(description.alt_text)
    openings = {description.text.split()[0] for description in seen}
    assert {"A", "This"} <= openings
    assert len(openings) >= 8


def test_texts_are_in_the_voice_that_is_told_with_the_product(starter, photos):
    voice = {"spelling": "american", "preferred": {"T-shirt": "tee"}, "opening": "New in"}
    known = KnownProduct(title="Grey casual T-shirt for men", brand="Wren", seed="1", voice=voice)
    plain = replace(known, voice={})
    options = DescribeOptions(slots=("title", "detailed"))
    (spoken,) = starter.describe(photos[:1], [known], options)
    (usual,) = starter.describe(photos[:1], [plain], options)
    assert "gray" in spoken.text
    assert " tee" in spoken.text
    assert spoken.detailed.startswith("New in. ")
    assert "Tee" in spoken.title
    assert spoken.text.lower() == usual.text.lower().replace("grey", "gray").replace(
        "t-shirt", "tee"
    )


def test_all_lengths_say_the_same(seen):
    for description in seen:
        stated = labels_of_text(description.text)
        assert labels_of_text(description.alt_text) == stated
        detailed = labels_of_text(description.detailed)
        assert detailed.product_type == stated.product_type
        assert detailed.colour == stated.colour


def test_what_is_known_is_said_and_the_rest_comes_from_the_photo(starter, photos, seen):
    chance = random.Random(7)
    facts = [random_facts(chance) for _ in photos]
    told = starter.describe(photos, facts, OPTIONS)
    assert sum(len(known_facts(fact).labels) for fact in facts) > 150
    for fact, description in zip(facts, told, strict=True):
        known = {claim.kind for claim in description.brief.claims if claim.source == "catalog"}
        named = {line.split(":")[0].lower() for line in fact.split("; ")}
        assert known == named
        assert unsaid(description.text, description.brief) == []
        assert {claim.verdict for claim in description.claims} <= {"known", "seen"}
    sure = 0
    for with_facts, without in zip(told, seen, strict=True):
        # No fact named the type: it is what the photo shows, if it shows it surely.
        shown = without.brief.claim("product_type")
        if shown.probability >= 0.7:
            sure += 1
            assert read(with_facts.text).product_types == {shown.value}
    assert sure >= 60


def test_the_same_photo_has_the_same_words(starter, photos, seen):
    again = starter.describe(photos[:5], seeds(photos)[:5], OPTIONS)
    assert [item.text for item in again] == [item.text for item in seen[:5]]


@pytest.mark.shared_data
def test_no_run_of_eight_words_of_merchandisers_comes_out(starter, shared_data):
    runs = set()
    with gzip.open(shared_data / "product-text.jsonl.gz", "rt", encoding="utf-8") as lines:
        for line in lines:
            runs |= runs_of(str(json.loads(line).get("description") or ""))
    assert len(runs) > 100_000
    records, _ = read_imagefolder_records(shared_data / "fashion-2906" / "test")
    photos = (open_photo(record.path) for record in records[:500])
    descriptions = list(starter.describe_stream(((photo, None) for photo in photos), OPTIONS))
    assert len(descriptions) == 500
    for description in descriptions:
        written = runs_of(description.text) | runs_of(description.detailed)
        assert not written & runs, description.text


def runs_of(text):
    """Every eight words in a row, in lower case, marks aside."""
    words = re.findall(r"[\w'-]+", text.lower())
    return {
        hash(" ".join(words[start : start + RUN_LENGTH]))
        for start in range(len(words) - RUN_LENGTH + 1)
    }


def test_texts_are_in_the_words_of_the_shop_and_held_against_their_brief(starter, photos):
    known = {"product_type": "sandals", "colour": "navy blue", "brand": "Wren", "seed": "A-1"}
    style = {"sandals": "slides", "navy blue": "ink", "ankle loop": "", "open toe": ""}
    unsaid = {words: own for words, own in style.items() if not own}
    products = [KnownProduct.of({**known, "style": one}) for one in ({}, style, unsaid)]
    plain, own, shorter = starter.describe(photos[:1] * 3, products, OPTIONS)
    swapped = plain.text.replace("sandals", "slides").replace("Sandals", "Slides")
    swapped = swapped.replace(" with open toes", "")
    assert own.text == swapped.replace("Navy blue", "Ink").replace("navy blue", "ink") != plain.text
    found = {claim.text.lower(): claim.verdict for claim in own.claims}
    assert (found["ink"], found["slides"], found["wren"]) == ("known", "known", "known")
    assert own.confidence == shorter.confidence
    assert not {claim.kind for claim in own.brief.claims} & {"fastening", "toe"}
