"""The page of one text at the desk, and the way to the next one."""

from dataclasses import replace
from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from catalog.admin.desk.item_parts import Reading, Words, comparisons_of
from catalog.admin.desk.pages import CHANGE, REASONS, desk_page
from catalog.admin.desk.queue_page import item_address, query_of, queue_of
from catalog.admin.marks import findings
from catalog.admin.pages import user_of
from catalog.choices import DescriptionState
from catalog.claims import contradictions_in
from catalog.known_product import attributes_known
from catalog.models import Description
from catalog.models.description import TEXT_LENGTH
from catalog.selectors.model_versions import model_versions_for_jobs
from catalog.selectors.review_history import (
    alternatives_of,
    drafts_to_bring_back,
    undoable_action,
)
from catalog.selectors.review_queue import (
    COUNTED,
    ReviewQueue,
    drafts_following,
    drafts_free_for,
    drafts_left,
    drafts_with_similar_photos,
)
from catalog.text_diff import words_compared
from catalog.transitions.description import REOPENABLE
from catalog.transitions.review import review_lease_open, review_lease_take

ALTERNATIVES = 3
#: Drafts with similar photos shown beside a text; a link leads to all of them.
SIMILAR = 6


def item_view(request: HttpRequest, pk: int) -> HttpResponse:
    """The page of one text. A reviewer who opens it holds it for a while."""
    return item_response(request, pk, queue_of(request.GET))


def item_response(
    request: HttpRequest,
    pk: int,
    queue: ReviewQueue,
    *,
    words: Words | None = None,
    conflict: bool = False,
    contradicts: str = "",
    held: bool = False,
    address: str = "",
    replaced: Description | None = None,
) -> HttpResponse:
    """The page of one text, with `words` that were typed and not saved.

    `conflict`: somebody saved other words meanwhile. `contradicts`: why approving has to be
    confirmed. `held`: the reviewer has the lease already. `replaced`: a draft that can come back,
    now that the one in its place is rejected.
    """
    description = (
        Description.objects.filter(pk=pk)
        .select_related("product__category", "image", "model_version", "created_by", "reviewed_by")
        .prefetch_related("product__images")
        .first()
    )
    if description is None:
        return _gone(request, queue, words)
    if conflict and words is not None:
        # The page shows both versions, so what was typed may be saved over what is there now.
        words = replace(words, seen=description.updated_at.isoformat())
    item = _item(request, description, queue, words, held=held)
    item |= {"contradicts": contradicts, "replaced": replaced}
    if contradicts:
        item["contradictions"] = contradictions_in(description, item["reading"].texts)
    if conflict:
        typed = item["words"].texts["standard"][:TEXT_LENGTH]
        item["theirs"] = words_compared(typed, description.standard)
    return desk_page(
        request, "item", {"item": item, "title": description.product.title}, address=address
    )


def next_item(
    request: HttpRequest,
    queue: ReviewQueue,
    position: Description | None = None,
    *,
    backwards: bool = False,
) -> Description | None:
    """The next draft for this reviewer, who gets the lease if they may change it."""
    following = drafts_following(queue, position, backwards=backwards)
    if request.user.has_perm(CHANGE):
        return review_lease_take(candidates=following, reviewer=user_of(request))
    return next((draft for drafts in following if (draft := drafts.first())), None)


def next_response(
    request: HttpRequest,
    queue: ReviewQueue,
    position: Description | None,
    *,
    backwards: bool = False,
    replaced: Description | None = None,
) -> HttpResponse:
    """The page of the next draft, or the page that says that there is none."""
    draft = next_item(request, queue, position, backwards=backwards)
    if draft is None:
        address = f"{reverse('admin:review')}?{query_of(queue)}"
        undo = request.user.has_perm(CHANGE) and undoable_action(user_of(request))
        context = {
            "queue": queue,
            "query": query_of(queue),
            "idempotency_key": uuid4(),
            "may_undo": undo,
            "left": drafts_left(queue),
            "replaced": replaced,
        }
        return desk_page(request, "done", context, address=address)
    address = item_address(draft.pk, queue)
    return item_response(request, draft.pk, queue, held=True, address=address, replaced=replaced)


def next_view(request: HttpRequest) -> HttpResponse:
    """Go to the first draft of the queue that nobody else has."""
    queue = queue_of(request.GET)
    draft = next_item(request, queue)
    if draft is None:
        return redirect(f"{reverse('admin:review')}?{query_of(queue)}")
    return redirect(item_address(draft.pk, queue))


def _item(
    request: HttpRequest,
    description: Description,
    queue: ReviewQueue,
    words: Words | None,
    *,
    held: bool,
) -> dict[str, Any]:
    """Everything the page of one text shows."""
    user, product = user_of(request), description.product
    may_change = user.has_perm(CHANGE)
    is_draft = description.state == DescriptionState.DRAFT
    images = list(product.images.all())
    if description.image in images:  # the photo that the text is about comes first
        images.sort(key=lambda image: image != description.image)
    words = words or Words.of(description)
    lease = None
    if is_draft and may_change and not held:
        lease = review_lease_open(description=description, reviewer=user)
    return {
        "description": description,
        "is_draft": is_draft,
        "may_reopen": description.state in REOPENABLE,
        "may_bring_back": description.state == DescriptionState.SUPERSEDED
        and drafts_to_bring_back(product_id=product.pk, language=description.language)
        .filter(pk=description.pk)
        .exists(),
        "may_undo": may_change and undoable_action(user) is not None,
        "queue": queue,
        "query": query_of(queue),
        "left_words": _left_words(drafts_left(queue)),
        "words": words,
        "idempotency_key": uuid4(),
        "undo_idempotency_key": uuid4(),
        "images": images,
        "attributes": attributes_known(product),
        "facts": description.facts,
        "reasons": REASONS,
        "alternatives": alternatives_of(description, limit=ALTERNATIVES),
        "comparisons": comparisons_of(description, words.texts["standard"]),
        "reading": Reading.of(description, words),
        "other_item": findings(description)[0] if description.photo_disagrees else "",
        "similar": _similar(description, user) if is_draft else [],
        "versions": model_versions_for_jobs()[:20],
        "next_photo": _next_photo(description, queue, user),
        "lease": lease if lease and lease.reviewer_id != user.pk else None,
    }


def _left_words(left: int) -> str:
    """How many drafts the queue holds, in words."""
    if left > COUNTED:
        return _("more than %(count)s left") % {
            "count": number_format(COUNTED, force_grouping=True)
        }
    return _("%(count)s left") % {"count": left}


def _similar(description: Description, user: User) -> list[Description]:
    similar = drafts_free_for(drafts_with_similar_photos(description), reviewer=user)
    return list(similar.select_related("product", "image")[:SIMILAR])


def _next_photo(description: Description, queue: ReviewQueue, user: User) -> str:
    """The browser fetches it while this text is read, so that the next page opens at once."""
    following = next(drafts_following(queue, description))
    draft = drafts_free_for(following, reviewer=user).select_related("image").first()
    return draft.image.file.url if draft is not None and draft.image else ""


def _gone(request: HttpRequest, queue: ReviewQueue, words: Words | None) -> HttpResponse:
    """The text was deleted; the page shows the typed words for copying."""
    messages.error(request, _("This description was deleted meanwhile."))
    typed = words.texts["standard"] if words else ""
    context = {"typed": typed, "queue": queue, "query": query_of(queue)}
    return desk_page(request, "gone", context, status=404)
