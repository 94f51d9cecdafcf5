"""`manage.py replay_drafts`: write old drafts again; are they the same?"""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from catalog.models import Description
from catalog.workers.replay import Replayed, descriptions_replay


class Command(BaseCommand):
    help = (
        "Write the latest model drafts again on this machine, with the recorded version, photo, "
        "facts, options and arithmetic. The exit status is 1 unless all are identical."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "skus",
            nargs="*",
            metavar="SKU",
            help="products whose drafts are replayed (default: all)",
        )
        parser.add_argument("--count", type=int, default=200, help="most drafts (default: 200)")

    def handle(self, *args: Any, **options: Any) -> None:
        drafts = Description.objects.exclude(generated_standard="").order_by("-pk")
        if options["skus"]:
            drafts = drafts.filter(product__sku__in=options["skus"])
        chosen = list(
            drafts.select_related("model_version", "image", "product")[: options["count"]]
        )
        if not chosen:
            raise CommandError("There is no draft that a model wrote.")
        same = 0
        for replayed in descriptions_replay(chosen):
            same += replayed.is_identical
            if not replayed.is_identical:
                self._say(replayed)
        self.stdout.write(f"{same} of {len(chosen)} come out the same.")
        if same < len(chosen):
            raise CommandError(f"{len(chosen) - same} do not.")

    def _say(self, replayed: Replayed) -> None:
        name = f"{replayed.description.product.sku}, {replayed.description.numeric_mode or '?'}"
        if replayed.text is None:
            self.stdout.write(f"{name}: {replayed.problem}")
            return
        self.stdout.write(f"{name}: was  {replayed.description.generated_standard}")
        self.stdout.write(f"{name}: is   {replayed.text.standard}")
