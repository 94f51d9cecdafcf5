"""Free-text search over what a storefront may show."""

from django.db.models import Exists, OuterRef, Q, QuerySet

from catalog.choices import DescriptionState
from catalog.models import Description, Product

MOST_WORDS = 8


def products_matching(products: QuerySet[Product], text: str) -> QuerySet[Product]:
    """Narrow `products` to those where every word of `text` occurs, case-insensitively.

    Looked at: SKU, title, brand, colour, category and the approved text. Drafts are not, lest a
    search tell what a draft says. Words after the eighth are ignored.
    """
    for word in text.split()[:MOST_WORDS]:
        approved = Description.objects.filter(
            product=OuterRef("pk"), state=DescriptionState.APPROVED, standard__icontains=word
        )
        products = products.filter(
            Q(sku__icontains=word)
            | Q(title__icontains=word)
            | Q(brand__icontains=word)
            | Q(colour__icontains=word)
            | Q(category__name__icontains=word)
            | Exists(approved)
        )
    return products
