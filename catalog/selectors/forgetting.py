"""Reads of what is to be forgotten, and of which versions have learned it."""

from django.contrib.auth.models import User
from django.db.models import Q, QuerySet

from catalog.models import Forgetting, ModelVersion, Product, TrainingExample


def manifest_of(
    *, product: Product | None = None, author: User | None = None
) -> QuerySet[TrainingExample]:
    """The captions of a product, or of an author, in the manifests of all runs."""
    if product is not None:
        return TrainingExample.objects.filter(Q(product=product) | Q(sku=product.sku))
    return TrainingExample.objects.filter(author_key=author.pk if author else None)


def versions_that_learned(manifest: QuerySet[TrainingExample]) -> list[ModelVersion]:
    """The versions whose run has one of these captions, and those trained from them in turn."""
    runs = manifest.order_by().values("run")
    found = set(ModelVersion.objects.filter(run__in=runs).values_list("pk", flat=True))
    fresh = set(found)
    while fresh:
        below = ModelVersion.objects.filter(base__in=fresh).values_list("pk", flat=True)
        fresh = set(below) - found
        found |= fresh
    return list(ModelVersion.objects.filter(pk__in=found))


def versions_to_forget() -> set[int]:
    """Ids of the versions that have learned from captions which are forgotten by now."""
    forgotten = Forgetting.objects.all()
    manifest = TrainingExample.objects.filter(
        Q(product__in=forgotten.filter(product__isnull=False).values("product"))
        | Q(author_key__in=forgotten.filter(author__isnull=False).values("author"))
    )
    return {version.pk for version in versions_that_learned(manifest)}


def untouched_ancestor(version: ModelVersion | None) -> ModelVersion | None:
    """The version itself, or the nearest that it was trained from which must forget nothing."""
    learned = versions_to_forget() if version is not None else set()
    while version is not None and version.pk in learned:
        version = version.base
    return version
