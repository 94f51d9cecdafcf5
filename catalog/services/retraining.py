"""What a person may ask for with training runs."""

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from catalog import wakeups
from catalog.choices import OPEN_RUN_STATES, LeftOut, TrainingWay
from catalog.models import ModelVersion, Product, TrainingHost, TrainingRun
from catalog.run_making import run_base, run_choice, run_counts, run_make, run_problem
from catalog.selectors.training_captions import Choice
from catalog.transitions import training_run as transitions

#: A host that has not said anything for so long is not counted on.
HOST_ANSWERS = timedelta(seconds=60)
#: Epochs of a run for which nothing else is asked.
EPOCHS = 10


@dataclass(frozen=True, slots=True)
class HostEstimate:
    """A host that answers. `seconds` and `peak_bytes` are None before its first run."""

    name: str
    device: str
    memory_bytes: int
    free_bytes: int
    seconds: float | None
    peak_bytes: int | None


@dataclass(frozen=True, slots=True)
class RetrainingPreview:
    """What a run would learn from if it were started now.

    `by_category` counts captions; `problem` says why no run can be made of them, or is empty.
    `under_way` are open runs from the same base: whichever ends later is judged against what is
    in use by then.
    """

    captions: int
    held_out: int
    products: int
    by_category: list[tuple[str, int]]
    left_out: dict[LeftOut, int]
    base: ModelVersion | None
    hosts: list[HostEstimate]
    problem: str
    under_way: list[TrainingRun]


def retraining_preview(
    *,
    products: QuerySet[Product] | None,
    language: str = "en",
    scope: str = "",
    way: TrainingWay | str = TrainingWay.FULL,
) -> RetrainingPreview:
    """Count what `training_run_create` would learn from with the same arguments. Writes nothing."""
    choice = run_choice(products=products, language=language, scope=scope)
    return _preview(choice, run_base(scope, way))


def training_run_create(
    *,
    products: QuerySet[Product] | None,
    actor: User | None = None,
    language: str = "en",
    scope: str = "",
    way: TrainingWay | str = TrainingWay.FULL,
    options: dict[str, Any] | None = None,
) -> TrainingRun:
    """Ask a host to learn from the approved captions of `products`, None for all.

    The captions are written down now, by ids and hashes; a host freezes them as they then are.
    `scope` names whom the version is for: everything, `brand:…` or `market:…`, which only
    adapters are.

    Raises `RetrainingRefused`, with nothing made, when there is no base or too little to learn.
    """
    return run_make(
        products=products, actor=actor, language=language, scope=scope, way=way, options=options
    )


def training_run_cancel(*, run: TrainingRun, actor: User | None = None) -> TrainingRun:
    """End a run; the host that has it stops at its next step. Raises `TransitionRefused`."""
    transitions.run_cancel(run=run, actor=actor)
    return run


def training_run_retry(*, run: TrainingRun, actor: User | None = None) -> TrainingRun:
    """Have a failed run go on from its last checkpoint. Raises `TransitionRefused`."""
    with transaction.atomic():
        transitions.run_retry(run=run, actor=actor)
        transaction.on_commit(lambda: wakeups.wake_training())
    return run


def _preview(choice: Choice, base: ModelVersion | None) -> RetrainingPreview:
    categories = Counter(caption.category for caption in choice.captions)
    counts = run_counts(choice)
    return RetrainingPreview(
        captions=counts["caption_count"],
        held_out=counts["held_out_count"],
        products=counts["product_count"],
        by_category=categories.most_common(),
        left_out=dict(choice.left_out),
        base=base,
        hosts=_hosts(counts["caption_count"]),
        problem=run_problem(choice, base),
        under_way=list(TrainingRun.objects.filter(base=base, state__in=OPEN_RUN_STATES)),
    )


def _hosts(captions: int) -> list[HostEstimate]:
    answering = TrainingHost.objects.filter(seen_at__gte=timezone.now() - HOST_ANSWERS)
    return [
        HostEstimate(
            name=host.name,
            device=host.device,
            memory_bytes=host.memory_bytes,
            free_bytes=host.free_bytes,
            seconds=captions * EPOCHS / host.speed if host.speed else None,
            peak_bytes=host.peak_bytes or None,
        )
        for host in answering
    ]
