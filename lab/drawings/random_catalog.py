"""Random drawings as products, to measure a model on pictures it never saw."""

import random

from lab.drawings.catalog import DemoProduct
from lab.drawings.specification import random_specification


def random_catalog(count: int, seed: int) -> tuple[DemoProduct, ...]:
    """`count` products with random drawings, the same for the same seed."""
    generator = random.Random(seed)
    return tuple(
        DemoProduct(
            sku=f"RANDOM-{number:05d}",
            title="Random drawing",
            brand="",
            category="Drawings",
            specification=random_specification(generator),
        )
        for number in range(1, count + 1)
    )
