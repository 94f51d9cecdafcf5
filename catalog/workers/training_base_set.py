"""Photos that keep a model good at what it was good at: of products without a caption in the run.

They go into the frozen set without a text. The host learns with them what the base writes of them,
so that the new captions do not drown the old ways of describing, but for what these took back.
"""

from collections.abc import Iterator

from catalog.models import Forgetting, ProductImage, TrainingRun

#: Photos frozen at most; the recipe draws from them.
BASE_PHOTOS = 1_000


def base_photos(run: TrainingRun) -> Iterator[ProductImage]:
    """Up to `BASE_PHOTOS` main photos; the same ones for the same catalog, and of all its parts.

    Their order is that of the photos' hashes, which has nothing to do with what they show.
    """
    learned = run.manifest.order_by().values("product")
    forgotten = Forgetting.objects.filter(product__isnull=False).values("product")
    images = ProductImage.objects.filter(position=0).select_related("product")
    images = images.exclude(product__in=learned.filter(product__isnull=False))
    images = images.exclude(product__in=forgotten)
    return images.order_by("sha256", "pk")[:BASE_PHOTOS].iterator(chunk_size=100)
