"""Full-text search over what a storefront may show: PostgreSQL's own, FTS5 on SQLite.

The index holds SKU, title, brand, colour, category and the approved text of each product, and is
kept by the triggers of the change feed. Drafts are not in it, lest a search tell what a draft says.
"""

import re

from django.db import connection
from django.db.models import QuerySet
from django.db.models.expressions import RawSQL

from catalog.models import Product

MOST_WORDS = 8
_WORD = re.compile(r"[^\W_]+")

_MATCHES = {
    "postgresql": (
        "SELECT product_id FROM catalog_productsearch WHERE document @@ to_tsquery('simple', %s)"
    ),
    "sqlite": "SELECT rowid FROM catalog_productsearch WHERE catalog_productsearch MATCH %s",
}


def products_matching(products: QuerySet[Product], text: str) -> QuerySet[Product]:
    """Narrow `products` to those in which every word of `text` begins a word, in any case.

    Words after the eighth are ignored; a text without any finds nothing.
    """
    words = _WORD.findall(text)[:MOST_WORDS]
    if not words:
        return products.none()
    if connection.vendor == "postgresql":
        # Words are letters and digits alone, so none of them can be an operator.
        query = " & ".join(f"{word}:*" for word in words)
    else:
        query = " ".join(f'"{word}"*' for word in words)
    return products.filter(pk__in=RawSQL(_MATCHES[connection.vendor], [query]))  # noqa: S611
