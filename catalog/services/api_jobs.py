"""Jobs that clients of the API ask for: each is told to its owner alone."""

from collections.abc import Sequence
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import QuerySet

from catalog.models import DescriptionJob, JobOwner, Product
from catalog.services.jobs import description_job_create

#: Products of one job; more make the request itself take too long.
MOST_PRODUCTS = 100_000


def api_job_create(
    *, owner: str, products: QuerySet[Product], actor: User | None, **options: Any
) -> DescriptionJob:
    """As `description_job_create`, with a note of the client that asked."""
    with transaction.atomic():
        job = description_job_create(products=products, actor=actor, **options)
        JobOwner.objects.create(job=job, owner=owner)
    return job


def api_jobs(*, owner: str, sees_all: bool) -> QuerySet[DescriptionJob]:
    """The jobs that a client is told of."""
    jobs = DescriptionJob.objects.all()
    return jobs if sees_all else jobs.filter(api_owner__owner=owner)


def skus_unknown(skus: Sequence[str]) -> list[str]:
    """Those of `skus` that no product bears."""
    known = set(Product.objects.filter(sku__in=skus).values_list("sku", flat=True))
    return [sku for sku in skus if sku not in known]
