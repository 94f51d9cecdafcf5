"""Fetches a photo by its address."""

from datetime import datetime

from catalog.exceptions import PhotoRefused


class FetchLater(Exception):
    """The address may answer another time; the message says why it did not now."""

    whole_host = False

    def due_at(self, *, attempts: int) -> datetime:
        """When to try again after so many attempts."""
        raise NotImplementedError


def photo_fetch(address: str) -> bytes:
    """The bytes at an address."""
    raise PhotoRefused(f"{address} cannot be fetched yet.")
