"""What services refuse becomes a message to the person who asked, never a server error."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.contrib import messages
from django.http import HttpRequest

from catalog.exceptions import CatalogError


@contextmanager
def refusals_as_messages(request: HttpRequest, *, about: str = "") -> Iterator[None]:
    """Turn a `CatalogError` of the block into an error message, which begins with `about`."""
    try:
        yield
    except CatalogError as error:
        messages.error(request, f"{about}: {error}" if about else str(error))
