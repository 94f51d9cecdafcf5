"""Parts of a text's page: the words in the editor, how they read, what is fetched meanwhile."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self
from uuid import uuid4

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from catalog.admin.desk.pages import desk_page
from catalog.admin.desk.queue_page import item_address, query_of, queue_of
from catalog.admin.desk.selection import numbers_of
from catalog.admin.marks import MarkedWord, Piece, marked_words, pieces_of
from catalog.admin.pages import is_htmx, refusals_as_messages, user_of
from catalog.choices import OPEN_ITEM_STATES, DescriptionState
from catalog.claims import SiblingEdit, texts_edited, texts_of
from catalog.models import Description, DescriptionJob, DescriptionJobItem, ModelVersion, Product
from catalog.models.description import TEXT_FIELDS, TEXT_LENGTH
from catalog.selectors.review_history import description_history
from catalog.services.jobs import description_job_create
from catalog.text_diff import Change, authorship_of, words_compared
from catalog.transitions.review import review_lease_renew


@dataclass(frozen=True)
class Words:
    """What stands in the editor, by field. `seen` is the text's `updated_at` on its page.

    `declined` are fields that keep their words whatever is edited in others; `similar` are ticked.
    """

    texts: Mapping[str, str]
    seen: str
    declined: frozenset[str] = frozenset()
    similar: frozenset[int] = frozenset()
    same_words: bool = False

    @classmethod
    def of(cls, description: Description) -> Self:
        """The saved words."""
        return cls(texts_of(description), seen=description.updated_at.isoformat())

    @classmethod
    def posted(cls, data: QueryDict) -> Self:
        """The words that a page sent, unchecked."""
        return cls(
            {name: data.get(name, "") for name in TEXT_FIELDS},
            seen=data.get("seen", ""),
            declined=frozenset(data.getlist("declined")) & set(TEXT_FIELDS),
            similar=frozenset(numbers_of(data.getlist("similar"))),
            same_words="same_words" in data,
        )


@dataclass(frozen=True)
class Offer:
    """What an edit of one text changes in another. `text` is empty where a person has to do it."""

    text: str
    changes: list[Change]
    declined: bool


@dataclass(frozen=True)
class FieldRead:
    """One text in its editor: the marks behind it, and what edits of others change in it."""

    name: str
    pieces: list[Piece]
    offer: Offer | None


@dataclass(frozen=True)
class Reading:
    """The words in the editor, as the server reads them."""

    fields: dict[str, FieldRead]
    marked: list[MarkedWord]
    #: As they are approved.
    texts: Mapping[str, str]

    @property
    def pieces(self) -> dict[str, list[Piece]]:
        """The pieces of each text, by field."""
        return {name: field.pieces for name, field in self.fields.items()}

    @classmethod
    def of(cls, description: Description, words: Words) -> Self:
        """Texts longer than may be saved are read up to there."""
        texts = {
            field: text.replace("\r\n", "\n")[:TEXT_LENGTH] for field, text in words.texts.items()
        }
        edited = texts_edited(description, texts, words.declined)
        offers = {edit.field: _offer(edit, texts, words) for edit in edited.edits}
        pieces = pieces_of(description, texts)
        fields = {name: FieldRead(name, pieces[name], offers.get(name)) for name in TEXT_FIELDS}
        return cls(fields, marked_words(pieces), edited.texts)


def _offer(edit: SiblingEdit, texts: dict[str, str], words: Words) -> Offer:
    changes = words_compared(texts[edit.field], edit.text) if edit.text else []
    return Offer(edit.text or "", changes, declined=edit.field in words.declined)


def reading_view(request: HttpRequest, pk: int) -> HttpResponse:
    """Marks, offers and differences while somebody types."""
    description = get_object_or_404(Description, pk=pk)
    words = Words.posted(request.POST)
    context = {
        "reading": Reading.of(description, words),
        "comparisons": comparisons_of(description, words.texts["standard"]),
    }
    return desk_page(request, "reading", context)


def comparisons_of(description: Description, words: str) -> list[tuple[str, list[Change]]]:
    """The words compared with the approved and with the generated text, where they differ."""
    words = words[:TEXT_LENGTH]  # longer words are refused, and slow to compare
    approved = Description.objects.filter(
        product=description.product_id,
        language=description.language,
        state=DescriptionState.APPROVED,
    ).first()
    others = []
    if approved is not None and approved.pk != description.pk:
        others.append((_("Against the approved text"), approved.standard))
    if description.generated_standard:
        others.append((_("Against what the model wrote"), description.generated_standard))
    return [(heading, words_compared(text, words)) for heading, text in others if text != words]


def hold_view(request: HttpRequest, pk: int) -> HttpResponse:
    """Renew the lease of a page that is still open and in use."""
    held = review_lease_renew(description_id=pk, reviewer=user_of(request))
    return HttpResponse("" if held else _("Your hold on this text has ended."))


def history_view(request: HttpRequest, pk: int) -> HttpResponse:
    """Who wrote which words, and each change of them, the newest first."""
    description = get_object_or_404(Description.objects.select_related("product"), pk=pk)
    context = {
        "title": description.product.title,
        "description": description,
        "authorship": [
            (description.standard[start:end], author)
            for start, end, author in authorship_of(description, "standard")
        ],
        "history": description_history(description),
        "query": query_of(queue_of(request.GET)),
        "idempotency_key": uuid4(),
    }
    return desk_page(request, "history" if is_htmx(request) else "history_page", context)


def again_view(request: HttpRequest, pk: int) -> HttpResponse:
    """Describe the product again before all others, and watch the job from here."""
    description = get_object_or_404(Description, pk=pk)
    key = request.POST.get("model_version", "")
    version = ModelVersion.objects.filter(pk=key).first() if key.isdecimal() else None
    facts = request.POST.get("facts", "").strip()
    with refusals_as_messages(request):
        job = description_job_create(
            products=Product.objects.filter(pk=description.product_id),
            actor=user_of(request),
            again=True,
            language=description.language,
            options={**description.options, "facts": facts},
            priority=DescriptionJob.SINGLE_PRIORITY,
            model_version=version,
        )
        return _waiting(request, description, job)
    return desk_page(request, "again", {"description": description})


def wait_view(request: HttpRequest, pk: int, job_id: int) -> HttpResponse:
    """Asked every second: it still waits, the new text, or why there is none."""
    description = get_object_or_404(Description, pk=pk)
    job = get_object_or_404(DescriptionJob, pk=job_id, items__product=description.product_id)
    return _waiting(request, description, job)


def _waiting(request: HttpRequest, description: Description, job: DescriptionJob) -> HttpResponse:
    item = DescriptionJobItem.objects.filter(job=job).first()
    new = Description.objects.filter(job_item__job=job).select_related("model_version").first()
    queue = queue_of(request.GET)
    context = {
        "description": description,
        "job": job,
        "query": query_of(queue),
        "new": new,
        "new_address": new and item_address(new.pk, queue),
        "waits": new is None and item is not None and item.state in OPEN_ITEM_STATES,
        "why": "" if item is None else _reason(item),
    }
    return desk_page(request, "again", context)


def _reason(item: DescriptionJobItem) -> str:
    """Why there is no new text."""
    reasons = (
        item.get_outcome_display(),
        item.get_failure_reason_display(),
        item.get_skip_reason_display(),
    )
    return next(filter(None, reasons), _("The job was cancelled."))
