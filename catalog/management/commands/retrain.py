"""Trains the next model version: `python manage.py retrain [SKU …]`, and shows how it goes."""

import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from catalog.choices import TrainingRunState, TrainingWay
from catalog.exceptions import RetrainingRefused
from catalog.models import Product, TrainingRun
from catalog.selectors.training_captions import HELD_OUT_OF
from catalog.services.jobs import skus_unknown
from catalog.services.retraining import RetrainingPreview, retraining_preview, training_run_create

POLL_SECONDS = 0.5


class Command(BaseCommand):
    help = (
        "Start a training run on the approved captions of all products, or of the given ones, and "
        "show its log. Ctrl-C stops only the display; the run goes on. One caption in "
        f"{HELD_OUT_OF} is held out to judge the result. The exit status is 1 if the run failed."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "skus", nargs="*", metavar="SKU", help="products to learn from (default: all)"
        )
        parser.add_argument(
            "--dry-run", action="store_true", help="only show what would be learned"
        )
        parser.add_argument("--language", default="en", help="language of the texts (default: en)")
        which = parser.add_mutually_exclusive_group()
        which.add_argument("--brand", help="train an adapter for one brand")
        which.add_argument("--market", metavar="LANGUAGE", help="train an adapter for one market")
        parser.add_argument("--epochs", type=int, help="default: as in the recipe")
        parser.add_argument("--seed", type=int, default=0, help="random seed (default: 0)")
        parser.add_argument("--no-wait", action="store_true", help="do not wait for the host")

    def handle(self, *args: Any, **options: Any) -> None:
        kinds = [kind for kind in ("brand", "market") if options[kind]]
        scope = f"{kinds[0]}:{options[kinds[0]]}" if kinds else ""
        asked = {
            "products": Product.objects.filter(sku__in=options["skus"])
            if options["skus"]
            else None,
            "language": options["language"],
            "scope": scope,
            "way": TrainingWay.ADAPTER if scope else TrainingWay.FULL,
        }
        if unknown := skus_unknown(options["skus"]):
            raise CommandError(f"There is no product {', '.join(sorted(unknown))}.")
        self._say(retraining_preview(**asked))
        if options["dry_run"]:
            return
        more = {"epochs": options["epochs"]} if options["epochs"] else {}
        try:
            run = training_run_create(**asked, options={"seed": options["seed"], **more})
        except RetrainingRefused as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{run} was made.")
        if not options["no_wait"]:
            self._follow(run)

    def _say(self, preview: RetrainingPreview) -> None:
        self.stdout.write(
            f"{preview.captions} captions of {preview.products} products, {preview.held_out} more "
            f"held out, from {preview.base or 'no base'}."
        )
        for name, count in preview.by_category:
            self.stdout.write(f"  {count} × {name or 'without a category'}")
        for reason, count in preview.left_out.items():
            self.stdout.write(f"  {count} left out: {reason.label}")
        for other in preview.under_way:
            self.stderr.write(f"{other} from the same base is under way.")
        if not preview.hosts:
            self.stderr.write("No host answers: celery -A config worker -Q training --pool=solo")

    def _follow(self, run: TrainingRun) -> None:
        """Print the run's log as it grows, until the run has ended."""
        shown = 0
        try:
            while True:
                run.refresh_from_db()
                for line in run.log.filter(pk__gt=shown):
                    shown = line.pk
                    self.stdout.write(f"{line.at:%H:%M:%S} {line.host} {line.text}")
                if not run.is_open:
                    break
                time.sleep(POLL_SECONDS)
        except KeyboardInterrupt:
            self.stderr.write(f"Not watching any more; {run} goes on.")
            return
        if run.state != TrainingRunState.SUCCEEDED:
            raise CommandError(run.message or f"{run} was cancelled.")
        self.stdout.write(f"{run.version} is a candidate: judge and promote it in the admin.")
