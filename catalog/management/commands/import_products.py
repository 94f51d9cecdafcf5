"""Imports products: `python manage.py import_products SOURCE [--publish] [--dry-run]`."""

import json
import sys
from argparse import ArgumentParser, ArgumentTypeError
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from catalog.choices import ConflictUse, DescriptionUse
from catalog.exceptions import ImportRefused
from catalog.importing.now import ImportReport, products_import
from catalog.importing.staging import faulty_rows_csv
from catalog.tables.formats.plain import TARGETS


class Command(BaseCommand):
    help = (
        "Import a table (CSV, TSV, XLSX, XML feed) of MODA, Shopify (products or "
        "translations), WooCommerce, Magento 2 or Google Merchant, a ZIP file with photos, a "
        "folder of photos named by SKU (SKU.jpg, "
        "SKU_1.jpg, …), or a folder with a metadata.jsonl. Exits with 0 even if some rows or "
        "photos are refused, and lists each with the reason."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("source", type=Path, help="file or folder")
        parser.add_argument("--publish", action="store_true", help="publish the products")
        parser.add_argument("--dry-run", action="store_true", help="only show what would change")
        parser.add_argument(
            "--descriptions",
            choices=DescriptionUse.values,
            help="what descriptions become (default: approved; of a folder: ignore)",
        )
        parser.add_argument(
            "--language",
            default="",
            help="language of titles, attributes and descriptions (default: the shop's); in any "
            "other they are stored as translations",
        )
        parser.add_argument(
            "--conflicts",
            choices=ConflictUse.values,
            default=ConflictUse.OURS,
            help="what counts where the file and somebody here changed a fact since the last "
            "import (default: ours)",
        )
        parser.add_argument(
            "--encoding", default="", help="encoding of a text file, if detection fails"
        )
        parser.add_argument(
            "--map",
            type=_pair,
            action="append",
            default=[],
            metavar="COLUMN=FACT",
            help=f"for each column of a table of an unknown shop; facts: {', '.join(TARGETS)[2:]}",
        )
        parser.add_argument(
            "--json", action="store_true", help="print the outcome as JSON, for a program"
        )
        parser.add_argument("--faulty", type=Path, help="write refused rows to this CSV file")

    def handle(self, *args: Any, **options: Any) -> None:
        bar = tqdm(desc="Importing", unit="photo", file=sys.stderr, disable=None)

        def progress(done: int, total: int) -> None:
            bar.total = total
            bar.update(done - bar.n)

        try:
            with bar:
                report = products_import(
                    source=options["source"],
                    publish=options["publish"],
                    descriptions=_description_use(options["descriptions"], options["source"]),
                    language=options["language"],
                    encoding=options["encoding"],
                    conflicts=ConflictUse(options["conflicts"]),
                    mapping=dict(options["map"]),
                    dry_run=options["dry_run"],
                    progress=progress,
                )
        except ImportRefused as error:
            raise CommandError(str(error)) from error
        if options["json"]:
            self.stdout.write(json.dumps(report.as_json(), ensure_ascii=False))
        else:
            self._report(report, dry_run=options["dry_run"])
        if options["faulty"]:
            with options["faulty"].open("w", encoding="utf-8", newline="") as file:
                file.writelines(faulty_rows_csv(report.product_import))

    def _report(self, report: ImportReport, *, dry_run: bool) -> None:
        refused = report.refused
        for name, reason in refused:
            self.stderr.write(f"refused: {name}: {reason}")
        if dry_run:
            self.stdout.write(
                f"{report.created} products are new, {report.updated} would change, "
                f"{report.unchanged} stay, {len(refused)} refused. Apply it on the page of "
                f"{report.product_import} in the admin, or run this again without --dry-run."
            )
            return
        self.stdout.write(
            f"{report.created} products created, {report.updated} updated, "
            f"{report.images} photos added, {len(refused)} refused."
        )


def _description_use(asked: str | None, source: Path) -> DescriptionUse:
    """By default the texts of a table are imported, and those of a folder of photos are not."""
    if asked is not None:
        return DescriptionUse(asked)
    return DescriptionUse.IGNORE if source.is_dir() else DescriptionUse.APPROVED


def _pair(text: str) -> tuple[str, str]:
    column, equals, fact = text.rpartition("=")
    if not equals or fact not in TARGETS:
        raise ArgumentTypeError(f"{text!r} is not COLUMN=FACT with one of the facts.")
    return column, fact
