"""Parts of a text's page: the words in the editor, and what is fetched while they are read."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self
from uuid import uuid4

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from catalog.admin.desk.pages import desk_page
from catalog.admin.desk.queue_page import item_address, query_of, queue_of
from catalog.admin.pages import is_htmx, refusals_as_messages, user_of
from catalog.choices import OPEN_ITEM_STATES, DescriptionState
from catalog.models import Description, DescriptionJob, DescriptionJobItem, ModelVersion, Product
from catalog.models.description import TEXT_FIELDS, TEXT_LENGTH
from catalog.selectors.review_history import description_history
from catalog.services.jobs import description_job_create
from catalog.text_diff import Change, authorship_of, words_compared
from catalog.transitions.review import review_lease_renew


@dataclass(frozen=True)
class Words:
    """What stands in the editor. `seen` is the text's `updated_at` when the page was made."""

    standard: str
    alt_text: str
    detailed: str
    seen: str

    @classmethod
    def of(cls, description: Description) -> Self:
        """The saved words."""
        texts = {name: getattr(description, name) for name in TEXT_FIELDS}
        return cls(**texts, seen=description.updated_at.isoformat())

    @classmethod
    def posted(cls, data: Mapping[str, str]) -> Self:
        """The words that a page sent, unchecked."""
        return cls(**{name: data.get(name, "") for name in (*TEXT_FIELDS, "seen")})

    def texts(self) -> dict[str, str]:
        """The three texts, for a service."""
        return {name: getattr(self, name) for name in TEXT_FIELDS}


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


def compare_view(request: HttpRequest, pk: int) -> HttpResponse:
    """The differences while somebody types."""
    description = get_object_or_404(Description, pk=pk)
    words = request.POST.get("standard", "")
    return desk_page(request, "comparisons", {"comparisons": comparisons_of(description, words)})


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
        "why": "" if item is None else item.get_failure_reason_display() or _reason(item),
    }
    return desk_page(request, "again", context)


def _reason(item: DescriptionJobItem) -> str:
    return item.get_skip_reason_display() or _("The job was cancelled.")
