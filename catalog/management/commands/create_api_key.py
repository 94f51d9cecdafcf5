"""`manage.py create_api_key NAME --scope read`: a key of the API, printed once."""

from datetime import timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from catalog.models import ApiScope
from catalog.models.api import DEFAULT_RATE
from catalog.services.api_keys import api_key_create


class Command(BaseCommand):
    help = "Create an API key and print it. Only its digest is stored: it cannot be shown again."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", help="what the key is for")
        parser.add_argument(
            "--scope",
            action="append",
            choices=ApiScope.values,
            help="what the key may do; repeat the option for more scopes (default: read)",
        )
        parser.add_argument("--days", type=int, help="days until it expires (default: never)")
        parser.add_argument(
            "--rate",
            type=int,
            default=DEFAULT_RATE,
            help="requests per minute (default: %(default)s)",
        )

    def handle(self, *args: object, name: str, rate: int, **options: Any) -> None:
        days = options["days"]
        if rate < 1 or (days is not None and not 1 <= days <= 36_500):
            raise CommandError("Give a rate of 1 or more, and 1 to 36,500 days.")
        try:
            _, text = api_key_create(
                name=name,
                scopes=options["scope"] or [ApiScope.READ.value],
                lasts=timedelta(days=days) if days is not None else None,
                rate=rate,
            )
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        self.stdout.write(text)
