"""Lets look-alikes be found among old photos: `python manage.py fill_looks`."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from catalog.services.looks import looks_fill, looks_missing


class Command(BaseCommand):
    help = (
        "Give a look to photos that have none: the review desk finds look-alikes by it. "
        "Safe to stop and to repeat. Mirrors see these products as changed."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        filled, unreadable = 0, []
        with tqdm(total=looks_missing(), unit="photo", disable=None) as bar:
            for chunk in looks_fill():
                filled += chunk.filled
                unreadable += [str(image) for image in chunk.unreadable]
                bar.update(chunk.filled + len(chunk.unreadable))
        self.stdout.write(f"{filled} photos have their look now.")
        if unreadable:
            raise CommandError(
                f"{len(unreadable)} thumbnails cannot be read; upload these photos again: "
                + ", ".join(unreadable[:20])
                + (" …" if len(unreadable) > 20 else "")
            )
