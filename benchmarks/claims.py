"""Measures leases and pages of jobs at a million items: `python -m benchmarks.claims [--json]`.

PostgreSQL with ten jobs in its table. 1, 2, 4 and 8 processes lease batches of 16 and of 64 and do
nothing with them, which measures the database alone. `--quick` uses 100,000 items.
"""

import argparse
import os
import subprocess
import sys
import time
from typing import Any

from benchmarks.installation import ROOT, prepare
from benchmarks.report import Measure, print_measures

JOBS = 10
PROCESSES = (1, 2, 4, 8)
BATCHES = (16, 64)
SECONDS = 4.0

_FILL = """
INSERT INTO catalog_product (sku, title, brand, colour, gender, attributes, state, created_at,
                             updated_at)
SELECT 'CLAIM-' || n, 'Shirt', '', '', '', '{{}}', 'draft', now(), now()
FROM generate_series(1, {each}) AS n;
INSERT INTO catalog_productimage (product_id, file, thumbnail, sha256, perceptual_hash, width,
                                  height, byte_size, position, created_at)
SELECT id, 'none', '', md5(id::text) || md5(id::text), '', 1, 1, 1, 0, now() FROM catalog_product;
INSERT INTO catalog_descriptionjob (state, language, options, priority, total, created_at)
SELECT 'queued', 'en', '{{}}', 0, {each}, now() FROM generate_series(1, {jobs});
INSERT INTO catalog_descriptionjobitem (job_id, product_id, image_id, state, idempotency_key,
    attempts, alone, due_at, failure_reason, skip_reason, outcome, detail)
SELECT job.id, image.product_id, image.id, 'queued', md5(job.id || ' ' || image.id), 0, false,
       now(), '', '', '', ''
FROM catalog_descriptionjob AS job, catalog_productimage AS image
"""
_TABLES = ("catalog_product", "catalog_productimage")


def main() -> int:
    """Fill the tables, time the pages, let processes lease."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.claims", description=__doc__.splitlines()[0]
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--items", type=int, default=1_000_000, help="default: 1,000,000")
    parser.add_argument("--quick", action="store_true", help="use 100,000 items")
    parser.add_argument("--claim", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.claim:
        return _claim(options.claim)
    items = 100_000 if options.quick else options.items
    with prepare("postgres") as installation:
        installation.migrate()
        _fill(items)
        measures = _pages()
        for batch in BATCHES:
            for count in PROCESSES:
                name = f"claims, {count} processes, batches of {batch}"
                measures.append(Measure(name, _claims(count, batch), "items/s"))
    context = {"items": items, "cores": len(os.sched_getaffinity(0))}
    print_measures("claims", measures, as_json=options.json, context=context)
    return 0 if all(one.holds for one in measures) else 1


def _fill(items: int) -> None:
    """Let the database fill its tables, without the change feed's slow triggers."""
    from django.db import connection

    with connection.cursor() as cursor:
        for table in _TABLES:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        cursor.execute(_FILL.format(each=items // JOBS, jobs=JOBS))
        for table in _TABLES:
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
        cursor.execute("VACUUM ANALYZE")


def _pages() -> list[Measure]:
    """The admin's list of jobs and the page of one, with its counts."""
    from django.contrib.auth.models import User
    from django.core.management import call_command
    from django.test import Client
    from django.urls import reverse

    from catalog.choices import JobItemState
    from catalog.models import DescriptionJob
    from catalog.transitions.job import tally_add

    job = DescriptionJob.objects.latest("pk")
    tally_add(job_id=job.pk, state=JobItemState.DONE, count=job.total // 2)
    call_command("collectstatic", interactive=False, verbosity=0)
    client = Client(SERVER_NAME="localhost")
    client.force_login(User.objects.create_superuser("bench"))
    pages = {
        "list of jobs": reverse("admin:catalog_descriptionjob_changelist"),
        "page of a job": reverse("admin:catalog_descriptionjob_progress", args=[job.pk]),
    }
    return [
        Measure(name, _milliseconds(client, path), "ms", most=100) for name, path in pages.items()
    ]


def _milliseconds(client: Any, path: str) -> float:
    """The median of nine requests, after one that loads templates."""
    times = []
    for _ in range(10):
        begun = time.perf_counter()
        answer = client.get(path)
        times.append((time.perf_counter() - begun) * 1000)
        if answer.status_code != 200:
            raise SystemExit(f"{path}: {answer.status_code}")
    return sorted(times[1:])[4]


def _claims(count: int, batch: int) -> float:
    """Items per second that this many processes lease; the leases are released afterwards."""
    from django.db import connection

    from catalog.models import DescriptionJobItem

    command = [sys.executable, "-m", "benchmarks.claims", "--claim", str(batch)]
    claimers = [
        subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for _ in range(count)
    ]
    for claimer in claimers:
        assert claimer.stdout is not None
        claimer.stdout.readline()  # it is ready
    rates = []
    for claimer in claimers:
        assert claimer.stdin is not None
        claimer.stdin.write("go\n")
        claimer.stdin.flush()
    for claimer in claimers:
        rates.append(float(claimer.communicate()[0]))
    leased = DescriptionJobItem.objects.exclude(lease_token=None)
    leased.update(state="queued", lease_token=None, lease_until=None, attempts=0)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE catalog_descriptionjobitem")
    return sum(rates)


def _claim(batch: int) -> int:
    """Wait for a line of input, lease for some seconds, print items per second."""
    import django

    django.setup()
    from catalog.workers.lease import lease_take

    lease_take(limit=1)
    print("ready", flush=True)
    sys.stdin.readline()
    begun, items = time.monotonic(), 0
    while (seconds := time.monotonic() - begun) < SECONDS:
        lease = lease_take(limit=batch)
        items += len(lease.items) if lease else 0
    print(items / seconds)
    return 0


if __name__ == "__main__":
    sys.exit(main())
