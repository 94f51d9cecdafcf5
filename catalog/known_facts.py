"""What the catalog knows of a product, as text that descriptions are conditioned on."""

from typing import Any

from catalog.models import Product

#: Characters at most.
LONGEST_FACTS = 500
#: Values of attributes that shops write for having none.
_NOTHING = ("", "-", "NA", "N/A", None)


def attributes_known(product: Product) -> list[tuple[str, Any]]:
    """The product's further facts, without those that say that nothing is known."""
    return [(name, value) for name, value in product.attributes.items() if value not in _NOTHING]


def known_facts(product: Product) -> str:
    """Brand, colour, gender, category and attributes: "brand: Wren; colour: red".

    Facts that would not fit any more are left out whole. Reads the product's category.
    """
    columns = [
        ("brand", product.brand),
        ("colour", product.colour),
        ("gender", product.gender),
        ("category", str(product.category or "")),
    ]
    facts = ""
    for name, value in (*columns, *attributes_known(product)):
        fact = f"{name}: {value}"
        longer = f"{facts}; {fact}" if facts else fact
        if value and len(longer) <= LONGEST_FACTS and "\0" not in fact:
            facts = longer
    return facts
