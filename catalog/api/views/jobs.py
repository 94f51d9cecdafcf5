"""Jobs: ask for descriptions, follow their progress, cancel them."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import PolymorphicProxySerializer
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.api.documentation import SKU, number_of, operation
from catalog.api.idempotency import idempotent
from catalog.api.inputs import DescribeInput, FilterJobInput, SkusJobInput, read_body
from catalog.api.problems import Problem, ProblemRaised
from catalog.api.shapes import JobShape, address, document
from catalog.api.views.base import ApiView, accepted
from catalog.api.views.products import product_of
from catalog.choices import (
    FailureReason,
    ItemOutcome,
    JobItemState,
    KnownSource,
    PageText,
    TextLength,
)
from catalog.models import ApiScope, DescriptionJob, Product
from catalog.selectors.jobs import job_findings, job_progress
from catalog.selectors.model_versions import versions_in_use
from catalog.selectors.products import products_filtered
from catalog.services import jobs as services

MOST_FAILURES = 100
JOB = number_of("the job")


JOB_BODY = PolymorphicProxySerializer("JobInput", [SkusJobInput, FilterJobInput], None)


class ProductDescribeView(ApiView):
    """`/products/{sku}/describe/`."""

    scopes = {"POST": ApiScope.GENERATE}

    @operation(
        "products_describe",
        "Have one product described",
        request=DescribeInput,
        answers={202: JobShape},
        parameters=(SKU,),
        problems=(Problem.UNPROCESSABLE,),
        tag="jobs",
    )
    @idempotent(atomic=True)
    def post(self, request: Request, sku: str) -> Response:
        product = product_of(sku)
        job = services.api_job_create(
            owner=self.principal.owner,
            products=Product.objects.filter(pk=product.pk),
            actor=self.principal.user,
            priority=DescriptionJob.SINGLE_PRIORITY,
            **_how(read_body(DescribeInput, request.data)),
        )
        return accepted(request, job, job_document)


class JobsView(ApiView):
    """`/jobs/`."""

    scopes = {"POST": ApiScope.GENERATE}

    @operation(
        "jobs_create",
        "Have many products described",
        request=JOB_BODY,
        answers={202: JobShape},
        problems=(Problem.UNPROCESSABLE,),
    )
    @idempotent(atomic=True)
    def post(self, request: Request) -> Response:
        by_filter = isinstance(request.data, dict) and "filter" in request.data
        asked = read_body(FilterJobInput if by_filter else SkusJobInput, request.data)
        job = services.api_job_create(
            owner=self.principal.owner,
            products=products_asked_for(asked),
            actor=self.principal.user,
            **_how(asked),
        )
        return accepted(request, job, job_document)


class JobView(ApiView):
    """`/jobs/{number}/`."""

    scopes = {"GET": ApiScope.GENERATE}

    @operation(
        "jobs_retrieve",
        "Read the progress and the failures of a job",
        answers={200: JobShape},
        parameters=(JOB,),
    )
    def get(self, request: Request, number: int) -> Response:
        return Response(job_document(request, job_of(self, number)))


class JobCancelView(ApiView):
    """`/jobs/{number}/cancel/`."""

    scopes = {"POST": ApiScope.GENERATE}

    @operation(
        "jobs_cancel",
        "Cancel a job; finished descriptions stay",
        answers={200: JobShape},
        parameters=(JOB,),
        problems=(Problem.CONFLICT,),
    )
    @idempotent(atomic=True)
    def post(self, request: Request, number: int) -> Response:
        job = services.description_job_cancel(job=job_of(self, number), actor=self.principal.user)
        return Response(job_document(request, job))


def job_of(view: ApiView, number: int) -> DescriptionJob:
    """One of the client's own jobs; who may see all jobs in the admin sees all here."""
    jobs = services.api_jobs(
        owner=view.principal.owner, sees_all=view.principal.sees_all(DescriptionJob)
    )
    return get_object_or_404(jobs, pk=number)


def job_document(request: Request, job: DescriptionJob) -> dict[str, Any]:
    """Progress, counted from the rows, and the first products without a draft."""
    items = job.items.order_by("pk")
    failed = items.filter(state=JobItemState.FAILED)
    rows = failed.values_list("product__sku", "failure_reason")[:MOST_FAILURES]
    failures = [
        {"sku": sku, "reason": reason, "detail": FailureReason(reason).label}
        for sku, reason in rows
    ]
    outcome = ItemOutcome.NOT_RECOGNISED
    nothing = items.filter(state=JobItemState.DONE, outcome=outcome)
    without_item = [
        {"sku": sku, "reason": outcome, "detail": detail}
        for sku, detail in nothing.values_list("product__sku", "detail")[:MOST_FAILURES]
    ]
    return document(
        JobShape,
        job,
        **asdict(job_progress(job)),
        **asdict(job_findings(job)),
        url=address(request, "job", job.pk),
        failures=failures,
        without_item=without_item,
    )


def _how(asked: Mapping[str, Any]) -> dict[str, Any]:
    """The options of the service."""
    told = KnownSource.values if asked.get("catalog_facts", True) else []
    slots = set(asked.get("slots", ()))
    options: dict[str, Any] = {"sources": asked.get("sources", told)}
    if TextLength.DETAILED in slots:
        options["length"] = TextLength.DETAILED.value
    options["slots"] = [name for name in PageText.values if name in slots]
    return {"again": asked["again"], "language": asked.get("language", ""), "options": options}


def products_asked_for(asked: dict[str, Any]) -> QuerySet[Product]:
    """The products of a job or an export. Raises `ProblemRaised` for unknown SKUs, and too many."""
    if "skus" in asked:
        if unknown := services.skus_unknown(asked["skus"]):
            first = ", ".join(unknown[:5])
            raise ProblemRaised(
                Problem.UNPROCESSABLE, f"{len(unknown)} of these SKUs do not exist: {first}."
            )
        return Product.objects.filter(sku__in=asked["skus"])
    language = asked.get("language") or versions_in_use().default_language
    products = products_filtered(asked["filter"], language=language)
    if (count := products.count()) > services.MOST_PRODUCTS:
        raise ProblemRaised(
            Problem.UNPROCESSABLE,
            f"The filter matches {count:,} products; up to {services.MOST_PRODUCTS:,} are allowed.",
        )
    return products
