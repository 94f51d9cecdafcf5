"""What products are called in one language: their own words, and those of translations."""

from collections import defaultdict
from collections.abc import Collection

import orjson
from django.conf import settings

from catalog.languages import Said, Spoken, language_chain, spoken
from catalog.models import ProductTranslation


class Translations:
    """The translations of some products, read once, for somebody who asks in `language`."""

    def __init__(self, products: Collection[int], language: str) -> None:
        self.chain = language_chain(language)
        self._found: dict[int, list[Said]] = defaultdict(list)
        if language == settings.SHOP_LANGUAGE:  # nothing stands before it
            return
        rows = ProductTranslation.objects.filter(product__in=products, language__in=self.chain)
        for row in rows:
            said = Said(row.language, row.title, row.colour, row.attributes)
            self._found[row.product_id].append(said)

    def of(self, product: int, *, title: str, colour: str, attributes: str) -> Spoken | None:
        """A product's facts, `attributes` as JSON; None where its own words are all there is."""
        if product not in self._found:
            return None
        own = Said(settings.SHOP_LANGUAGE, title, colour, orjson.loads(attributes))
        return spoken(own, self._found[product], self.chain)
