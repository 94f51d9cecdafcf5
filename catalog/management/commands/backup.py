"""`manage.py backup`: database, photos and models, each read back, to a folder or bucket."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from catalog.backups.manifest import BackupRefused
from catalog.backups.place import BackupPlace, recipient_read
from catalog.backups.services import backup_create


class Command(BaseCommand):
    help = (
        "Back up database, photos and models while the installation works. Each file is stored "
        "once and read back; older back-ups than the last --keep are deleted. Not backed up: the "
        "settings and MODA_SECRET_KEY; keep them with your passwords."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "place",
            nargs="?",
            default=settings.BACKUP_PLACE,
            help="absolute path of a folder, or s3://BUCKET/FOLDER (default: MODA_BACKUP_PLACE)",
        )
        parser.add_argument(
            "--keep",
            type=int,
            default=settings.BACKUP_KEEP,
            help="back-ups that stay (default: MODA_BACKUP_KEEP, %(default)s)",
        )
        parser.add_argument(
            "--recipient",
            default=settings.BACKUP_RECIPIENT,
            metavar="age1…",
            help="encrypt for this public key of age (default: MODA_BACKUP_RECIPIENT)",
        )

    def handle(self, *args: Any, place: str, keep: int, recipient: str, **options: Any) -> None:
        if keep < 1:
            raise CommandError("--keep must be 1 or more: the new back-up stays.")
        try:
            target = BackupPlace(place_named(place), recipient=recipient_read(recipient))
            manifest = backup_create(target)
            former = target.prune(keep=keep)
        except BackupRefused as error:
            raise CommandError(str(error)) from error
        files = sum(len(names) for names in manifest.files.values())
        rows = sum(manifest.rows.values())
        how = ", encrypted" if manifest.encrypted else ""
        self.stdout.write(f"Back-up {manifest.identifier}: {rows} rows, {files} files{how}.")
        for name in manifest.missing:
            self.stderr.write(f"The database names {name}, but storage does not have it.")
        for identifier in former:
            self.stdout.write(f"Deleted {identifier}: {keep} are kept.")


def place_named(place: str) -> str:
    """Raises `CommandError` where none is named."""
    if not place:
        raise CommandError(
            "Name a place: an absolute path or s3://BUCKET/FOLDER, here or in MODA_BACKUP_PLACE."
        )
    return place
