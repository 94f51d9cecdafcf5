"""What a person may do with sources that come by themselves: save one, start it, stop it."""

from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from catalog import wakeups
from catalog.exceptions import ImportRefused
from catalog.fetching import url_check
from catalog.importing.services import import_path_check, language_chosen
from catalog.models import ImportSource
from catalog.sealing import sealed
from catalog.transitions import import_source as transitions


def import_source_check(source: ImportSource, *, password: str) -> None:
    """Raises `FetchRefused` or `ImportRefused` for a place that may not be looked at."""
    language_chosen(source.language)
    if not source.url:
        import_path_check(source.path)
        return
    url_check(source.url)
    is_secret = bool(source.user or password or source.sealed_password)
    if is_secret and urlsplit(source.url).scheme != "https" and not settings.FETCH_LOOPBACK:
        raise ImportRefused(_("Give an https address: others could read the password on its way."))


def import_source_save(
    *, source: ImportSource, password: str = "", place_changed: bool = False
) -> ImportSource:
    """Save a source and look at it at once. An empty password keeps the former one.

    Where its place has changed (`place_changed`), the former password goes: it is not for another
    server.
    """
    if place_changed:
        source.sealed_password = ""
    if password:
        source.sealed_password = sealed(password)
    with transaction.atomic():
        source.save()
        transitions.import_source_start(source=source)
        transaction.on_commit(wakeups.wake_imports)
    return source


def import_source_start(*, source: ImportSource) -> None:
    """Look at a source at once, also at one that was stopped."""
    with transaction.atomic():
        transitions.import_source_start(source=source)
        transaction.on_commit(wakeups.wake_imports)
