"""Measures the speed of jobs: `python -m benchmarks.bulk [--json] [--quick] [--database NAME]`.

On each database, in a scratch folder, with real workers:
- one worker with the starter, against the engine alone on the same photos, decoded beforehand;
- two workers with a model that answers at once: the cost of database, storage and decoding;
- creating a job of 100,000 products, and the pages of jobs with as many items in the table.
"""

import argparse
import os
import resource
import subprocess
import sys
import time
from collections.abc import Sequence
from typing import Any

from benchmarks.installation import ROOT, Installation, prepare
from benchmarks.photos import photo_files, products_make
from benchmarks.report import Measure, print_measures

DATABASES = ("sqlite", "postgres")
#: Photos for the starter, items for the stub, items of the job that is only created.
FULL, QUICK = (1_200, 20_000, 100_000), (320, 4_000, 100_000)
BATCH = 16
#: Seconds without a finished item after which the benchmark gives up.
PATIENCE = 540


def main() -> int:
    """Run each database in a process of its own: Django has one set of settings."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.bulk", description=__doc__.splitlines()[0]
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object per database")
    parser.add_argument("--quick", action="store_true", help="fewer photos: faster, less exact")
    parser.add_argument("--database", choices=DATABASES, help="default: both in turn")
    arguments = parser.parse_args()
    if arguments.database is None:
        command = [sys.executable, "-m", "benchmarks.bulk", *sys.argv[1:]]
        runs = [
            subprocess.run([*command, "--database", name], cwd=ROOT, check=False)
            for name in DATABASES
        ]
        return max(run.returncode for run in runs)
    with prepare(arguments.database) as installation:
        measures, photos = measure(installation, *(QUICK if arguments.quick else FULL))
    context = {
        "database": arguments.database,
        "photos": photos,
        "cores": len(os.sched_getaffinity(0)),
    }
    print_measures("bulk", measures, as_json=arguments.json, context=context)
    return 0 if all(one.holds for one in measures) else 1


def measure(
    installation: Installation, photos: int, stub_items: int, made: int
) -> tuple[list[Measure], str]:
    """All measures on one database, and a description of the photos."""
    installation.migrate()
    files, words = photo_files(photos, installation.folder)
    products_make(files, max(photos, stub_items))
    # First, while this process has not loaded the engine, whose memory would count.
    measures = _scale(made)
    installation.start_broker()
    measures += _pipeline(installation, files, photos)
    bound = 1_500 if installation.database == "postgres" else None
    speed = _stub(installation, stub_items)
    return [*measures, Measure("two workers, no model", speed, "items/s", least=bound)], words


def _pipeline(installation: Installation, files: Sequence[Any], photos: int) -> list[Measure]:
    """One worker with the starter against the engine alone, measured before and after it."""
    before = _engine_speed(files, photos)
    worker = installation.start("describer")
    _run_job(products=BATCH)  # loads the model
    whole = _run_job(products=photos)
    worker.ask_to_end()
    worker.wait_for_end()
    after = _engine_speed(files, photos)
    engine = (before + after) / 2
    return [
        Measure("engine alone", engine, "photos/s"),
        Measure("whole pipeline, one worker", whole, "products/s"),
        Measure("pipeline / engine", whole / engine, "", least=0.85),
    ]


def _engine_speed(files: Sequence[Any], photos: int) -> float:
    """Photos per second of the engine, with decoded photos in memory."""
    from itertools import cycle, islice

    from catalog.engine.describe import describe_photos
    from catalog.selectors.model_versions import model_version_active
    from moda_engine.photos import open_photo

    version = model_version_active()
    assert version is not None
    decoded = [open_photo(file) for file in islice(cycle(files), photos)]
    arguments: dict[str, Any] = {"version": version, "options": {}}
    describe_photos(photos=decoded[:BATCH], known=[{}] * BATCH, **arguments)
    start = time.monotonic()
    for first in range(0, photos, BATCH):
        batch = decoded[first : first + BATCH]
        describe_photos(photos=batch, known=[{}] * len(batch), **arguments)
    return photos / (time.monotonic() - start)


def _stub(installation: Installation, items: int) -> float:
    more = {"DJANGO_SETTINGS_MODULE": "benchmarks.stub_settings"}
    workers = [installation.start("describer", **more) for _ in range(2)]
    _run_job(products=BATCH)
    speed = _run_job(products=items)
    for worker in workers:
        worker.ask_to_end()
        worker.wait_for_end()
    return speed


def _run_job(*, products: int) -> float:
    """Items per second of a job, from its first lease to its end."""
    from catalog.choices import OPEN_JOB_STATES, JobState
    from catalog.models import Product
    from catalog.selectors.jobs import job_progress
    from catalog.services.jobs import description_job_create

    job = description_job_create(products=Product.objects.order_by("pk")[:products], again=True)
    deadline = time.monotonic() + PATIENCE
    while job.state in OPEN_JOB_STATES:
        if time.monotonic() > deadline:
            raise SystemExit(f"{job} did not end: {job_progress(job)}")
        time.sleep(0.1)
        job.refresh_from_db()
    progress = job_progress(job)
    if job.state != JobState.COMPLETED or progress.done != products:
        raise SystemExit(f"{job} did not describe all: {progress}")
    return products / (job.ended_at - job.started_at).total_seconds()


def _scale(made: int) -> list[Measure]:
    """The time to create a large job, and to open its pages."""
    from catalog.models import Product, ProductImage
    from catalog.selectors.jobs import job_progress
    from catalog.services.jobs import description_job_cancel, description_job_create
    from catalog.workers.lease import lease_take

    first = Product.objects.count()
    for start in range(first, made, 5_000):
        numbers = range(start, min(start + 5_000, made))
        products = Product.objects.bulk_create(
            Product(sku=f"SCALE-{number}", title="Scale") for number in numbers
        )
        ProductImage.objects.bulk_create(
            ProductImage(
                product=product, file="none", sha256=f"{product.pk:064x}", width=1, height=1,
                byte_size=1,
            )
            for product in products
        )  # fmt: skip
    before = time.monotonic()
    job = description_job_create(products=Product.objects.all(), again=True)
    seconds = time.monotonic() - before
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    measures = [
        Measure(f"making a job of {job.total:,}", seconds, "s", most=10),
        Measure("memory of the process that made it", memory, "MB", most=300),
        Measure("its progress", _milliseconds(lambda: job_progress(job)), "ms", most=100),
        Measure("a lease of 64", _milliseconds(lambda: lease_take(limit=64)), "ms"),
    ]
    description_job_cancel(job=job, actor=None)
    return measures


def _milliseconds(action: Any, times: int = 5) -> float:
    start = time.monotonic()
    for _ in range(times):
        action()
    return (time.monotonic() - start) / times * 1000


if __name__ == "__main__":
    sys.exit(main())
