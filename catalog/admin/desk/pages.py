"""What the desk's pages share: who may open them, and a part for htmx or the page around it."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode
from uuid import UUID, uuid4

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django_htmx.middleware import HtmxDetails

from catalog.admin.pages import carries, is_htmx, site_page
from catalog.transitions.review_undo import Undone

VIEW = "catalog.view_description"
CHANGE = "catalog.change_description"
REVIEW_MANY = "catalog.review_many_descriptions"
REASONS = [
    gettext_lazy("Wrong kind of product"),
    gettext_lazy("Wrong colour"),
    gettext_lazy("Says what the photo does not show"),
    gettext_lazy("Reads badly"),
]

View = Callable[..., HttpResponse]


def desk_view(view: View, *, permission: str = VIEW) -> View:
    """Guard a view by a permission. A session that has ended leads to the log-in page.

    htmx would show the log-in page inside the desk; the header makes the browser go there, and
    come back to where it was.
    """

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.user.has_perm(permission):
            raise PermissionDenied
        return view(request, *args, **kwargs)

    guarded_by_site = admin.site.admin_view(guarded)

    @wraps(view)
    def asked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if is_htmx(request) and not admin.site.has_permission(request):
            htmx: HtmxDetails = request.htmx  # type: ignore[attr-defined]  # set by its middleware
            back = htmx.current_url_abs_path or reverse("admin:review")
            log_in = f"{reverse('admin:login')}?{urlencode({'next': back})}"
            return HttpResponse(status=204, headers={"HX-Redirect": log_in})
        return guarded_by_site(request, *args, **kwargs)

    return carries(asked, permission)


def idempotency_key_of(request: HttpRequest, name: str = "idempotency_key") -> UUID:
    """The key of the button on its page; a new one for a form without it."""
    try:
        return UUID(request.POST.get(name, ""))
    except ValueError:
        return uuid4()


def undone_say(request: HttpRequest, undone: Undone) -> None:
    """Tell a reviewer what an undo did."""
    if undone.bulk is not None:
        messages.success(request, _("A worker takes it back now, text by text."))
        return
    count = len(undone.descriptions)
    messages.success(
        request, ngettext("Undone.", "Undone for %(count)s texts.", count) % {"count": count}
    )
    for event in undone.changed_since:
        messages.warning(
            request,
            _("%(sku)s was changed since and stays as it is.")
            % {"sku": event.description.product.sku},
        )


def desk_page(
    request: HttpRequest,
    part: str,
    context: dict[str, Any],
    *,
    address: str = "",
    status: int = 200,
) -> HttpResponse:
    """The part alone for htmx, with `address` in the address bar; else the page around it."""
    context = {"title": _("Review"), "part": f"admin/review/parts/{part}.html", **context}
    if is_htmx(request):
        headers = {"HX-Push-Url": address} if address else None
        return TemplateResponse(request, context["part"], context, headers=headers)
    # The desk has the whole width; the way back is in the line above it.
    response = site_page(request, "review/desk", **context, is_nav_sidebar_enabled=False)
    response.status_code = status
    return response
