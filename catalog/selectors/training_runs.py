"""Reads of training runs: how far one is, what it wrote, and which versions learned a caption."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.contrib.auth.models import User
from django.db.models import Q, QuerySet
from django.utils import timezone

from catalog.choices import TrainingRunState
from catalog.models import (
    Forgetting,
    ModelVersion,
    Product,
    ProductImage,
    TrainingEpoch,
    TrainingExample,
    TrainingRun,
)


@dataclass(frozen=True, slots=True)
class RunProgress:
    """How far a run is. `seconds_left` and `silent_seconds` are None where they are unknown."""

    step: int
    steps: int
    epoch: int
    seconds_left: float | None
    #: Seconds since the last sign of life of the host.
    silent_seconds: float | None


@dataclass(frozen=True, slots=True)
class ExampleRow:
    """What a run wrote about one photo after each epoch; `thumbnail` is empty for a lost photo."""

    sku: str
    thumbnail: str
    texts: list[tuple[int, str]]


def run_progress(run: TrainingRun) -> RunProgress:
    """The progress of a run, from its row and its epochs."""
    last = run.epochs.order_by("-number").values_list("number", flat=True).first() or 0
    left = None
    if run.state == TrainingRunState.TRAINING and run.step_seconds and run.steps:
        left = (run.steps - run.step) * run.step_seconds
    silent = None
    if run.lease_token is not None and run.heartbeat_at is not None:
        silent = (timezone.now() - run.heartbeat_at).total_seconds()
    # Steps are noted every few seconds; a run that is judged, or was, has done them all.
    judged = run.state in (TrainingRunState.EVALUATING, TrainingRunState.SUCCEEDED)
    return RunProgress(run.steps if judged else run.step, run.steps, last, left, silent)


def run_examples(epochs: Iterable[TrainingEpoch]) -> list[ExampleRow]:
    """A row for each photo, with its texts in the order of the epochs."""
    texts: dict[tuple[str, str], list[tuple[int, str]]] = {}
    for epoch in epochs:
        for example in epoch.examples:
            key = (example["sku"], example["photo"])
            texts.setdefault(key, []).append((epoch.number, example["text"]))
    thumbnails = photo_thumbnails(photo for _, photo in texts)
    return [
        ExampleRow(sku, thumbnails.get(photo, ""), rows) for (sku, photo), rows in texts.items()
    ]


def photo_thumbnails(photos: Iterable[str]) -> dict[str, str]:
    """Addresses of thumbnails by the hash of their photo; lost photos are left out."""
    images = ProductImage.objects.filter(sha256__in=list(photos))
    return {image.sha256: image.thumbnail.url for image in images}


def manifest_of(
    *, product: Product | None = None, author: User | None = None
) -> QuerySet[TrainingExample]:
    """The captions of a product, or of an author, in the manifests of all runs."""
    if product is not None:
        return TrainingExample.objects.filter(Q(product=product) | Q(sku=product.sku))
    return TrainingExample.objects.filter(author_key=author.pk if author else None)


def versions_that_learned(manifest: QuerySet[TrainingExample]) -> list[ModelVersion]:
    """The versions whose run has one of these captions, and all that were trained from those."""
    runs = manifest.order_by().values("run")
    found = set(ModelVersion.objects.filter(run__in=runs).values_list("pk", flat=True))
    fresh = set(found)
    while fresh:
        below = ModelVersion.objects.filter(base__in=fresh).values_list("pk", flat=True)
        fresh = set(below) - found
        found |= fresh
    return list(ModelVersion.objects.filter(pk__in=found))


def versions_to_forget() -> set[int]:
    """Ids of the versions that learned from captions that have been forgotten since."""
    forgotten = Forgetting.objects.all()
    manifest = TrainingExample.objects.filter(
        Q(product__in=forgotten.filter(product__isnull=False).values("product"))
        | Q(author_key__in=forgotten.filter(author__isnull=False).values("author"))
    )
    return {version.pk for version in versions_that_learned(manifest)}


def untouched_ancestor(version: ModelVersion | None) -> ModelVersion | None:
    """The version itself, or its nearest ancestor that has learned nothing forgotten."""
    learned = versions_to_forget() if version is not None else set()
    while version is not None and version.pk in learned:
        version = version.base
    return version
