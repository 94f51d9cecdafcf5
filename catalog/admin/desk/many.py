"""Many drafts at once: the grid to choose from, a sample of ten to check, and the two verdicts."""

from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import redirect
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
from catalog.admin.pages import refusals_as_messages, site_page, user_of
from catalog.choices import BulkReviewState, ReviewStep
from catalog.models import Description
from catalog.selectors.review_history import bulk_reviews_shown
from catalog.selectors.review_queue import drafts_ordered, queue_counts
from catalog.services.review import review_undo
from catalog.services.review_many import review_all, review_many

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
    return site_page(
        request,
        "review/many/grid",
        title=_("Many at once"),
        form=form,
        query=query_of(queue),
        total=counts.total,
        page=page,
        is_narrowed=queue.is_narrowed,
        **_bulk(request),
        idempotency_key=uuid4(),
    )


def sample_view(request: HttpRequest) -> HttpResponse:
    """Ten of the chosen drafts, which the reviewer looks at before all are judged."""
    with refusals_as_messages(request):
        selection = selection_made(request.POST, queue_of(request.GET), user_of(request))
        return sample_page(request, selection, step=_step(request))
    return _to_grid(request)


def judge_view(request: HttpRequest) -> HttpResponse:
    """Approve or reject all chosen drafts, once each draft of the sample is ticked as seen."""
    with refusals_as_messages(request):
        selection = selection_read(request.POST.get("selection", ""), user_of(request))
        seen = numbers_of(request.POST.getlist("seen"))
        if not seen >= set(selection.sample):
            messages.error(request, _("Look at each of these drafts first and tick it as seen."))
            return sample_page(request, selection, step=_step(request), seen=seen)
        _judge(request, selection, numbers_of(request.POST.getlist("leave_out")))
    return _to_grid(request)


def undo_view(request: HttpRequest) -> HttpResponse:
    """Undo this reviewer's last step, however many drafts it judged."""
    with refusals_as_messages(request):
        key = idempotency_key_of(request)
        undone_say(request, review_undo(actor=user_of(request), idempotency_key=key))
    return _to_grid(request)


def bulk_view(request: HttpRequest) -> HttpResponse:
    """The progress of this reviewer's steps over many drafts, which the page polls."""
    return site_page(request, "review/many/bulk", **_bulk(request))


def sample_page(
    request: HttpRequest, selection: Selection, *, step: str, seen: set[int] | None = None
) -> HttpResponse:
    """The sample with a box for each; `seen` are those ticked already."""
    drafts = Description.objects.select_related("product__category", "image").prefetch_related(
        "product__images"
    )
    found = drafts.in_bulk(selection.sample)
    return site_page(
        request,
        "review/many/sample",
        title=_("Look at a sample first"),
        step=step,
        query=request.GET.urlencode(),
        selection=selection.signed(user_of(request)),
        count=selection.count,
        more_than_sample=selection.count > SAMPLE,
        by_worker=bool(selection.query),
        drafts=[found[pk] for pk in selection.sample if pk in found],
        gone=[pk for pk in selection.sample if pk not in found],
        seen=seen or set(),
        reasons=REASONS,
        reason=request.POST.get("reason", ""),
        idempotency_key=uuid4(),
    )


def _judge(request: HttpRequest, selection: Selection, left_out: set[int]) -> None:
    """Judge the selection, or have a worker judge a large one. Raises `CatalogError`."""
    step, reason = _step(request), request.POST.get("reason", "")
    asked: dict[str, Any] = {
        "actor": user_of(request),
        "idempotency_key": idempotency_key_of(request),
        "as_of": selection.at,
    }
    if selection.query:
        review_all(
            **asked,
            queue=queue_of(QueryDict(selection.query)),
            step=ReviewStep(step),
            total=selection.count,
            left_out=left_out & set(selection.sample),
            reason=reason,
        )
        messages.success(request, _("A worker judges them now. Its progress is shown below."))
        return
    ids = [pk for pk in selection.ids if pk not in left_out]
    if step == "approve":
        done = review_many(**asked, ids=ids, step=ReviewStep.APPROVE)
        said = ngettext("%(count)s draft approved.", "%(count)s drafts approved.", done.judged)
    else:
        done = review_many(**asked, ids=ids, step=ReviewStep.REJECT, reason=reason)
        said = ngettext("%(count)s draft rejected.", "%(count)s drafts rejected.", done.judged)
    messages.success(request, said % {"count": done.judged})
    if done.contradicting:
        messages.warning(
            request,
            _("Left out, because their texts contradict one another: %(skus)s.")
            % {"skus": ", ".join(done.contradicting)},
        )
    if done.left > len(done.contradicting):
        left = ngettext(
            "%(count)s draft was skipped: it has changed, or somebody else is reviewing it.",
            "%(count)s drafts were skipped: they have changed, or somebody else is reviewing them.",
            done.left - len(done.contradicting),
        )
        messages.warning(request, left % {"count": done.left - len(done.contradicting)})


def _bulk(request: HttpRequest) -> dict[str, Any]:
    reviews = bulk_reviews_shown(user_of(request))
    running = any(review.state == BulkReviewState.RUNNING for review in reviews)
    return {"bulk_reviews": reviews, "bulk_is_running": running}


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
