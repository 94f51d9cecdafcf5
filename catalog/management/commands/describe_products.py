"""Has products described: `python manage.py describe_products [SKU …] [--again] [--no-wait]`."""

import sys
import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db.models import QuerySet
from tqdm import tqdm

from catalog.choices import OPEN_JOB_STATES, JobState
from catalog.models import DescriptionJob, Product
from catalog.selectors.jobs import JobProgress, failures_by_reason, job_progress
from catalog.services.jobs import description_job_create

POLL_SECONDS = 0.5


class Command(BaseCommand):
    help = (
        "Ask the workers to describe all products, or those named, and show the progress. "
        "Ctrl-C stops the display alone: the job goes on. Ends with 1 if photos failed."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("skus", nargs="*", metavar="SKU", help="all products without any")
        parser.add_argument("--again", action="store_true", help="also those described already")
        parser.add_argument("--language", default="en", help="of the texts; default: en")
        parser.add_argument("--no-wait", action="store_true", help="do not wait for the workers")

    def handle(self, *args: Any, **options: Any) -> None:
        job = description_job_create(
            products=_products(options["skus"]),
            again=options["again"],
            language=options["language"],
        )
        if not options["no_wait"]:
            self._follow(job)
        self._report(job)

    def _follow(self, job: DescriptionJob) -> None:
        """Draw a bar from the job's rows until it has ended."""
        progress = job_progress(job)
        with tqdm(
            total=progress.total - progress.skipped,
            desc=str(job),
            unit="photo",
            file=sys.stderr,  # not self.stderr, which ends every write with a line feed
            disable=None,
        ) as bar:
            try:
                while job.state in OPEN_JOB_STATES and progress.left:
                    time.sleep(POLL_SECONDS)
                    progress = job_progress(job)
                    bar.update(progress.done + progress.failed + progress.cancelled - bar.n)
                    job.refresh_from_db()
            except KeyboardInterrupt:
                bar.close()
                self.stderr.write(f"Not watching any more; {job} goes on.")

    def _report(self, job: DescriptionJob) -> None:
        progress = job_progress(job)
        self.stdout.write(f"{job}: {_summary(progress)}.")
        for reason, count in failures_by_reason(job).items():
            self.stdout.write(f"  {count} × {reason.label}")
        if progress.failed or job.state == JobState.FAILED:
            raise CommandError(f"{progress.failed} photos were not described.")


def _products(skus: list[str]) -> QuerySet[Product]:
    if not skus:
        return Product.objects.all()
    products = Product.objects.filter(sku__in=skus)
    unknown = set(skus) - set(products.values_list("sku", flat=True))
    if unknown:
        raise CommandError(f"There is no product {', '.join(sorted(unknown))}.")
    return products


def _summary(progress: JobProgress) -> str:
    counts = {
        "described": progress.done,
        "failed": progress.failed,
        "skipped": progress.skipped,
        "cancelled": progress.cancelled,
        "waiting": progress.left,
    }
    shown = [f"{count} {word}" for word, count in counts.items() if count or word == "described"]
    return ", ".join(shown)
