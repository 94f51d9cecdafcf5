"""Runs a large job with real photos to its end while its workers are killed.

`python -m benchmarks.kills --folder SCRATCH [--products 10000] [--seconds 540] [--json]` runs one
piece and continues where the last piece ended; repeat it until it reports that the job has ended.
Each piece kills its workers with SIGKILL, as a power cut would, and one more half-way.
"""

import argparse
import json
import os
import signal
import sys
import time
from pathlib import Path
from typing import Any

from benchmarks.installation import Installation, prepare
from benchmarks.photos import photo_files, products_make

#: Different photos; more would only take longer to import.
DISTINCT = 2_000


def main() -> int:
    """Run one piece; 0 once the job has ended with one draft per product."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.kills", description=__doc__.splitlines()[0]
    )
    parser.add_argument(
        "--folder", type=Path, required=True, help="folder that is kept between pieces"
    )
    parser.add_argument("--products", type=int, default=10_000, help="default: 10,000")
    parser.add_argument(
        "--seconds", type=int, default=540, help="longest time of this piece (default: 540)"
    )
    parser.add_argument("--database", choices=("sqlite", "postgres"), default="sqlite")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    arguments = parser.parse_args()
    deadline = time.monotonic() + arguments.seconds
    with prepare(arguments.database, folder=arguments.folder.resolve()) as installation:
        installation.migrate()
        job = _job(installation, arguments.products)
        kills = _run(installation, job, deadline)
        figures = {**_figures(job), "kills_in_this_piece": kills}
    if arguments.json:
        print(json.dumps(figures))
    else:
        for name, value in figures.items():
            print(f"{name:<24}{value}")
    whole = figures["state"] == "completed" and figures["drafts"] == arguments.products
    return 0 if whole else 1


def _job(installation: Installation, products: int) -> Any:
    """The one job of the folder, created in the first piece."""
    from catalog.models import DescriptionJob, Product
    from catalog.services.jobs import description_job_create

    installation.start_broker()
    job = DescriptionJob.objects.first()
    if job is None:
        files, _ = photo_files(DISTINCT, installation.folder)
        products_make(files, products - Product.objects.count(), first=Product.objects.count())
        job = description_job_create(products=Product.objects.all())
    return job


def _run(installation: Installation, job: Any, deadline: float) -> int:
    """Work until the job or the time ends; one kill half-way, one at the end. Returns the kills."""
    from catalog.choices import OPEN_JOB_STATES

    installation.start("maintenance")
    worker = installation.start("describer")
    half_way = (time.monotonic() + deadline) / 2
    kills = 0
    while job.state in OPEN_JOB_STATES and time.monotonic() < deadline:
        if kills == 0 and time.monotonic() > half_way:
            worker.kill_group()
            worker = installation.start("describer")
            kills += 1
        time.sleep(0.5)
        job.refresh_from_db()
    if job.state in OPEN_JOB_STATES:
        for child in installation.children:
            if child.is_running():
                os.killpg(child.process.pid, signal.SIGKILL)
        kills += 1
    return kills


def _figures(job: Any) -> dict[str, Any]:
    """The figures of the rows."""
    from django.db.models import Count

    from catalog.models import Description
    from catalog.selectors.jobs import job_progress

    job.refresh_from_db()
    progress = job_progress(job)
    attempts = dict(job.items.values_list("attempts").annotate(items=Count("pk")).order_by())
    drafts = Description.objects.filter(job_item__job=job)
    ended = job.ended_at - job.started_at if job.ended_at and job.started_at else None
    return {
        "state": str(job.state),
        "items": progress.total,
        "done": progress.done,
        "failed": progress.failed,
        "left": progress.left,
        "drafts": drafts.count(),
        "products_with_a_draft": drafts.values("product").distinct().count(),
        "attempts": {str(count): items for count, items in sorted(attempts.items())},
        "seconds": round(ended.total_seconds()) if ended else None,
    }


if __name__ == "__main__":
    sys.exit(main())
