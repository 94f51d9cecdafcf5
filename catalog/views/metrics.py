"""`/metrics`: what an operator watches, as Prometheus reads it; closed to who lacks the token."""

import shutil
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from catalog.readiness import database_refusal, storage_refusal
from catalog.selectors.operations import Operations, operations_now
from catalog.version import program_version


@never_cache
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """The metrics for `Authorization: Bearer TOKEN`; without a token in the settings, 404."""
    if not settings.METRICS_TOKEN:
        return HttpResponse("Set MODA_METRICS_TOKEN to open this.\n", "text/plain", status=404)
    said = request.headers.get("Authorization", "")
    if not constant_time_compare(said, f"Bearer {settings.METRICS_TOKEN}"):
        answer = HttpResponse("This needs the token of the metrics.\n", "text/plain", status=401)
        answer["WWW-Authenticate"] = "Bearer"
        return answer
    registry = CollectorRegistry()
    registry.register(_Installation())
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


class _Installation(Collector):
    """Reads the rows at each scrape: they are the truth for all machines, and survive restarts."""

    def describe(self) -> Iterable[Metric]:
        """Nothing: registering asks for no look at the database."""
        return []

    def collect(self) -> Iterator[Metric]:
        yield _gauge("moda_info", "Version of the program.", ["version"], {(program_version(),): 1})
        yield from _machine()
        refusal = database_refusal()
        found = None
        if refusal in ("", "read-only"):
            try:
                found = operations_now()
            except DatabaseError:
                refusal = "not migrated"
        yield _gauge(
            "moda_database_up", "1 while the database takes writes.", [], {(): not refusal}
        )
        if found is not None:
            yield from _rows(found)


def _machine() -> Iterator[Metric]:
    yield _gauge(
        "moda_storage_up", "1 while photos can be stored.", [], {(): not storage_refusal()}
    )
    free: dict[tuple[str, ...], float] = {}
    for name in ("DATA", "MEDIA", "MODEL"):
        folder = Path(getattr(settings, f"{name}_DIRECTORY"))
        existing = next(path for path in (folder, *folder.parents) if path.exists())
        free[name.lower(),] = shutil.disk_usage(existing).free
    yield _gauge("moda_disk_free_bytes", "Free bytes on the disk of a folder.", ["folder"], free)


def _rows(found: Operations) -> Iterator[Metric]:
    by_kind = (
        ("moda_open_work", "What has not ended.", found.open_work),
        ("moda_oldest_due_seconds", "Age of the oldest that could run.", found.oldest_due),
        ("moda_leases", "What workers hold.", found.leases),
        ("moda_expired_leases", "Leases that a sweep should have ended.", found.expired_leases),
    )
    for name, text, values in by_kind:
        yield _gauge(name, text, ["kind"], {(kind,): value for kind, value in values.items()})
    yield _gauge(
        "moda_job_items_ended", "Items of jobs that ended.", ["state", "reason"], found.ended
    )
    yield _gauge(
        "moda_model_version_in_use",
        "1 for each version that writes drafts.",
        ["name", "scope", "state"],
        dict.fromkeys(found.versions, 1),
    )
    yield _gauge(
        "moda_training_host_seen_seconds",
        "Seconds since a training host was last seen.",
        ["host"],
        {(host,): age for host, age in found.hosts.items()},
    )


def _gauge(
    name: str, text: str, labels: list[str], values: Mapping[Any, float]
) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, text, labels=labels)
    for key, value in values.items():
        family.add_metric(key, float(value))
    return family
