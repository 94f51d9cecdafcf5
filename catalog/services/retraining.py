"""Training runs: previewed, made for a person or when they are due, tried again."""

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import QuerySet, Value
from django.db.models.functions import NullIf
from django.utils import timezone
from django.utils.translation import gettext as _

from catalog import wakeups
from catalog.bulk_insert import rows_insert
from catalog.choices import OPEN_RUN_STATES, DescriptionState, ExampleUse, LeftOut, TrainingWay
from catalog.exceptions import RetrainingRefused
from catalog.models import (
    Description,
    ModelVersion,
    Product,
    TrainingExample,
    TrainingHost,
    TrainingRun,
)
from catalog.models.training import text_digest
from catalog.selectors.model_versions import model_version_in_scope
from catalog.selectors.training_captions import Caption, Choice, captions_choose
from catalog.selectors.training_runs import untouched_ancestor
from catalog.transitions import training_run as transitions
from catalog.version import program_version

#: A host that has not said anything for so long is not counted on.
HOST_ANSWERS = timedelta(seconds=60)
#: Epochs of a run for which nothing else is asked.
EPOCHS = 10
MARKET = "market:"


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
    hosts: list[TrainingHost]
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
    choice = captions_choose(products=products, language=_language(language, scope), scope=scope)
    base = _base(scope, way)
    categories = Counter(caption.category for caption in choice.captions)
    counts = _counts(choice)
    return RetrainingPreview(
        captions=counts["caption_count"],
        held_out=counts["held_out_count"],
        products=counts["product_count"],
        by_category=categories.most_common(),
        left_out=dict(choice.left_out),
        base=base,
        hosts=list(_hosts(counts["caption_count"])),
        problem=_problem(choice, base),
        under_way=list(TrainingRun.objects.filter(base=base, state__in=OPEN_RUN_STATES)),
    )


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
    if scope and way != TrainingWay.ADAPTER:
        raise RetrainingRefused(
            _("A version for one brand or market is an adapter: choose that way.")
        )
    choice = captions_choose(products=products, language=_language(language, scope), scope=scope)
    base = _base(scope, way)
    problem = _problem(choice, base)
    if problem or base is None:
        raise RetrainingRefused(problem)
    with transaction.atomic():
        run = TrainingRun.objects.create(
            scope=scope,
            way=way,
            language=_language(language, scope),
            base=base,
            options={"seed": 0, **(options or {})},
            code_version=program_version(),
            left_out={reason.value: count for reason, count in choice.left_out.items()},
            created_by=actor,
            **_counts(choice),
        )
        rows = enumerate(choice.captions)
        rows_insert(TrainingExample, (_example(run, number, one) for number, one in rows))
        transitions.run_log(run=run, text=f"Asked for by {actor or 'the program'}.")
        transaction.on_commit(wakeups.wake_training)
    return run


def training_run_create_when_due() -> TrainingRun | None:
    """The run that RETRAIN_EVERY new approvals start by themselves; None while it is not due.

    Approvals count from the latest run over the whole catalog; none is made beside an open one.
    """
    if not settings.RETRAIN_EVERY:
        return None
    runs = TrainingRun.objects.filter(scope="")
    if runs.filter(state__in=OPEN_RUN_STATES).exists():
        return None
    approved = Description.objects.filter(state=DescriptionState.APPROVED)
    latest = runs.order_by("-pk").values_list("created_at", flat=True).first()
    if latest is not None:
        approved = approved.filter(reviewed_at__gt=latest)
    if approved.count() < settings.RETRAIN_EVERY:
        return None
    return training_run_create(products=None)


def training_run_retry(*, run: TrainingRun, actor: User | None = None) -> TrainingRun:
    """Have a failed run go on from its last checkpoint. Raises `TransitionRefused`."""
    with transaction.atomic():
        transitions.run_retry(run=run, actor=actor)
        transaction.on_commit(wakeups.wake_training)
    return run


def _hosts(captions: int) -> QuerySet[TrainingHost]:
    """Hosts that answer, each with its `seconds` for a run; None before its first."""
    answering = TrainingHost.objects.filter(seen_at__gte=timezone.now() - HOST_ANSWERS)
    return answering.annotate(seconds=Value(float(captions * EPOCHS)) / NullIf("speed", Value(0.0)))


def _language(language: str, scope: str) -> str:
    """A market's own language, else the one that was asked for."""
    return scope.removeprefix(MARKET) if scope.startswith(MARKET) else language


def _base(scope: str, way: TrainingWay | str) -> ModelVersion | None:
    """What a run begins from: what is in use for the scope, or what that was trained from.

    An adapter begins from the whole model below it; what has learned from captions that are
    forgotten by now is passed over.
    """
    version = untouched_ancestor(model_version_in_scope(scope))
    while version is not None and way == TrainingWay.ADAPTER and version.way == TrainingWay.ADAPTER:
        version = version.base
    return version


def _problem(choice: Choice, base: ModelVersion | None) -> str:
    if base is None:
        return _(
            "No model version is active, so there is nothing to train from: activate one first."
        )
    learned = _counts(choice)["caption_count"]
    if not choice.captions and not choice.left_out:
        return _("None of these products has an approved description: approve some first.")
    if learned < settings.RETRAIN_MINIMUM:
        return _(
            "%(count)s captions can be learned, and a run needs %(least)s: approve more "
            "descriptions, or choose more products."
        ) % {"count": learned, "least": settings.RETRAIN_MINIMUM}
    return ""


def _counts(choice: Choice) -> dict[str, int]:
    uses = Counter(caption.use for caption in choice.captions)
    return {
        "caption_count": uses[ExampleUse.TRAINING],
        "held_out_count": uses[ExampleUse.HELD_OUT],
        "product_count": len({caption.product_id for caption in choice.captions}),
    }


def _example(run: TrainingRun, number: int, caption: Caption) -> TrainingExample:
    return TrainingExample(
        run=run,
        number=number,
        use=caption.use,
        product_id=caption.product_id,
        sku=caption.sku,
        category=caption.category,
        description_key=caption.description_id,
        caption_key=caption.caption_id,
        author_key=caption.author_id,
        text_sha256=text_digest(caption.text, caption.facts),
        photo_sha256=caption.photo_sha256,
    )
