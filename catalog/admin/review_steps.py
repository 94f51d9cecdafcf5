"""What the buttons of the review panel do. Each step asks one service, or two in a transaction."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from catalog.admin.review_panel import DescriptionForm
from catalog.exceptions import DescriptionRefused
from catalog.models import Description, DescriptionJob, Product
from catalog.services import descriptions as services
from catalog.services.jobs import description_job_create
from catalog.transitions.product import product_publish, product_unpublish


@dataclass(frozen=True)
class Request:
    """One press of a button: who, on what, with which words."""

    actor: Any
    product: Product
    description: Description | None
    form: DescriptionForm
    reason: str


@dataclass(frozen=True)
class Step:
    """A button: what it asks for, the permission for it, whether the words go with it."""

    run: Callable[[Request], None]
    permission: str
    done: str
    needs_words: bool = False
    needs_description: bool = True


def _save(request: Request) -> Description:
    """Save the words if nobody saved others since the page was made. Raises DescriptionRefused."""
    description = request.description
    assert description is not None  # noqa: S101  (the view has looked it up)
    current = Description.objects.select_for_update().get(pk=description.pk)
    seen = request.form.cleaned_data["seen"]
    if seen and seen != current.updated_at.isoformat():
        raise DescriptionRefused(
            _(
                "Somebody changed this text after you opened it. Your words are still in the form: "
                "compare them with the current text below, then save again."
            )
        )
    return services.description_edit(
        description=current, actor=request.actor, **request.form.texts()
    )


def _edit(request: Request) -> None:
    with transaction.atomic():
        _save(request)


def _approve(request: Request) -> None:
    """The words in the form are what was read, so they are saved before they are approved."""
    with transaction.atomic():
        services.description_approve(description=_save(request), actor=request.actor)


def _reject(request: Request) -> None:
    services.description_reject(
        description=request.description, actor=request.actor, reason=request.reason
    )


def _withdraw(request: Request) -> None:
    services.description_withdraw(description=request.description, actor=request.actor)


def _reopen(request: Request) -> None:
    services.description_reopen(description=request.description, actor=request.actor)


def _write(request: Request) -> None:
    services.description_write(product=request.product, actor=request.actor, **request.form.texts())


def _describe(request: Request) -> None:
    description_job_create(
        products=Product.objects.filter(pk=request.product.pk),
        actor=request.actor,
        again=request.product.descriptions.exists(),
        priority=DescriptionJob.SINGLE_PRIORITY,
    )


def _publish(request: Request) -> None:
    product_publish(product=request.product, actor=request.actor)


def _unpublish(request: Request) -> None:
    product_unpublish(product=request.product, actor=request.actor)


CHANGE = "catalog.change_description"
STEPS = {
    "save": Step(_edit, CHANGE, _("The text is saved."), needs_words=True),
    "approve": Step(_approve, CHANGE, _("Approved: storefronts show it now."), needs_words=True),
    "reject": Step(_reject, CHANGE, _("Rejected. It stays in the history.")),
    "withdraw": Step(_withdraw, CHANGE, _("Withdrawn: storefronts show no text now.")),
    "reopen": Step(_reopen, CHANGE, _("It is a draft again.")),
    "write": Step(
        _write,
        "catalog.add_description",
        _("The draft is saved. Approve it to show it."),
        needs_words=True,
        needs_description=False,
    ),
    "describe": Step(
        _describe,
        "catalog.describe_product",
        _("A description was asked for; a worker takes it up by itself."),
        needs_description=False,
    ),
    "publish": Step(
        _publish,
        "catalog.publish_product",
        _("Published: storefronts show the product."),
        needs_description=False,
    ),
    "unpublish": Step(
        _unpublish,
        "catalog.publish_product",
        _("Unpublished: storefronts show the product no longer."),
        needs_description=False,
    ),
}
