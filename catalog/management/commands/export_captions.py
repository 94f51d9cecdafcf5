"""Writes captions for training: `python manage.py export_captions FILE.zip`."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from catalog.exporting.captions import captions_write
from catalog.models import Product


class Command(BaseCommand):
    help = (
        "Write approved texts and training captions, each with its product's main photo, as a "
        "packed imagefolder. Unpack it for `python -m moda_engine train --data`."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="ZIP file to write")
        parser.add_argument("--language", default="en", help="language of the texts (default: en)")

    def handle(self, *args: Any, file: Path, language: str, **options: Any) -> None:
        products = Product.objects.all()
        draft = file.with_name(f".{file.name}.draft")
        try:
            with tqdm(total=products.count(), unit="product", disable=None) as bar:
                captions_write(target=draft, products=products, language=language, told=bar.update)
            draft.replace(file)
        except OSError as error:
            raise CommandError(f"{file} cannot be written: {error.strerror}.") from error
        finally:
            draft.unlink(missing_ok=True)
        self.stdout.write(f"Captions are in {file}.")
