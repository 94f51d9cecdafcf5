"""`manage.py restore`: checks a back-up, or puts it in place of what is here."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from catalog.backups.manifest import BackupRefused
from catalog.backups.place import BackupPlace, identity_read
from catalog.backups.services import backup_check, backup_restore
from catalog.management.commands.backup import place_named


class Command(BaseCommand):
    help = (
        "Restore a back-up: stop web and workers first. All of it is checked before anything "
        "changes; then the database is brought up to this version. --list shows what there is, "
        "--check only reads and compares."
    )
    # The database may be empty, or of an older version.
    requires_migrations_checks = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "place",
            nargs="?",
            default=settings.BACKUP_PLACE,
            help="absolute path of a folder, or s3://BUCKET/FOLDER (default: MODA_BACKUP_PLACE)",
        )
        parser.add_argument("--backup", metavar="NAME", help="which one (default: the last)")
        parser.add_argument(
            "--identity", type=Path, metavar="FILE", help="private key of an encrypted back-up"
        )
        parser.add_argument("--replace", action="store_true", help="overwrite what is here")
        only = parser.add_mutually_exclusive_group()
        only.add_argument("--check", action="store_true", help="compare every SHA-256, no more")
        only.add_argument("--list", action="store_true", help="list the back-ups, no more")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            self._handle(options)
        except BackupRefused as error:
            raise CommandError(str(error)) from error

    def _handle(self, options: dict[str, Any]) -> None:
        identity = identity_read(options["identity"]) if options["identity"] else None
        place = BackupPlace(place_named(options["place"]), identity=identity)
        identifiers = place.identifiers()
        if not identifiers:
            raise CommandError(f"{place.address} holds no back-up.")
        if options["list"]:
            for one in identifiers:
                self.stdout.write(f"{one} of version {place.manifest(one).version}")
            return
        identifier = options["backup"] or identifiers[-1]
        if options["check"]:
            manifest = backup_check(place, identifier)
            self.stdout.write(f"{identifier}: all {len(manifest.contents())} contents are intact.")
            return
        restored = backup_restore(place, identifier, replace=options["replace"])
        if restored.differences:
            raise CommandError(
                "Restored, but not all is as it was backed up:\n" + "\n".join(restored.differences)
            )
        rows = sum(restored.manifest.rows.values())
        self.stdout.write(
            f"Restored {identifier}: {rows} rows, {restored.files_written} files written; "
            "no difference."
        )
