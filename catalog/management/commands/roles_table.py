"""The roles of this catalog with what each may do, printed, or written into a document."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from catalog.admin.roles import document_with_tables, roles_tables


class Command(BaseCommand):
    """Asks every page of the admin, so it also tells of groups that a shop has made itself."""

    help = "Print which role may do what, as tables."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--write", metavar="FILE", help="replace the tables in this document")

    def handle(self, *args: Any, **options: Any) -> None:
        if not options["write"]:
            self.stdout.write(roles_tables())
            return
        path = Path(options["write"])
        try:
            written = document_with_tables(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise CommandError(str(error)) from error
        path.write_text(written, encoding="utf-8")
