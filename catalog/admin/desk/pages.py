"""What all views of the desk share: who may, a fragment for htmx, a page for everybody else."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from catalog.transitions.review_undo import Undone

VIEW = "catalog.view_description"
CHANGE = "catalog.change_description"

View = Callable[..., HttpResponse]


def desk_view(view: View, *, permission: str = VIEW) -> View:
    """Only for those with the permission. One whose session ended is led to the log-in.

    htmx would put the log-in page into the desk; the header has the browser go there, and come
    back to where it was.
    """

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.user.has_perm(permission):
            raise PermissionDenied
        return view(request, *args, **kwargs)

    guarded_by_site = admin.site.admin_view(guarded)

    @wraps(view)
    def asked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.htmx and not admin.site.has_permission(request):
            back = request.htmx.current_url_abs_path or reverse("admin:review")
            log_in = f"{reverse('admin:login')}?{urlencode({'next': back})}"
            return HttpResponse(status=204, headers={"HX-Redirect": log_in})
        return guarded_by_site(request, *args, **kwargs)

    return asked


def undone_say(request: HttpRequest, undone: Undone) -> None:
    """Tell a reviewer what became of an undo."""
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
    """The part alone for htmx, which then shows `address`; or the page around it, with `status`."""
    context = {"title": _("Review"), "part": f"admin/review/parts/{part}.html", **context}
    if request.htmx:
        response = TemplateResponse(request, context["part"], context)
        if address:
            response["HX-Push-Url"] = address
        return response
    # The desk has the whole width; the way back is in the line above it.
    context = {**admin.site.each_context(request), **context, "is_nav_sidebar_enabled": False}
    return TemplateResponse(request, "admin/review/desk.html", context, status=status)
