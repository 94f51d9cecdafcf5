"""What the buttons of one text do, and where each leads."""

from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from catalog.admin.desk.choice import queue_of
from catalog.admin.desk.item_page import (
    Words,
    approved_beside,
    comparisons_of,
    item_address,
    item_response,
    next_response,
)
from catalog.admin.desk.pages import desk_page, undone_say
from catalog.exceptions import CatalogError, ChangedMeanwhile
from catalog.models import Description, DescriptionEvent
from catalog.selectors.review_queue import ReviewQueue, drafts_with_similar_photos
from catalog.services import review as services
from catalog.transitions.review import review_lease_end, review_lease_renew


def step_view(request: HttpRequest, pk: int) -> HttpResponse:
    """A button was pressed: do it, and show what comes next; or the same text, and why not."""
    queue = queue_of(request.GET)
    step = STEPS.get(request.POST.get("step", ""))
    if step is None:
        raise Http404("No such step.")
    description = Description.objects.select_related("product", "image").filter(pk=pk).first()
    words = Words.posted(request.POST) if "standard" in request.POST else None
    if description is None:
        return item_response(request, pk, queue, words=words)
    try:
        return step(request, description, queue)
    except ChangedMeanwhile as error:
        messages.warning(request, str(error))
        return item_response(request, pk, queue, words=words, conflict=words is not None)
    except CatalogError as error:
        messages.error(request, str(error))
        return item_response(request, pk, queue, words=words)


def go_view(request: HttpRequest, pk: int) -> HttpResponse:
    """On to the next text of the queue, or back to the one before; nothing changes."""
    description = Description.objects.select_related("product", "image").filter(pk=pk).first()
    backwards = request.POST.get("step") == "previous"
    return next_response(request, queue_of(request.GET), description, backwards=backwards)


def undo_view(request: HttpRequest) -> HttpResponse:
    """Take back this reviewer's last step, and show the text that it was about."""
    queue = queue_of(request.GET)
    try:
        undone = services.review_undo(
            actor=request.user, idempotency_key=_idempotency_key(request, "undo_idempotency_key")
        )
    except CatalogError as error:
        messages.error(request, str(error))
        here = request.POST.get("here", "")
        if here.isascii() and here.isdigit():
            return _shown(request, int(here), queue)
        return next_response(request, queue, None)
    undone_say(request, undone)
    if not undone.descriptions:  # a worker is at it
        return next_response(request, queue, None)
    return _shown(request, undone.descriptions[-1].pk, queue)


def restore_view(request: HttpRequest, event_id: int) -> HttpResponse:
    """Bring back the words of an entry of the history."""
    event = get_object_or_404(DescriptionEvent.objects.select_related("description"), pk=event_id)
    queue = queue_of(request.GET)
    try:
        draft = services.review_restore(
            event=event, actor=request.user, idempotency_key=_idempotency_key(request)
        )
    except CatalogError as error:
        messages.error(request, str(error))
        draft = event.description
    else:
        messages.success(request, _("The earlier words are back in the draft."))
    return _shown(request, draft.pk, queue)


def hold_view(request: HttpRequest, pk: int) -> HttpResponse:
    """The page is still open and in use: the draft stays this reviewer's."""
    held = review_lease_renew(description_id=pk, reviewer=request.user)
    return HttpResponse("" if held else _("Your hold on this text has ended."))


def compare_view(request: HttpRequest, pk: int) -> HttpResponse:
    """The differences of the words as they are being typed."""
    description = get_object_or_404(Description, pk=pk)
    words = request.POST.get("standard", "")
    comparisons = comparisons_of(description, approved_beside(description), words)
    return desk_page(request, "comparisons", {"comparisons": comparisons})


def _approve(request: HttpRequest, description: Description, queue: ReviewQueue) -> HttpResponse:
    action = services.review_approve(
        description=description,
        actor=request.user,
        idempotency_key=_idempotency_key(request),
        seen=request.POST.get("seen", ""),
        texts=Words.posted(request.POST).texts(),
        similar=_ticked(request, description),
        same_words="same_words" in request.POST,
    )
    _say(request, description, action.count, _("approved"))
    return next_response(request, queue, description)


def _reject(request: HttpRequest, description: Description, queue: ReviewQueue) -> HttpResponse:
    action = services.review_reject(
        description=description,
        actor=request.user,
        idempotency_key=_idempotency_key(request),
        seen=request.POST.get("seen", ""),
        reason=request.POST.get("reason", ""),
        similar=_ticked(request, description),
    )
    _say(request, description, action.count, _("rejected"))
    return next_response(request, queue, description)


def _save(request: HttpRequest, description: Description, queue: ReviewQueue) -> HttpResponse:
    draft = services.review_save(
        description=description,
        actor=request.user,
        idempotency_key=_idempotency_key(request),
        seen=request.POST.get("seen", ""),
        texts=Words.posted(request.POST).texts(),
    )
    messages.success(request, _("The text is saved."))
    return _shown(request, draft.pk, queue)


def _skip(request: HttpRequest, description: Description, queue: ReviewQueue) -> HttpResponse:
    review_lease_end(description_ids=[description.pk], reviewer=request.user)
    return next_response(request, queue, description)


def _reopen(request: HttpRequest, description: Description, queue: ReviewQueue) -> HttpResponse:
    services.review_reopen(
        description=description, actor=request.user, idempotency_key=_idempotency_key(request)
    )
    messages.success(request, _("It is a draft again."))
    return _shown(request, description.pk, queue)


def _withdraw(request: HttpRequest, description: Description, queue: ReviewQueue) -> HttpResponse:
    services.review_withdraw(
        description=description, actor=request.user, idempotency_key=_idempotency_key(request)
    )
    messages.success(request, _("Withdrawn: storefronts show no text now."))
    return _shown(request, description.pk, queue)


Step = Callable[[HttpRequest, Description, ReviewQueue], HttpResponse]
STEPS: dict[str, Step] = {
    "approve": _approve,
    "reject": _reject,
    "save": _save,
    "skip": _skip,
    "reopen": _reopen,
    "withdraw": _withdraw,
}


def _shown(request: HttpRequest, pk: int, queue: ReviewQueue) -> HttpResponse:
    address = item_address(pk, queue)
    if request.htmx:
        return item_response(request, pk, queue, address=address)
    return redirect(address)


def _ticked(request: HttpRequest, description: Description) -> list[Description]:
    """The similar photos that were ticked, those that are similar photos still."""
    ticked = {
        int(key) for key in request.POST.getlist("similar") if key.isascii() and key.isdigit()
    }
    if not ticked:
        return []
    return list(
        drafts_with_similar_photos(description).filter(pk__in=ticked).select_related("product")
    )


def _idempotency_key(request: HttpRequest, name: str = "idempotency_key") -> UUID:
    """The button as it stood on the page; a new one for a form without it."""
    try:
        return UUID(request.POST.get(name, ""))
    except ValueError:
        return uuid4()


def _say(request: HttpRequest, description: Description, count: int, done: str) -> None:
    words: dict[str, Any] = {"sku": description.product.sku, "count": count, "done": done}
    messages.success(
        request, ngettext("%(sku)s %(done)s.", "%(count)s texts %(done)s.", count) % words
    )
