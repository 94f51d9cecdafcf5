"""Many drafts at once: the grid to choose from, a sample of ten to check, and the two verdicts."""

from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

from django.contrib import admin, messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from catalog.admin.desk.pages import REASONS, idempotency_key_of, undone_say
from catalog.admin.desk.queue_page import QueueForm, query_of, queue_of
from catalog.admin.desk.selection import (
    SAMPLE,
    Selection,
    numbers_of,
    selection_made,
    selection_read,
)
from catalog.admin.pages import user_of
from catalog.choices import BulkReviewState, ReviewStep
from catalog.exceptions import CatalogError
from catalog.models import Description
from catalog.selectors.review_history import bulk_reviews_shown
from catalog.selectors.review_queue import drafts_ordered, queue_counts
from catalog.services.review import review_undo
from catalog.services.review_many import (
    ManyReviewed,
    review_all,
    review_approve_many,
    review_reject_many,
)

CARDS = 48
STEPS = ("approve", "reject")


def many_view(request: HttpRequest) -> HttpResponse:
    """The grid: a page of the queue, each draft with its photo and text, to be ticked."""
    form = QueueForm(request.GET)
    queue = form.queue()
    counts = queue_counts(queue)
    form.offer(counts)
    drafts = drafts_ordered(queue).select_related("product", "image")
    pages = Paginator(drafts.prefetch_related("product__images"), CARDS)
    pages.count = counts.total  # it would count once more
    page = pages.get_page(request.GET.get("page"))
    return _page(
        request,
        "grid",
        {
            "title": _("Many at once"),
            "form": form,
            "query": query_of(queue),
            "total": counts.total,
            "page": page,
            "is_narrowed": queue.is_narrowed,
            **_bulk(request),
            "idempotency_key": uuid4(),
        },
    )


def sample_view(request: HttpRequest) -> HttpResponse:
    """Ten of the chosen drafts, which the reviewer looks at before all are judged."""
    queue = queue_of(request.GET)
    try:
        selection = selection_made(request.POST, queue, user_of(request))
    except CatalogError as error:
        messages.error(request, str(error))
        return _to_grid(request)
    return sample_page(request, selection, step=_step(request))


def judge_view(request: HttpRequest) -> HttpResponse:
    """Approve or reject all chosen drafts, once each draft of the sample is ticked as seen."""
    try:
        selection = selection_read(request.POST.get("selection", ""), user_of(request))
        seen = numbers_of(request.POST.getlist("seen"))
        if not seen >= set(selection.sample):
            messages.error(request, _("Look at each of these drafts first and tick it as seen."))
            return sample_page(request, selection, step=_step(request), seen=seen)
        left_out = numbers_of(request.POST.getlist("leave_out"))
        if selection.query:
            _judge_all(request, selection, left_out)
        else:
            ids = [pk for pk in selection.ids if pk not in left_out]
            _say(request, _judge(request, ids, selection))
    except CatalogError as error:
        messages.error(request, str(error))
    return _to_grid(request)


def undo_view(request: HttpRequest) -> HttpResponse:
    """Undo this reviewer's last step, however many drafts it judged."""
    try:
        undone = review_undo(actor=user_of(request), idempotency_key=idempotency_key_of(request))
    except CatalogError as error:
        messages.error(request, str(error))
    else:
        undone_say(request, undone)
    return _to_grid(request)


def bulk_view(request: HttpRequest) -> HttpResponse:
    """The progress of this reviewer's steps over many drafts, which the page polls."""
    return _page(request, "bulk", _bulk(request))


def sample_page(
    request: HttpRequest, selection: Selection, *, step: str, seen: set[int] | None = None
) -> HttpResponse:
    """The sample with a box for each; `seen` are those ticked already."""
    drafts = Description.objects.select_related("product__category", "image").prefetch_related(
        "product__images"
    )
    found = drafts.in_bulk(selection.sample)
    return _page(
        request,
        "sample",
        {
            "title": _("Look at a sample first"),
            "step": step,
            "query": request.GET.urlencode(),
            "selection": selection.signed(user_of(request)),
            "count": selection.count,
            "more_than_sample": selection.count > SAMPLE,
            "by_worker": bool(selection.query),
            "drafts": [found[pk] for pk in selection.sample if pk in found],
            "gone": [pk for pk in selection.sample if pk not in found],
            "seen": seen or set(),
            "reasons": REASONS,
            "reason": request.POST.get("reason", ""),
            "idempotency_key": uuid4(),
        },
    )


def _judge(request: HttpRequest, ids: list[int], selection: Selection) -> ManyReviewed:
    asked: dict[str, Any] = {
        "ids": ids,
        "actor": user_of(request),
        "idempotency_key": idempotency_key_of(request),
        "as_of": selection.at,
    }
    if _step(request) == "approve":
        return review_approve_many(**asked)
    return review_reject_many(**asked, reason=request.POST.get("reason", ""))


def _judge_all(request: HttpRequest, selection: Selection, left_out: set[int]) -> None:
    review_all(
        queue=queue_of(QueryDict(selection.query)),
        step=ReviewStep(_step(request)),
        actor=user_of(request),
        idempotency_key=idempotency_key_of(request),
        as_of=selection.at,
        total=selection.count,
        left_out=left_out & set(selection.sample),
        reason=request.POST.get("reason", ""),
    )
    messages.success(request, _("A worker judges them now. Its progress is shown below."))


def _bulk(request: HttpRequest) -> dict[str, Any]:
    reviews = bulk_reviews_shown(user_of(request))
    running = any(review.state == BulkReviewState.RUNNING for review in reviews)
    return {"bulk_reviews": reviews, "bulk_is_running": running}


def _say(request: HttpRequest, done: ManyReviewed) -> None:
    approved = _step(request) == "approve"
    said = (
        ngettext("%(count)s draft approved.", "%(count)s drafts approved.", done.judged)
        if approved
        else ngettext("%(count)s draft rejected.", "%(count)s drafts rejected.", done.judged)
    )
    messages.success(request, said % {"count": done.judged})
    if done.left:
        left = ngettext(
            "%(count)s draft was skipped: it has changed, or somebody else is reviewing it.",
            "%(count)s drafts were skipped: they have changed, or somebody else is reviewing them.",
            done.left,
        )
        messages.warning(request, left % {"count": done.left})


def _page(request: HttpRequest, name: str, context: dict[str, Any]) -> HttpResponse:
    everywhere = admin.site.each_context(request)
    return TemplateResponse(request, f"admin/review/many/{name}.html", {**everywhere, **context})


def _step(request: HttpRequest) -> str:
    step = request.POST.get("step", "")
    if step not in STEPS:
        raise Http404("No such step.")
    return step


def _to_grid(request: HttpRequest) -> HttpResponseRedirect:
    """Redirect to the same queue and page."""
    query = query_of(queue_of(request.GET))
    if page := request.GET.get("page"):
        query = "&".join(filter(None, (query, urlencode({"page": page}))))
    return redirect(reverse("admin:review_many") + (f"?{query}" if query else ""))
