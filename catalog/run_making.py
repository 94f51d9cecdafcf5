"""Makes training runs: for a person, by services, and by itself every so many approvals."""

from collections import Counter
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from catalog import wakeups
from catalog.bulk_insert import rows_insert
from catalog.choices import OPEN_RUN_STATES, DescriptionState, ExampleUse, TrainingWay
from catalog.code_version import code_version
from catalog.exceptions import RetrainingRefused
from catalog.models import Description, ModelVersion, Product, TrainingExample, TrainingRun
from catalog.models.training import text_digest
from catalog.selectors.forgetting import untouched_ancestor
from catalog.selectors.model_versions import model_version_in_scope
from catalog.selectors.training_captions import Caption, Choice, captions_choose
from catalog.transitions.training_run import run_log

MARKET = "market:"


def run_make(
    *,
    products: QuerySet[Product] | None,
    actor: User | None,
    language: str = "en",
    scope: str = "",
    way: TrainingWay | str = TrainingWay.FULL,
    options: dict[str, Any] | None = None,
) -> TrainingRun:
    """A run over the approved captions of `products`, None for all; a host is woken on commit.

    Raises `RetrainingRefused`, with nothing made, when there is no base or too little to learn.
    """
    if scope and way != TrainingWay.ADAPTER:
        raise RetrainingRefused(
            _("A version for one brand or market is an adapter: choose that way.")
        )
    choice = run_choice(products=products, language=language, scope=scope)
    base = run_base(scope, way)
    problem = run_problem(choice, base)
    if problem or base is None:
        raise RetrainingRefused(problem)
    with transaction.atomic():
        run = TrainingRun.objects.create(
            scope=scope,
            way=way,
            language=run_language(language, scope),
            base=base,
            options={"seed": 0, **(options or {})},
            code_version=code_version(),
            left_out={reason.value: count for reason, count in choice.left_out.items()},
            created_by=actor,
            **run_counts(choice),
        )
        rows = enumerate(choice.captions)
        rows_insert(TrainingExample, (_example(run, number, one) for number, one in rows))
        run_log(run=run, text=f"Asked for by {actor or 'the program'}.")
        transaction.on_commit(lambda: wakeups.wake_training())
    return run


def run_make_when_due() -> TrainingRun | None:
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
    return run_make(products=None, actor=None)


def run_choice(*, products: QuerySet[Product] | None, language: str, scope: str) -> Choice:
    """The captions of a run. A market is a language, whatever else is asked for."""
    language = run_language(language, scope)
    return captions_choose(products=products, language=language, scope=scope)


def run_language(language: str, scope: str) -> str:
    """A market's own language, else the one that was asked for."""
    return scope.removeprefix(MARKET) if scope.startswith(MARKET) else language


def run_base(scope: str, way: TrainingWay | str) -> ModelVersion | None:
    """What a run begins from: what is in use for the scope, or what that was trained from.

    An adapter begins from the whole model below it; what has learned from captions that are
    forgotten by now is passed over.
    """
    version = untouched_ancestor(model_version_in_scope(scope))
    while version is not None and way == TrainingWay.ADAPTER and version.way == TrainingWay.ADAPTER:
        version = version.base
    return version


def run_problem(choice: Choice, base: ModelVersion | None) -> str:
    if base is None:
        return _(
            "No model version is active, so there is nothing to train from: activate one first."
        )
    learned = run_counts(choice)["caption_count"]
    if not choice.captions and not choice.left_out:
        return _("None of these products has an approved description: approve some first.")
    if learned < settings.RETRAIN_MINIMUM:
        return _(
            "%(count)s captions can be learned, and a run needs %(least)s: approve more "
            "descriptions, or choose more products."
        ) % {"count": learned, "least": settings.RETRAIN_MINIMUM}
    return ""


def run_counts(choice: Choice) -> dict[str, int]:
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
