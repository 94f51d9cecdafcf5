"""*Again*: asks a worker for another text, with other facts or by another model version."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from catalog.admin.desk.choice import query_of, queue_of
from catalog.admin.desk.item_page import item_address
from catalog.admin.desk.pages import desk_page
from catalog.choices import OPEN_ITEM_STATES
from catalog.exceptions import CatalogError
from catalog.models import Description, DescriptionJob, DescriptionJobItem, ModelVersion, Product
from catalog.services.jobs import description_job_create


def again_view(request: HttpRequest, pk: int) -> HttpResponse:
    """Make a job of one product before all others, and watch it from here."""
    description = get_object_or_404(Description, pk=pk)
    key = request.POST.get("model_version", "")
    version = ModelVersion.objects.filter(pk=key).first() if key.isdecimal() else None
    facts = request.POST.get("facts", "").strip()
    try:
        job = description_job_create(
            products=Product.objects.filter(pk=description.product_id),
            actor=request.user,
            again=True,
            language=description.language,
            options={**description.options, "facts": facts},
            priority=DescriptionJob.SINGLE_PRIORITY,
            model_version=version,
        )
    except CatalogError as error:
        messages.error(request, str(error))
        return desk_page(request, "again", {"description": description})
    return _waiting(request, description, job)


def wait_view(request: HttpRequest, pk: int, job_id: int) -> HttpResponse:
    """Asked every second: still waiting, the new text, or why there is none."""
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
