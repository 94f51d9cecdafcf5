"""The history of one text: fetched when somebody opens it, or a page of its own."""

from dataclasses import dataclass
from uuid import uuid4

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404

from catalog.admin.desk.choice import query_of, queue_of
from catalog.admin.desk.pages import CHANGE, desk_page
from catalog.authorship import Author, authorship_of
from catalog.models import Description
from catalog.selectors.review_history import description_history


@dataclass(frozen=True)
class Part:
    """A stretch of the text and who wrote it."""

    text: str
    author: Author


def history_view(request: HttpRequest, pk: int) -> HttpResponse:
    """Who wrote which words, and what happened to them, the newest first."""
    description = get_object_or_404(Description.objects.select_related("product"), pk=pk)
    spans = authorship_of(description, "standard")
    context = {
        "title": description.product.title,
        "description": description,
        "authorship": [
            Part(description.standard[start:end], author) for start, end, author in spans
        ],
        "history": description_history(description),
        "query": query_of(queue_of(request.GET)),
        "idempotency_key": uuid4(),
        "may_change": request.user.has_perm(CHANGE),
    }
    return desk_page(request, "history" if request.htmx else "history_page", context)
