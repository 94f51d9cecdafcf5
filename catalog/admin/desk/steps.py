"""The buttons of one text: what each does, and the page it leads to."""

from collections.abc import Callable
from typing import Any, TypedDict
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.models import User
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from catalog.admin.desk.item_page import item_response, next_response
from catalog.admin.desk.item_parts import Words
from catalog.admin.desk.pages import idempotency_key_of, undone_say
from catalog.admin.desk.queue_page import item_address, queue_of
from catalog.admin.labels import field_label
from catalog.admin.pages import is_htmx, refusals_as_messages, user_of
from catalog.choices import DescriptionAction
from catalog.exceptions import CatalogError, ChangedMeanwhile, TextsContradict
from catalog.models import Description, DescriptionEvent, ReviewAction
from catalog.selectors.review_history import draft_replaced_by
from catalog.selectors.review_queue import ReviewQueue, drafts_with_similar_photos
from catalog.services import review as services
from catalog.transitions.review import review_lease_end


def step_view(request: HttpRequest, pk: int) -> HttpResponse:
    """Do what the button says and show what comes next; where refused, the text and the reason."""
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
    except TextsContradict as error:
        return item_response(request, pk, queue, words=words, contradicts=str(error))
    except CatalogError as error:
        messages.error(request, str(error))
        return item_response(request, pk, queue, words=words)


def go_view(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the next or the previous text of the queue; nothing changes."""
    description = Description.objects.select_related("product", "image").filter(pk=pk).first()
    backwards = request.POST.get("step") == "previous"
    return next_response(request, queue_of(request.GET), description, backwards=backwards)


def undo_view(request: HttpRequest) -> HttpResponse:
    """Undo this reviewer's last step, and show its text."""
    queue = queue_of(request.GET)
    here = request.POST.get("here", "")
    shown = int(here) if here.isascii() and here.isdigit() else None
    with refusals_as_messages(request):
        key = idempotency_key_of(request, "undo_idempotency_key")
        undone = services.review_undo(actor=user_of(request), idempotency_key=key)
        undone_say(request, undone)
        # Where a worker undoes it, there is no text to show.
        shown = undone.descriptions[-1].pk if undone.descriptions else None
    return next_response(request, queue, None) if shown is None else _shown(request, shown, queue)


def restore_view(request: HttpRequest, event_id: int) -> HttpResponse:
    """Bring back the words of an entry of the history."""
    event = get_object_or_404(DescriptionEvent.objects.select_related("description"), pk=event_id)
    shown = event.description_id
    with refusals_as_messages(request):
        shown = services.review_restore(
            event=event, actor=user_of(request), idempotency_key=idempotency_key_of(request)
        ).pk
        messages.success(request, _("The earlier words are back in the draft."))
    return _shown(request, shown, queue_of(request.GET))


class _Asked(TypedDict):
    """What every step of a text tells its service."""

    description: Description
    actor: User
    idempotency_key: UUID


def _asked(request: HttpRequest, description: Description) -> _Asked:
    key = idempotency_key_of(request)
    return _Asked(description=description, actor=user_of(request), idempotency_key=key)


def _approve(request: HttpRequest, description: Description, queue: ReviewQueue) -> HttpResponse:
    words = Words.posted(request.POST)
    action = services.review_approve(
        **_asked(request, description),
        seen=words.seen,
        texts=words.texts,
        declined=words.declined,
        insists=request.POST.get("step") == "approve_anyway",
        similar=_ticked(words, description),
        same_words=words.same_words,
    )
    _say(request, description, action.count, _("approved"))
    _say_changed(request, action, description, words)
    return next_response(request, queue, description)


def _say_changed(
    request: HttpRequest, action: ReviewAction, description: Description, words: Words
) -> None:
    """Name the texts that followed an edit: who approves at once may not have seen the offer."""
    edited = action.events.filter(description=description, action=DescriptionAction.EDITED).first()
    after = edited.after if edited else {}
    changed = [field for field, text in after.items() if text != words.texts[field].strip()]
    if changed:
        names = ", ".join(str(field_label(field)) for field in changed)
        messages.success(request, _("Changed with it: %(texts)s.") % {"texts": names})


def _reject(request: HttpRequest, description: Description, queue: ReviewQueue) -> HttpResponse:
    words = Words.posted(request.POST)
    action = services.review_reject(
        **_asked(request, description),
        seen=words.seen,
        reason=request.POST.get("reason", ""),
        similar=_ticked(words, description),
    )
    _say(request, description, action.count, _("rejected"))
    return next_response(request, queue, description, replaced=draft_replaced_by(description))


def _save(request: HttpRequest, description: Description, queue: ReviewQueue) -> HttpResponse:
    words = Words.posted(request.POST)
    asked = _asked(request, description)
    draft = services.review_save(**asked, seen=words.seen, texts=words.texts)
    messages.success(request, _("The text is saved."))
    return _shown(request, draft.pk, queue)


def _skip(request: HttpRequest, description: Description, queue: ReviewQueue) -> HttpResponse:
    review_lease_end(description_ids=[description.pk], reviewer=user_of(request))
    return next_response(request, queue, description)


def _reopen(request: HttpRequest, description: Description, queue: ReviewQueue) -> HttpResponse:
    services.review_reopen(**_asked(request, description))
    messages.success(request, _("It is a draft again."))
    return _shown(request, description.pk, queue)


def _bring_back(request: HttpRequest, description: Description, queue: ReviewQueue) -> HttpResponse:
    services.review_bring_back(**_asked(request, description))
    messages.success(request, _("It is a draft again."))
    return _shown(request, description.pk, queue)


def _withdraw(request: HttpRequest, description: Description, queue: ReviewQueue) -> HttpResponse:
    services.review_withdraw(**_asked(request, description))
    messages.success(request, _("Withdrawn: storefronts show no text now."))
    return _shown(request, description.pk, queue)


Step = Callable[[HttpRequest, Description, ReviewQueue], HttpResponse]
STEPS: dict[str, Step] = {
    "approve": _approve,
    "approve_anyway": _approve,
    "reject": _reject,
    "save": _save,
    "skip": _skip,
    "reopen": _reopen,
    "withdraw": _withdraw,
    "bring_back": _bring_back,
}


def _shown(request: HttpRequest, pk: int, queue: ReviewQueue) -> HttpResponse:
    address = item_address(pk, queue)
    if is_htmx(request):
        return item_response(request, pk, queue, address=address)
    return redirect(address)


def _ticked(words: Words, description: Description) -> list[Description]:
    """The ticked drafts with similar photos, as far as they still wait."""
    if not words.similar:
        return []
    similar = drafts_with_similar_photos(description).filter(pk__in=words.similar)
    return list(similar.select_related("product"))


def _say(request: HttpRequest, description: Description, count: int, done: str) -> None:
    words: dict[str, Any] = {"sku": description.product.sku, "count": count, "done": done}
    messages.success(
        request, ngettext("%(sku)s %(done)s.", "%(count)s texts %(done)s.", count) % words
    )
