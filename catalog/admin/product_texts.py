"""The texts on a product's page: they are read, written and asked for here, judged at the desk."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django_stubs_ext import StrOrPromise

from catalog.admin.marks import pieces_of
from catalog.admin.pages import refusals_as_messages, site_page, user_of
from catalog.admin.product_history import PUBLISHED, UNPUBLISHED, products_log
from catalog.choices import OPEN_ITEM_STATES, DescriptionState
from catalog.claims import texts_of
from catalog.models import Description, DescriptionJob, Product
from catalog.models.description import ALT_TEXT_LENGTH, TEXT_LENGTH
from catalog.selectors.jobs import items_unrecognised
from catalog.selectors.review_history import drafts_to_bring_back
from catalog.services.description_texts import description_write
from catalog.services.jobs import description_job_create
from catalog.transitions.product import product_publish, product_unpublish

#: The language of a text that is written here, as `description_write` has it.
WRITTEN_IN = "en"
#: SKUs in one message.
MOST_NAMED = 20


class WriteForm(forms.Form):
    """A text to be written by hand."""

    standard = forms.CharField(
        label=_("Description"), max_length=TEXT_LENGTH, widget=forms.Textarea(attrs={"rows": 4})
    )
    alt_text = forms.CharField(
        label=_("Alt text"),
        max_length=ALT_TEXT_LENGTH,
        required=False,
        help_text=format_lazy(
            _("What the photo shows, for people who cannot see it: {most} characters at most."),
            most=ALT_TEXT_LENGTH,
        ),
    )
    detailed = forms.CharField(
        label=_("Detailed description"),
        max_length=TEXT_LENGTH,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


def product_texts(product: Product, user: User) -> dict[str, Any]:
    """What the page shows: all texts by language, the newest first, and what may be done."""
    texts = list(
        product.descriptions.select_related("model_version", "image", "created_by", "reviewed_by")
    )
    languages = [_in_language(texts, one) for one in sorted({text.language for text in texts})]
    drafts = (text for text in texts if text.state == DescriptionState.DRAFT)
    written = any(one["current"] for one in languages if one["language"] == WRITTEN_IN)
    may_write = user.has_perm("catalog.add_description") and not written
    return {
        "product": product,
        "image": next((draft.image for draft in drafts if draft.image), product.images.first()),
        "languages": languages,
        "is_described": any(one["current"] for one in languages),
        "waiting_job": DescriptionJob.objects.filter(
            items__product=product, items__state__in=OPEN_ITEM_STATES
        ).first(),
        "unrecognised": items_unrecognised(product).last(),
        "form": WriteForm() if may_write else None,
    }


def _in_language(texts: list[Description], language: str) -> dict[str, Any]:
    """The texts of one language: drafts and what storefronts show, then those out of use."""
    found = [_shown(text) for text in texts if text.language == language]
    drafts = [text for text in found if text.state == DescriptionState.DRAFT]
    approved = [text for text in found if text.state == DescriptionState.APPROVED]
    current = [*drafts, *approved]
    earlier = [text for text in found if text not in current]
    product_id = found[0].product_id
    back = drafts_to_bring_back(product_id=product_id, language=language).first()
    for text in earlier:
        text.may_bring_back = text == back
    return {"language": language, "current": current, "earlier": earlier}


def _shown(text: Description) -> Any:
    """A text with its words in pieces, each of which says where it comes from."""
    shown: Any = text
    shown.pieces = pieces_of(text, texts_of(text))
    return shown


def _describe(*, product: Product, actor: User) -> None:
    description_job_create(
        products=Product.objects.filter(pk=product.pk),
        actor=actor,
        # A person who asks once more means it.
        again=product.descriptions.exists() or items_unrecognised(product).exists(),
        priority=DescriptionJob.SINGLE_PRIORITY,
    )


#: The buttons of the page: the permission and the service of each, and what is said afterwards.
STEPS: dict[str, tuple[str, Callable[..., object], StrOrPromise]] = {
    "write": (
        "catalog.add_description",
        partial(description_write, language=WRITTEN_IN),
        _("The draft is saved. Approve it at the review desk to show it."),
    ),
    "describe": (
        "catalog.describe_product",
        _describe,
        _("A description was asked for. A worker writes it soon."),
    ),
    "publish": (
        "catalog.publish_product",
        product_publish,
        _("Published: storefronts show the product."),
    ),
    "unpublish": (
        "catalog.publish_product",
        product_unpublish,
        _("Unpublished: storefronts show the product no longer."),
    ),
}
#: What the steps that the product's log names are called there.
_LOGGED = {"publish": PUBLISHED, "unpublish": UNPUBLISHED}


def product_step(request: HttpRequest, product: Product) -> HttpResponse:
    """Do what the button says. Where a text is refused, a page shows the words and the reason."""
    name = request.POST.get("step", "")
    if name not in STEPS:
        raise Http404("No such step.")
    permission, service, done = STEPS[name]
    if not request.user.has_perm(permission):
        raise PermissionDenied
    form = WriteForm(request.POST) if name == "write" else None
    if form is None or form.is_valid():
        with refusals_as_messages(request):
            texts = form.cleaned_data if form else {}
            service(product=product, actor=user_of(request), **texts)
            messages.success(request, str(done))
            if name in _LOGGED:
                products_log(products=[product], actor=user_of(request), message=_LOGGED[name])
            if name == "publish":
                warn_without_text(request, [product])
            return redirect("admin:catalog_product_change", product.pk)
    if form is None:
        return redirect("admin:catalog_product_change", product.pk)
    context = {"title": product.title, "subtitle": product.sku, "opts": Product._meta}
    return site_page(request, "catalog/product/write", **context, product=product, form=form)


def warn_without_text(request: HttpRequest, published: Sequence[Product]) -> None:
    """Say how many of the products just published have no approved text, and which."""
    approved = Description.objects.filter(product__in=published, state=DescriptionState.APPROVED)
    with_text = set(approved.values_list("product", flat=True))
    skus = [product.sku for product in published if product.pk not in with_text]
    if not skus:
        return
    said = ngettext(
        "%(count)s published product has no approved text, so storefronts show it without one: "
        "%(skus)s",
        "%(count)s published products have no approved text, so storefronts show them without "
        "one: %(skus)s",
        len(skus),
    )
    named = ", ".join(skus[:MOST_NAMED]) + (" …" if len(skus) > MOST_NAMED else "")
    messages.warning(request, said % {"count": len(skus), "skus": named})
