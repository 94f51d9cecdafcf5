"""Tells the address of a photo from the name of a file."""

from urllib.parse import urlsplit

_LONGEST_HOST = 255


def address_host(name: str) -> str:
    """The host of an http or https address in small letters; empty for a file's name."""
    if not name.lower().startswith(("http://", "https://", "//")):
        return ""
    try:
        host = urlsplit(name).hostname
    except ValueError:
        host = None
    # An address that cannot be understood is still no file: its fetch will say what is wrong.
    return (host or "?")[:_LONGEST_HOST]
