"""The address that the buttons of a product's page post to, and where each answer goes."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse

from catalog.admin.review_panel import DescriptionForm, review_panel
from catalog.admin.review_steps import STEPS, Request
from catalog.exceptions import CatalogError
from catalog.models import Description, Product


def review_page(
    request: HttpRequest, product: Product, *, site: admin.AdminSite, **panel: Any
) -> HttpResponse:
    """The panel on a page of its own, with words that were refused."""
    context = {
        **site.each_context(request),
        "title": product.title,
        "subtitle": product.sku,
        "opts": Description._meta,
        "panel": review_panel(product=product, user=request.user, **panel),
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
    back = redirect("admin:catalog_product_change", product.pk)
    if not step.needs_words or form.is_valid():
        reason = request.POST.get("reason", "")
        try:
            step.run(Request(request.user, product, description, form, reason))
        except CatalogError as error:
            messages.error(request, str(error))
        else:
            messages.success(request, step.done)
            return back
    if not step.needs_words:
        return back
    form = _with_current_mark(form, description)
    return review_page(request, product, site=site, focus=description, form=form)


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
