"""What came of a job, one line a product."""

from collections.abc import Iterator

from catalog.choices import DescriptionState, JobItemState
from catalog.models import Description, DescriptionJob

#: Rows read from the database at a time.
CHUNK = 500


def description_lines(*, job: DescriptionJob) -> Iterator[str]:
    """`SKU  title — description` of every product of the job that has a text, by SKU.

    Of several texts the approved one, else the newest draft.
    """
    texts = (
        Description.objects.filter(
            product__job_items__job=job,
            language=job.language,
            state__in=(DescriptionState.APPROVED, DescriptionState.DRAFT),
        )
        .select_related("product")
        .order_by("product__sku", "state", "-id")
    )
    sku = ""
    for text in texts.iterator(chunk_size=CHUNK):
        if text.product.sku != sku:
            sku = text.product.sku
            yield f"{sku}  {text.product.title} — {' '.join(text.standard.split())}"


def failure_lines(*, job: DescriptionJob) -> Iterator[str]:
    """`SKU  why` of every item that failed, by SKU."""
    failed = job.items.filter(state=JobItemState.FAILED).select_related("product")
    for item in failed.order_by("product__sku").iterator(chunk_size=CHUNK):
        yield f"{item.product.sku}  {item.get_failure_reason_display()} ({item.detail})"
