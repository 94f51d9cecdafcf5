"""The address that the review panel's buttons post to, and where each answer goes."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse

from catalog.admin.review_panel import DescriptionForm, review_panel
from catalog.admin.review_steps import STEPS, Request
from catalog.exceptions import CatalogError
from catalog.models import Description, Product
from catalog.selectors.descriptions import descriptions_awaiting_review

ENDING_STEPS = {"approve", "reject"}


def review_page(
    request: HttpRequest, product: Product, *, site: admin.AdminSite, **panel: Any
) -> HttpResponse:
    """The panel on a page of its own: from the list of drafts, or with words that were refused."""
    context = {
        **site.each_context(request),
        "title": product.title,
        "subtitle": product.sku,
        "opts": Description._meta,
        "panel": review_panel(product=product, user=request.user, **panel),
        "left": descriptions_awaiting_review().count(),
    }
    return TemplateResponse(request, "admin/catalog/description/review.html", context)


def review_post(request: HttpRequest, product: Product, *, site: admin.AdminSite) -> HttpResponse:
    """Do what the pressed button says. Refusals keep the typed words on the page."""
    step = STEPS.get(request.POST.get("step", ""))
    if step is None:
        raise Http404("No such step.")
    if not request.user.has_perm(step.permission):
        raise PermissionDenied
    description = _description(request, product) if step.needs_description else None
    form = DescriptionForm(request.POST)
    return_to = request.POST.get("return_to", "product")
    if not step.needs_words or form.is_valid():
        reason = request.POST.get("reason", "")
        try:
            step.run(Request(request.user, product, description, form, reason))
        except CatalogError as error:
            messages.error(request, str(error))
        else:
            messages.success(request, step.done)
            ended = request.POST["step"] in ENDING_STEPS
            return redirect(_next_address(product, return_to=return_to, ended=ended))
    if not step.needs_words:
        return redirect(_next_address(product, return_to=return_to, ended=False))
    form = _with_current_mark(form, description)
    return review_page(
        request, product, site=site, focus=description, form=form, return_to=return_to
    )


def _description(request: HttpRequest, product: Product) -> Description:
    key = request.POST.get("description", "")
    if not (key.isascii() and key.isdigit() and len(key) < 19):
        raise Http404("No such description.")
    return get_object_or_404(Description, pk=key, product=product)


def _with_current_mark(form: DescriptionForm, description: Description | None) -> DescriptionForm:
    """The same form, which may be saved again: the page that shows it shows the newest text too."""
    if description is not None:
        description.refresh_from_db()
        form.data = form.data.copy()
        form.data["seen"] = description.updated_at.isoformat()
    return form


def _next_address(product: Product, *, return_to: str, ended: bool) -> str:
    """Back to the product; or, for a review begun from the list, on to the next draft."""
    if return_to != "queue":
        return reverse("admin:catalog_product_change", args=[product.pk])
    drafts = descriptions_awaiting_review()
    following = drafts.first() if ended else drafts.filter(product=product).first()
    if following is None:
        return reverse("admin:catalog_description_changelist")
    return reverse("admin:catalog_description_change", args=[following.pk])
