"""Imports a folder: `python manage.py import_products FOLDER [--publish]`."""

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from catalog.exceptions import ImportRefused
from catalog.services.import_now import products_import


class Command(BaseCommand):
    help = (
        "Import a folder of photos named by SKU (SKU.jpg, SKU_1.jpg, …), or one with a "
        "metadata.jsonl. Ends with 0 also when some photos were refused: each is listed, with why."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("source", type=Path, help="the folder")
        parser.add_argument("--publish", action="store_true", help="show them to storefronts")

    def handle(self, *args: Any, **options: Any) -> None:
        bar = tqdm(desc="Importing", unit="photo", file=sys.stderr, disable=None)

        def progress(done: int, total: int) -> None:
            bar.total = total
            bar.update(done - bar.n)

        try:
            with bar:
                report = products_import(
                    source=options["source"], publish=options["publish"], progress=progress
                )
        except ImportRefused as error:
            raise CommandError(str(error)) from error
        for name, reason in report.refused:
            self.stderr.write(f"refused: {name}: {reason}")
        self.stdout.write(
            f"{report.created} products created, {report.updated} updated, "
            f"{report.images} photos added, {len(report.refused)} refused."
        )
