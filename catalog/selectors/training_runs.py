"""Reads of training runs."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils import timezone

from catalog.choices import TrainingRunState
from catalog.models import ProductImage, TrainingEpoch, TrainingRun


@dataclass(frozen=True, slots=True)
class RunProgress:
    """How far a run is. `seconds_left` and `silent_seconds` are None where they say nothing."""

    step: int
    steps: int
    epoch: int
    seconds_left: float | None
    #: Seconds since the host at work was last heard of.
    silent_seconds: float | None


@dataclass(frozen=True, slots=True)
class ExampleRow:
    """What a run wrote about one photo, epoch after epoch; `thumbnail` is empty once it is gone."""

    sku: str
    thumbnail: str
    texts: list[tuple[int, str]]


def run_progress(run: TrainingRun) -> RunProgress:
    """From the row and its epochs; two queries."""
    last = run.epochs.order_by("-number").values_list("number", flat=True).first() or 0
    left = None
    if run.state == TrainingRunState.TRAINING and run.step_seconds and run.steps:
        left = (run.steps - run.step) * run.step_seconds
    silent = None
    if run.lease_token is not None and run.heartbeat_at is not None:
        silent = (timezone.now() - run.heartbeat_at).total_seconds()
    return RunProgress(run.step, run.steps, last, left, silent)


def run_examples(epochs: Iterable[TrainingEpoch]) -> list[ExampleRow]:
    """The same photos over the epochs, each with its texts."""
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
    """Addresses of thumbnails by the hash of their photo, of those that are still there."""
    images = ProductImage.objects.filter(sha256__in=list(photos))
    return {image.sha256: image.thumbnail.url for image in images}
