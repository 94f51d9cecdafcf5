"""The review figures: a page with a chart and tables, and the same as CSV."""

import csv
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django import forms
from django.contrib.auth import get_user_model
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from catalog.admin.charts import chart_of
from catalog.admin.desk.pages import desk_view
from catalog.admin.labels import VersionChoiceField
from catalog.admin.pages import site_page
from catalog.models import ModelVersion
from catalog.selectors.figures import (
    Figures,
    FiguresChoice,
    FiguresRow,
    figures_by,
    figures_rows,
    rejection_reasons,
)
from catalog.tables.delimited import formula_escape

PERMISSION = "catalog.view_review_figures"
USUAL_DAYS = 30
MOST_DAYS = 366
COLUMNS = [
    "day", "person", "model_version", "reviewed", "approved", "approved_unchanged", "rejected",
    "median_edit_distance", "median_seconds",
]  # fmt: skip


class FiguresForm(forms.Form):
    """Which reviews count. An invalid field shows an error, and its default counts instead."""

    since = forms.DateField(
        label=_("From"), required=False, widget=forms.DateInput({"type": "date"}, "%Y-%m-%d")
    )
    until = forms.DateField(
        label=_("Until"), required=False, widget=forms.DateInput({"type": "date"}, "%Y-%m-%d")
    )
    reviewer = forms.ModelChoiceField(
        get_user_model().objects.filter(is_staff=True).order_by("username"),
        label=_("Person"),
        required=False,
        empty_label=_("Everybody"),
    )
    model_version = VersionChoiceField(
        ModelVersion.objects.all(),
        label=_("Model version"),
        required=False,
        empty_label=_("All versions"),
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        since, until = cleaned.get("since"), cleaned.get("until")
        if since and until and since > until:
            self.add_error("until", _("The last day is before the first day."))
        elif since and until and (until - since).days >= MOST_DAYS:
            self.add_error("until", _("Choose at most one year."))
        return cleaned

    def choice(self) -> FiguresChoice:
        """The reviews to count; the last thirty days by default."""
        cleaned = self.cleaned_data
        until = cleaned.get("until") or timezone.localdate()
        since = cleaned.get("since") or until - timedelta(days=USUAL_DAYS - 1)
        reviewer, version = cleaned.get("reviewer"), cleaned.get("model_version")
        return FiguresChoice(
            since=max(min(since, until), until - timedelta(days=MOST_DAYS - 1)),
            until=until,
            reviewer=reviewer and reviewer.pk,
            model_version=version and version.pk,
        )


def figures_page(request: HttpRequest) -> HttpResponse:
    """A chart by day, tables by person and version, and why texts were rejected."""
    form = _form(request)
    choice = form.choice()
    period = {"since": choice.since, "until": choice.until}
    rows = figures_rows(choice)
    by_day = figures_by(rows, lambda row: row.day)
    total = Figures()
    for figures in by_day.values():
        total.add(figures)
    context = {
        "title": _("Review figures"),
        "form": form if form.errors else FiguresForm(initial={**form.cleaned_data, **period}),
        "choice": choice,
        "query": request.GET.urlencode(),
        "total": total,
        "chart": chart_of(by_day, **period),
        "tables": [
            (_("By person"), _("Person"), figures_by(rows, lambda row: row.person)),
            (_("By model version"), _("Model version"), figures_by(rows, lambda row: row.version)),
            (_("By day"), _("Day"), dict(reversed(by_day.items()))),
        ],
        "reasons": rejection_reasons(choice),
    }
    return site_page(request, "catalog/figures", **context)


def figures_csv(request: HttpRequest) -> HttpResponse:
    """A line for each day, person and version; column names stay English, for programs."""
    choice = _form(request).choice()
    name = f"moda-reviewing-{choice.since}-{choice.until}.csv"
    response = HttpResponse(
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
    csv.writer(response).writerows(_lines(figures_rows(choice)))
    return response


def _form(request: HttpRequest) -> FiguresForm:
    form = FiguresForm(request.GET)
    form.is_valid()
    return form


def _lines(rows: list[FiguresRow]) -> Iterator[list[Any]]:
    yield COLUMNS
    for row in rows:
        figures = row.figures
        yield [
            row.day.isoformat(),
            formula_escape(row.person),
            formula_escape(row.version),
            figures.reviewed,
            figures.approved,
            figures.unchanged,
            figures.rejected,
            figures.median_distance,
            figures.median_seconds,
        ]


urlpatterns = [
    path("review/figures/", desk_view(figures_page, permission=PERMISSION), name="review_figures"),
    path(
        "review/figures.csv",
        desk_view(figures_csv, permission=PERMISSION),
        name="review_figures_csv",
    ),
]
