"""Whatever a shop has typed, reading it never fails and claims nothing that stands nowhere."""

import html
import json
import unicodedata
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

import moda_engine.language
from moda_engine.brief.attributes import with_sources
from moda_engine.brief.check import claims_of, unsaid
from moda_engine.brief.claims import FREE_KINDS
from moda_engine.brief.conditioning import (
    facts_of_brief,
    stated_brief,
    with_placeholders,
    without_placeholders,
)
from moda_engine.brief.known import known_claims
from moda_engine.brief.make import brief_of
from moda_engine.brief.product import KnownProduct
from moda_engine.language.further import FURTHER
from moda_engine.language.labels import known_facts
from moda_engine.language.lexicon import _lexicon
from moda_engine.language.vocabulary import PRODUCT_TYPES
from moda_engine.language.writing import alt_text, paraphrase

VOCABULARIES = Path(moda_engine.language.__file__).with_name("vocabularies")
WORDS = (
    *("blue", "Red", "navy", "white", "black", "shirt", "trousers", "cap", "shoes", "casual"),
    *("for men", "women's", "boys", "girls", "kids", "unisex", "sports", "round neck", "V-neck"),
    *("short sleeves", "zip", "with", "and", "without", "not", "by", "like", "striped", "solid"),
    *(
        "White",
        "Red Tape",
        "Boss Orange",
        "Guess Kids",
        "see chart",
        "N/A",
        "-",
        ";",
        ":",
        ">",
        "/",
    ),
    *("<b>", "</b>", "<br>", "&amp;", "+49 170 1234567", "$ 9.99", "Kleid", "schwarz", "Damen"),
    *("قميص", "男装", "hat", "bra", "dial", "slim", "cotton", "\x00", "\n", "x" * 300),
)
TYPED = st.lists(st.sampled_from(WORDS), max_size=8).map(" ".join) | st.text(max_size=40)
NAMES = st.sampled_from(
    (
        "Colour",
        "color",
        "Neck",
        "Pattern",
        "Fit",
        "Fabric",
        "Occasion",
        "Brand",
        "Size",
        "age_group",
    )
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TYPED,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TYPED, inner, max_size=4),
    max_leaves=8,
)
PRODUCTS = st.fixed_dictionaries(
    {},
    optional={
        "title": TYPED | JSON,
        "brand": TYPED | JSON,
        "category": TYPED | st.lists(TYPED, max_size=3) | JSON,
        "product_type": TYPED | JSON,
        "colour": TYPED | JSON,
        "gender": TYPED | JSON,
        "options": st.dictionaries(NAMES, st.lists(TYPED, max_size=3)) | JSON,
        "attributes": st.dictionaries(NAMES | TYPED, TYPED | JSON, max_size=5) | JSON,
        "tags": st.lists(TYPED, max_size=4) | JSON,
        "description": TYPED | JSON,
        "facts": TYPED | JSON,
        "language": st.sampled_from(("en", "de", "sv", "ar", "", "../x")) | JSON,
    },
)


@settings(deadline=None, max_examples=200)
@given(PRODUCTS)
def test_any_product_is_read_and_claims_only_what_stands_in_its_field(given_product):
    product = KnownProduct.of(given_product)
    claims = known_claims(product)
    assert len({claim.kind for claim in claims}) == len(claims)
    for claim in claims:
        text = typed_in(product, claim.field)
        if claim.kind in FREE_KINDS:
            own = {word for word in folded(claim.value).split() if word.isalpha()}
            assert own - {"fit"} <= set(folded(text).split()), claim
        else:
            for label in claim.value.split("/") if claim.kind == "colour" else [claim.value]:
                assert words_of(claim.kind, label) & words(text), claim


@settings(deadline=None, max_examples=100)
@given(PRODUCTS, TYPED)
def test_a_brief_of_any_product_can_be_written_told_and_checked(given_product, text):
    brief = brief_of(known_claims(KnownProduct.of(given_product)), {}, {})
    brief.facts_text()
    if brief.claim("product_type"):
        written = paraphrase(brief.labels(), 0, brief.free_facts())
        alt_text(brief.labels(), brief.free_facts())
        claims_of(written, brief)
    assert all(text[claim.start : claim.end] == claim.text for claim in claims_of(text, brief))
    unsaid(text, brief)
    names = brief.free_facts()
    without_placeholders(with_placeholders(text, names), names)
    told = stated_brief(text, brief)
    plain = replace(told, claims=tuple(one for one in told.claims if one.kind not in FURTHER))
    assert known_facts(facts_of_brief(plain, 3)).labels == known_facts(plain.facts_text()).labels
    facts_of_brief(told, 3)


def typed_in(product, field):
    """All that is typed in a field, entities of HTML read."""
    name = field.split(".")[0]
    sorted_product = with_sources(product)  # an attribute "Size" is an option
    typed = html.unescape(html.unescape(" ".join(leaves(getattr(sorted_product, name)))))
    return f"{typed} s" if name == "title" else typed


def leaves(value):
    if isinstance(value, dict):
        return [text for one in value.values() for text in leaves(one)]
    if isinstance(value, list | tuple):
        return [text for one in value for text in leaves(one)]
    return [str(value)]


def folded(text):
    decomposed = unicodedata.normalize("NFKD", text).casefold().replace(";", " ")
    letters = "".join(letter for letter in decomposed if not unicodedata.combining(letter))
    return " ".join("".join(one if one.isalnum() else " " for one in letters).split())


def words(text):
    """Words without their ends, so that plurals, compounds and cases are the same."""
    return {word[:3] for word in folded(text).split()} | {
        word[cut : cut + 3] for word in folded(text).split() for cut in range(3, len(word) - 2)
    }


@lru_cache(maxsize=1)
def phrases():
    """(kind, label) → words that may state it, in any language."""
    found = {}
    for all_of_word in _lexicon().values():
        for phrase, statements in all_of_word:
            for statement in statements:
                found.setdefault(statement, set()).update(words(" ".join(phrase)))
    for path in VOCABULARIES.glob("*.json"):
        for kind, labels in json.loads(path.read_text(encoding="utf-8")).items():
            for label, of_label in labels.items():
                for phrase in of_label:
                    found.setdefault((kind, label), set()).update(words(phrase))
    return found


def words_of(kind, label):
    """The words that may state a label: a usage by the noun that implies it, too."""
    own = set(phrases().get((kind, label), ()))
    if kind == "usage":
        for product_type, noun in PRODUCT_TYPES.items():
            if noun.states_usage == label:
                own |= phrases()["product_type", product_type]
    if kind == "product_type":
        own |= {"sho"} if label.endswith("Shoes") else set()
    if kind == "gender":
        own |= {"m", "f", "w", "u", "mas", "fem", "him", "her", "men", "wom", "boy", "gir", "uni"}
    return own
