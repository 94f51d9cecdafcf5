"""Many cells of the grid at once: a preview of what would change, then the step."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from catalog.admin.desk.pages import idempotency_key_of
from catalog.admin.grid.page import left_say, to_grid
from catalog.admin.grid.query import Grid, grid_of
from catalog.admin.pages import refusals_as_messages, site_page, user_of
from catalog.choices import GridStepKind
from catalog.exceptions import GridRefused
from catalog.grid_columns import Column
from catalog.services.grid import CellEdit, Outcome, cells_change, cells_preview
from catalog.services.grid_plan import Pasted, paste_plan, replace_plan, set_plan

#: Cells that the preview shows, of each kind.
SHOWN = 20
#: What the form of a step sends, and the preview sends on.
PARTS = ("kind", "column", "find", "replacement", "any_case", "text", "sku")


def preview_view(request: HttpRequest) -> HttpResponse:
    """What would change, before anything does."""
    grid = grid_of(request.GET, user_of(request))
    as_of = timezone.now()
    with refusals_as_messages(request):
        plan = _plan(grid, request)
        outcome = cells_preview(edits=plan.edits)
        return site_page(
            request,
            "grid/preview",
            title=_("Preview"),
            query=grid.address(after=grid.query.after, before=grid.query.before),
            outcome=outcome,
            examples=_examples(outcome.changed),
            refused=_examples(outcome.refused),
            plan=plan,
            parts=[(name, request.POST[name]) for name in PARTS if name in request.POST],
            as_of=as_of.isoformat(),
            idempotency_key=uuid4(),
            is_nav_sidebar_enabled=False,
        )
    return to_grid(request)


def apply_view(request: HttpRequest) -> HttpResponse:
    """Do what the preview showed; products that somebody changed since are left alone."""
    grid = grid_of(request.GET, user_of(request))
    with refusals_as_messages(request):
        outcome = cells_change(
            edits=_plan(grid, request).edits,
            kind=_kind(request),
            actor=user_of(request),
            idempotency_key=idempotency_key_of(request),
            as_of=_as_of(request),
        )
        _say(request, outcome)
    return to_grid(request)


def _plan(grid: Grid, request: HttpRequest) -> Pasted:
    """The cells of the step that the form names."""
    sent = request.POST
    column = _column(grid, sent.get("column", ""))
    kind = _kind(request)
    if kind == GridStepKind.PASTE:
        return paste_plan(
            query=grid.query,
            sku=sent.get("sku", ""),
            columns=grid.columns,
            first=column,
            text=sent.get("text", ""),
        )
    edits: Sequence[CellEdit]
    if kind == GridStepKind.SET:
        edits = set_plan(query=grid.query, column=column, text=sent.get("text", ""))
    else:
        edits = replace_plan(
            query=grid.query,
            column=column,
            find=sent.get("find", ""),
            replacement=sent.get("replacement", ""),
            any_case="any_case" in sent,
        )
    return Pasted(list(edits))


def _column(grid: Grid, key: str) -> Column:
    column = grid.column(key)
    if column is None:
        raise GridRefused(_("Choose one of the columns that the grid shows."))
    return column


def _kind(request: HttpRequest) -> GridStepKind:
    kind = request.POST.get("kind", "")
    if kind not in (GridStepKind.PASTE, GridStepKind.SET, GridStepKind.REPLACE):
        raise GridRefused(_("Choose one of the steps on the page."))
    return GridStepKind(kind)


def _as_of(request: HttpRequest) -> datetime:
    """When the preview was made. Raises `GridRefused`: without it nobody has seen one."""
    try:
        as_of = parse_datetime(request.POST.get("as_of", ""))
    except ValueError:
        as_of = None
    if as_of is None or timezone.is_naive(as_of):
        raise GridRefused(_("Look at the preview first: it shows what would change."))
    return as_of


def _examples(cells: Sequence[Any]) -> list[dict[str, Any]]:
    """The first cells, with their texts as the grid shows them."""
    return [
        {
            "sku": cell.product.sku,
            "title": cell.product.title,
            "column": cell.column.label,
            "before": cell.before,
            "after": cell.after,
            "reason": cell.reason,
        }
        for cell in cells[:SHOWN]
    ]


def _say(request: HttpRequest, outcome: Outcome) -> None:
    count = outcome.step.count if outcome.step is not None else 0
    if count:
        said = ngettext("%(count)s cell changed.", "%(count)s cells changed.", count)
        messages.success(request, said % {"count": f"{count:,}"})
    else:
        messages.warning(request, _("Nothing changed."))
    left_say(request, outcome)
