"""Briefs for the tests of copy: one whole, one nearly empty, and any number of random ones."""

import random
from collections.abc import Iterator

from moda_engine.brief.claims import Brief, Claim
from moda_engine.brief.make import with_claims
from moda_engine.language.vocabulary import (
    ALTERNATIVES,
    COLOURS,
    DETAILS,
    PRODUCT_TYPES,
    details_of_type,
)


def known(kind: str, value: str) -> Claim:
    """A claim of the catalog."""
    return Claim(kind, value, "catalog", 1.0, kind)


SHIRT = Brief(
    (
        known("product_type", "Tshirts"),
        Claim("colour", "Navy Blue", "photo", 0.97),
        known("pattern", "Striped"),
        known("gender", "Men"),
        known("usage", "Casual"),
        Claim("sleeves", "Short Sleeves", "photo", 0.99),
        known("neck", "Polo Collar"),
        known("brand", "Wren & Co"),
        known("fabric", "Organic Cotton"),
        known("fit", "Slim"),
    )
)
SKIRT = Brief((Claim("product_type", "Skirts", "photo", 0.9), known("colour", "White")))


def random_briefs(count: int) -> Iterator[Brief]:
    """Briefs of all types, each with some of the kinds that its type may have."""
    chance = random.Random(11)
    brands = ["Red Tape", "Wren", "Blanc", "U.S. Polo Assn.", "ADIDAS", "优衣库", "AND", "I DEE"]
    for _ in range(count):
        product_type = chance.choice(list(PRODUCT_TYPES))
        values = {
            "colour": "/".join(chance.sample(list(COLOURS), chance.choice([1, 1, 2]))),
            **{k: chance.choice(ALTERNATIVES[k]) for k in ("gender", "usage", "pattern")},
            **{k: chance.choice(list(DETAILS[k])) for k in sorted(details_of_type(product_type))},
            "brand": chance.choice(brands),
            "fabric": chance.choice(["Cotton", "Blended", "85% Cotton, 15% Polyester", "PVC"]),
            "fit": chance.choice(["Slim", "Regular Fit"]),
        }
        kept = {kind: value for kind, value in values.items() if chance.random() < 0.6}
        claims = [known(kind, value) for kind, value in kept.items()]
        yield with_claims(Brief((Claim("product_type", product_type, "photo", 0.9),)), claims)
