"""The grid's page, the change of one cell, undo, and saved views."""

from dataclasses import replace
from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from catalog.admin.desk.pages import idempotency_key_of
from catalog.admin.grid.query import Grid, grid_of
from catalog.admin.pages import refusals_as_messages, site_page, user_of
from catalog.choices import GridStepKind
from catalog.grid_columns import Column
from catalog.models import Product, SavedView
from catalog.selectors.grid import (
    MOST_COUNTED,
    grid_count,
    grid_page,
    last_editor,
    saved_views_of,
)
from catalog.services.grid import CellEdit, CellOutcome, Outcome, cells_change, grid_undo
from catalog.services.saved_views import saved_view_delete, saved_view_save

#: Rows of one page.
ROWS = 100
#: Products that a message names.
NAMED = 5


def grid_view(request: HttpRequest) -> HttpResponse:
    """The rows of one page, with the filters, the columns to choose from, and the views."""
    user = user_of(request)
    grid = grid_of(request.GET, user)
    if grid.gone:
        said = _("These columns are no more and were left out: %(columns)s.")
        messages.warning(request, said % {"columns": ", ".join(grid.gone)})
    page, total = grid_page(grid.query, rows=ROWS), grid_count(grid.query)
    return site_page(
        request,
        "grid/grid",
        title=_("Grid"),
        grid=grid,
        rows=[(product, _cells(grid.columns, product)) for product in page.products],
        total=min(total, MOST_COUNTED),
        more=total > MOST_COUNTED,
        next_query=grid.address(after=page.next_after) if page.next_after else "",
        previous_query=(grid.address(before=page.previous_before) if page.previous_before else ""),
        query=grid.address(),
        here=grid.address(after=grid.query.after, before=grid.query.before),
        views=saved_views_of(user),
        turned_query=replace(
            grid, query=replace(grid.query, is_falling=not grid.query.is_falling)
        ).address(),
        idempotency_key=uuid4(),
        is_nav_sidebar_enabled=False,
    )


def _cells(columns: list[Column], product: Product) -> list[dict[str, Any]]:
    cells = []
    for column in columns:
        value = column.value(product)
        cells.append({"column": column, "text": column.text(value), "shown": column.shown(value)})
    return cells


def cell_view(request: HttpRequest) -> HttpResponse:
    """Change one cell: 200 with what it holds now, 409 with both values, 422 with the reason."""
    grid = grid_of(request.GET, user_of(request))
    product = get_object_or_404(Product, pk=_number(request.POST.get("product", "")))
    column = grid.column(request.POST.get("column", ""))
    if column is None:
        refused = _("This column is no longer shown: load the page again.")
        return JsonResponse({"error": refused}, status=422)
    edit = CellEdit(
        product.pk, column, request.POST.get("text", ""), seen=request.POST.get("seen", "")
    )
    outcome = cells_change(
        edits=[edit],
        kind=GridStepKind.EDIT,
        actor=user_of(request),
        idempotency_key=idempotency_key_of(request),
    )
    for refusal in outcome.refused:
        return JsonResponse({"error": refusal.reason}, status=422)
    for conflict in outcome.conflicts:
        return JsonResponse(_both(conflict), status=409)
    product.refresh_from_db()
    value = column.value(product)
    return JsonResponse({"text": column.text(value), "shown": column.shown(value)})


def _both(conflict: CellOutcome) -> dict[str, str]:
    """What the second of two people is told: the words of both."""
    column = conflict.column
    return {
        "theirs": conflict.before,
        "theirs_shown": column.shown(column.value(conflict.product)),
        "mine": conflict.after,
        "who": last_editor(conflict.product.pk, column.key) or _("somebody"),
    }


def undo_view(request: HttpRequest) -> HttpResponse:
    """Take back this person's last step."""
    with refusals_as_messages(request):
        key = idempotency_key_of(request)
        outcome = grid_undo(actor=user_of(request), idempotency_key=key)
        count = outcome.step.count if outcome.step is not None else 0
        said = ngettext(
            "Undone: %(count)s cell is as it was before.",
            "Undone: %(count)s cells are as they were before.",
            count,
        )
        messages.success(request, said % {"count": count})
        left_say(request, outcome)
    return to_grid(request)


def view_save_view(request: HttpRequest) -> HttpResponse:
    """Keep filters, columns and order under a name."""
    grid = grid_of(request.GET, user_of(request))
    with refusals_as_messages(request):
        view = saved_view_save(
            owner=user_of(request),
            name=request.POST.get("name", ""),
            filters=grid.query.filters,
            columns=grid.keys,
            is_shared="is_shared" in request.POST,
        )
        messages.success(request, _("The view “%(view)s” is saved.") % {"view": view.name})
        return redirect(f"{reverse('admin:grid')}?view={view.pk}")
    return to_grid(request)


def view_delete_view(request: HttpRequest, view_id: int) -> HttpResponse:
    """Delete one's own view."""
    view = get_object_or_404(SavedView, pk=view_id)
    with refusals_as_messages(request):
        saved_view_delete(view=view, actor=user_of(request))
        messages.success(request, _("The view “%(view)s” is deleted.") % {"view": view.name})
    return redirect("admin:grid")


def left_say(request: HttpRequest, outcome: Outcome) -> None:
    """Name what a step left alone, because somebody changed it meanwhile."""
    skus = list(dict.fromkeys(cell.product.sku for cell in outcome.conflicts))
    if not skus:
        return
    said = ngettext(
        "%(count)s product was changed meanwhile and stays as it is: %(skus)s",
        "%(count)s products were changed meanwhile and stay as they are: %(skus)s",
        len(skus),
    )
    more = " …" if len(skus) > NAMED else ""
    messages.warning(request, said % {"count": len(skus), "skus": ", ".join(skus[:NAMED]) + more})


def to_grid(request: HttpRequest) -> HttpResponse:
    """Back to the page that asked."""
    grid: Grid = grid_of(request.GET, user_of(request))
    place = grid.address(after=grid.query.after, before=grid.query.before)
    return redirect(f"{reverse('admin:grid')}?{place}")


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0
