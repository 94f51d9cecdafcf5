"""The first page of the desk: what awaits review, the filters, and the way to begin."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from catalog.admin.desk.choice import QueueForm, query_of
from catalog.admin.desk.item_page import item_address, next_item
from catalog.admin.desk.pages import CHANGE, desk_page
from catalog.selectors.queue_counts import queue_counts
from catalog.selectors.review_queue import drafts_ordered

#: Drafts shown before anybody begins.
SHOWN = 24


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
            "may_change": request.user.has_perm(CHANGE),
        },
    )


def next_view(request: HttpRequest) -> HttpResponse:
    """Go to the first draft of the queue that nobody else has."""
    queue = QueueForm(request.GET).queue()
    draft = next_item(request, queue)
    if draft is None:
        return redirect(f"{reverse('admin:review')}?{query_of(queue)}")
    return redirect(item_address(draft.pk, queue))
