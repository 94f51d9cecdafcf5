"""The queue: which drafts a reviewer chose, and the page to begin from."""

from collections.abc import Mapping
from operator import itemgetter
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from catalog.admin.desk.pages import desk_page
from catalog.category_tree import CategoryTree
from catalog.choices import ReviewCheck, ReviewOrder
from catalog.models import Category, DescriptionJob, ModelVersion
from catalog.selectors.review_queue import (
    QueueCounts,
    ReviewQueue,
    drafts_ordered,
    queue_counts,
)

#: The latest jobs that can be chosen; older ones are reached from the job's own page.
JOBS = 30
#: Drafts shown before anybody begins.
SHOWN = 24


class QueueForm(forms.Form):
    """The filters. Confidences are in percent, as they are shown."""

    order = forms.ChoiceField(label=_("Order"), choices=ReviewOrder.choices, required=False)
    category = forms.IntegerField(label=_("Category"), required=False, min_value=1)
    job = forms.IntegerField(label=_("Job"), required=False, min_value=1)
    model_version = forms.IntegerField(label=_("Model version"), required=False, min_value=1)
    check = forms.ChoiceField(
        label=_("Faults"), choices=[("", _("All")), *ReviewCheck.choices], required=False
    )
    least = forms.IntegerField(
        label=_("Confidence from"), required=False, min_value=0, max_value=100
    )
    most = forms.IntegerField(label=_("to"), required=False, min_value=0, max_value=100)
    perceptual_hash = forms.RegexField(
        "^[0-9a-f]{16}$", required=False, widget=forms.HiddenInput, label=_("Perceptual hash")
    )

    def __init__(self, data: Mapping[str, Any]) -> None:
        # `look` is the name of the hash in older addresses, which may be open or bookmarked.
        super().__init__(
            {"perceptual_hash": data.get("look"), **{name: data[name] for name in data}}
        )

    def queue(self) -> ReviewQueue:
        """What was chosen, without the fields that make no sense."""
        self.is_valid()
        chosen = self.cleaned_data
        least, most = chosen.get("least"), chosen.get("most")
        return ReviewQueue(
            order=ReviewOrder(chosen.get("order") or ReviewOrder.DOUBT),
            category=chosen.get("category"),
            job=chosen.get("job"),
            model_version=chosen.get("model_version"),
            least=None if least is None else least / 100,
            most=None if most is None else most / 100,
            perceptual_hash=chosen.get("perceptual_hash") or "",
            check=ReviewCheck(chosen["check"]) if chosen.get("check") else None,
        )

    def offer(self, counts: QueueCounts) -> None:
        """Let the lists offer what has drafts, each with its number of drafts."""
        offered: tuple[tuple[str, type[Model], Mapping[int | None, int]], ...] = (
            ("category", Category, counts.categories),
            ("job", DescriptionJob, counts.jobs),
            ("model_version", ModelVersion, counts.model_versions),
        )
        for field, model, numbers in offered:
            keys = sorted((pk for pk in numbers if pk is not None), reverse=True)
            rows = model._default_manager.in_bulk(keys[:JOBS] if field == "job" else keys)
            names = {pk: str(row) for pk, row in rows.items()}
            if field == "category":
                tree = CategoryTree()
                names = dict(sorted(((pk, tree.label(pk)) for pk in rows), key=itemgetter(1)))
            choices: list[tuple[str, StrOrPromise]] = [("", _("All"))]
            choices += [(str(pk), f"{name} ({numbers[pk]})") for pk, name in names.items()]
            chosen = self.data.get(field)
            if chosen and chosen not in dict(choices):
                choices.append((chosen, f"{chosen} (0)"))
            self.fields[field].widget = forms.Select(choices=choices)
        faults = [(check.value, f"{check.label} ({counts.checks[check]})") for check in ReviewCheck]
        self.fields["check"].widget = forms.Select(choices=[("", _("All")), *faults])


def queue_of(data: Mapping[str, Any]) -> ReviewQueue:
    """The choice that the query of an address makes."""
    return QueueForm(data).queue()


def query_of(queue: ReviewQueue) -> str:
    """The query that makes the choice; what is so by default is left out."""
    percent = {
        name: None if value is None else round(value * 100)
        for name, value in (("least", queue.least), ("most", queue.most))
    }
    chosen = {
        "order": None if queue.order == ReviewOrder.DOUBT else queue.order.value,
        "category": queue.category,
        "job": queue.job,
        "model_version": queue.model_version,
        **percent,
        "perceptual_hash": queue.perceptual_hash or None,
        "check": queue.check and queue.check.value,
    }
    return urlencode({name: value for name, value in chosen.items() if value is not None})


def item_address(pk: int, queue: ReviewQueue) -> str:
    """Where a text is reviewed as one of a queue."""
    query = query_of(queue)
    return reverse("admin:review_item", args=[pk]) + (f"?{query}" if query else "")


def queue_view(request: HttpRequest) -> HttpResponse:
    """Counts, filters, and the first drafts in the chosen order."""
    form = QueueForm(request.GET)
    queue = form.queue()
    counts = queue_counts(queue)
    form.offer(counts)
    drafts = (
        drafts_ordered(queue)
        .select_related("product__category", "model_version", "image", "review_lease__reviewer")
        .prefetch_related("product__images")[:SHOWN]
    )
    return desk_page(
        request,
        "queue",
        {
            "form": form,
            "queue": queue,
            "query": query_of(queue),
            "counts": counts,
            "drafts": drafts,
        },
    )
