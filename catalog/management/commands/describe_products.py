"""Has products described: `python manage.py describe_products [SKU …]`, with a progress bar."""

import json
import sys
import time
from argparse import SUPPRESS, ArgumentParser
from dataclasses import asdict, astuple
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db.models import QuerySet
from tqdm import tqdm

from catalog.choices import JobState, KnownSource, PageText, TextLength
from catalog.exceptions import JobRefused
from catalog.models import DescriptionJob, ModelVersion, Product
from catalog.selectors.jobs import (
    JobProgress,
    failures_by_reason,
    job_findings,
    job_progress,
    skips_by_reason,
)
from catalog.services.jobs import description_job_create, skus_unknown

POLL_SECONDS = 0.5
#: Seconds for the worker of the last batch to close the job, so that the state is the last one.
CLOSING_SECONDS = 5.0
#: What each count of `JobFindings` says.
FINDINGS = (
    "Draft says something that the catalog contradicts",
    "Photo and title disagree: the photo probably shows another item",
)


class Command(BaseCommand):
    help = (
        "Start a job that describes all products, or the given ones, and show its progress. "
        "Ctrl-C stops only the display; the job goes on. The exit status is 1 if photos failed."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "skus", nargs="*", metavar="SKU", help="products to describe (default: all)"
        )
        which = parser.add_mutually_exclusive_group()
        which.add_argument(
            "--again", action="store_true", help="also products that are already described"
        )
        which.add_argument(
            "--only-without-text", action="store_true", help="only products without any text"
        )
        parser.add_argument("--model-version", metavar="NAME", help="default: the active version")
        parser.add_argument("--length", choices=TextLength.values, help="default: standard")
        parser.add_argument(
            "--slot",
            action="append",
            default=[],
            choices=PageText.values,
            help="a text for the page or search engines, beside those of the length; repeat it",
        )
        parser.add_argument(
            "--without",
            action="append",
            default=[],
            metavar="SOURCE",
            choices=KnownSource.values,
            help="do not tell the model this of what the catalog knows; may be repeated: "
            + ", ".join(KnownSource.values),
        )
        # Asked for what is the rule now; scripts still say it.
        parser.add_argument("--catalog-facts", action="store_true", help=SUPPRESS)
        parser.add_argument(
            "--language",
            default="",
            help="language of the texts (default: English if the model version writes it, "
            "else its first language)",
        )
        parser.add_argument(
            "--json",
            action="store_true",
            help="print the counts as JSON: described, skipped, failed, not_recognised, …",
        )
        parser.add_argument("--no-wait", action="store_true", help="do not wait for the workers")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            job = description_job_create(
                products=_products(options["skus"]),
                again=options["again"],
                only_without_text=options["only_without_text"],
                language=options["language"],
                model_version=_version(options["model_version"]),
                options={
                    "sources": [one for one in KnownSource.values if one not in options["without"]],
                    **({"length": options["length"]} if options["length"] else {}),
                    "slots": options["slot"],
                },
            )
        except JobRefused as error:
            raise CommandError(str(error)) from error
        if not options["no_wait"]:
            self._follow(job)
        self._report(job, as_json=options["json"])

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
                patience = CLOSING_SECONDS
                while job.is_open and (progress.left or patience > 0):
                    time.sleep(POLL_SECONDS)
                    progress = job_progress(job)
                    patience -= 0 if progress.left else POLL_SECONDS
                    bar.update(progress.total - progress.skipped - progress.left - bar.n)
                    job.refresh_from_db()
            except KeyboardInterrupt:
                bar.close()
                self.stderr.write(f"Not watching any more; {job} goes on.")

    def _report(self, job: DescriptionJob, *, as_json: bool) -> None:
        progress, findings = job_progress(job), job_findings(job)
        counts = _counts(progress)
        reasons = [*skips_by_reason(job).items(), *failures_by_reason(job).items()]
        if as_json:
            whole = {"job": job.pk, "state": job.state, **counts, **asdict(findings)}
            whole["reasons"] = {reason.value: count for reason, count in reasons}
            self.stdout.write(json.dumps(whole))
        else:
            shown = [f"{n} {word}" for word, n in counts.items() if n or word == "described"]
            self.stdout.write(f"{job}: {', '.join(shown).replace('_', ' ')}.")
            for reason, count in reasons:
                self.stdout.write(f"  {count} × {reason.label}")
            for count, words in zip(astuple(findings), FINDINGS, strict=True):
                if count:
                    self.stdout.write(f"  {count} × {words}")
        if progress.failed or job.state == JobState.FAILED:
            raise CommandError(f"{progress.failed} photos were not described.")


def _products(skus: list[str]) -> QuerySet[Product]:
    if not skus:
        return Product.objects.all()
    if unknown := skus_unknown(skus):
        raise CommandError(f"There is no product {', '.join(sorted(unknown))}.")
    return Product.objects.filter(sku__in=skus)


def _version(name: str | None) -> ModelVersion | None:
    if name is None:
        return None
    version = ModelVersion.objects.filter(name=name).first()
    if version is None:
        known = ", ".join(ModelVersion.objects.values_list("name", flat=True)) or "none"
        raise CommandError(f"There is no model version {name}; known: {known}.")
    return version


def _counts(progress: JobProgress) -> dict[str, int]:
    return {
        "described": progress.done,
        "not_recognised": progress.not_recognised,
        "failed": progress.failed,
        "skipped": progress.skipped,
        "cancelled": progress.cancelled,
        "waiting": progress.left,
    }
