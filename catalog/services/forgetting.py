"""What a person may ask for when captions are to be forgotten."""

from dataclasses import dataclass
from functools import partial

from django.contrib.auth.models import User
from django.core.files.storage import storages
from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from catalog.choices import OPEN_RUN_STATES, DescriptionState
from catalog.exceptions import RetrainingRefused
from catalog.models import (
    Description,
    Forgetting,
    ModelVersion,
    Product,
    TrainingCaption,
    TrainingEpoch,
    TrainingRun,
)
from catalog.selectors.training_runs import manifest_of, versions_that_learned


@dataclass(frozen=True, slots=True)
class ForgettingPreview:
    """What would be forgotten, and which versions have learned from it."""

    descriptions: int
    captions: int
    versions: list[ModelVersion]
    open_runs: list[TrainingRun]


def forget_preview(
    *, product: Product | None = None, author: User | None = None
) -> ForgettingPreview:
    """Count what `forget` would take away. Writes nothing. Name a product or an author."""
    if (product is None) == (author is None):
        raise RetrainingRefused(_("Name a product or an author."))
    manifest = manifest_of(product=product, author=author)
    return ForgettingPreview(
        descriptions=_descriptions(product, author).count(),
        captions=_captions(product).count(),
        versions=versions_that_learned(manifest),
        open_runs=list(
            TrainingRun.objects.filter(
                pk__in=manifest.values("run"), state__in=OPEN_RUN_STATES
            ).order_by("pk")
        ),
    )


def forget(
    *, product: Product | None = None, author: User | None = None, actor: User | None, reason: str
) -> Forgetting:
    """Let no run learn from a product's or an author's captions any more, and delete what is kept.

    Training captions of the product are deleted, and every frozen set that holds one of the
    captions; examples that models wrote of its photos go too. Approved texts stay in the shop:
    withdraw them there. Versions that have learned from them keep what they learned: retrain
    without, and retire them.

    Raises `RetrainingRefused` while a run that learns from them is under way, or when they are
    forgotten already.
    """
    if not reason.strip():
        raise RetrainingRefused(_("Say why, in a few words: it is kept with the entry."))
    preview = forget_preview(product=product, author=author)
    if preview.open_runs:
        raise RetrainingRefused(
            _("%(run)s is learning from them: cancel it first, then forget.")
            % {"run": preview.open_runs[0]}
        )
    manifest = manifest_of(product=product, author=author).order_by()
    runs = list(TrainingRun.objects.filter(pk__in=manifest.values("run")))
    try:
        with transaction.atomic():
            row = Forgetting.objects.create(
                product=product,
                author=author,
                reason=reason.strip(),
                removed=preview.captions,
                created_by=actor,
            )
            _captions(product).delete()
            if product is not None:
                _scrub_examples(runs, product.sku)
            for run in runs:
                delete = partial(storages["models"].delete, f"runs/{run.pk}/set.zip")
                transaction.on_commit(delete)
    except IntegrityError as error:
        raise RetrainingRefused(_("They are forgotten already.")) from error
    return row


def _descriptions(product: Product | None, author: User | None) -> QuerySet[Description]:
    rows = Description.objects.filter(state=DescriptionState.APPROVED)
    if product is not None:
        return rows.filter(product=product)
    return rows.filter(Q(created_by=author) | Q(reviewed_by=author))


def _captions(product: Product | None) -> QuerySet[TrainingCaption]:
    rows = TrainingCaption.objects.all()
    return rows.filter(product=product) if product is not None else rows.none()


def _scrub_examples(runs: list[TrainingRun], sku: str) -> None:
    """What models wrote about the product, on the pages of runs and of their judgement."""
    for epoch in TrainingEpoch.objects.filter(run__in=runs):
        kept = [one for one in epoch.examples if one.get("sku") != sku]
        if kept != epoch.examples:
            TrainingEpoch.objects.filter(pk=epoch.pk).update(examples=kept)
    for version in ModelVersion.objects.filter(run__in=runs):
        judgement = dict(version.judgement)
        for name in ("samples", "changes", "faulty"):
            rows = judgement.get(name, [])
            judgement[name] = [one for one in rows if one.get("sku") != sku]
        ModelVersion.objects.filter(pk=version.pk).update(judgement=judgement)
