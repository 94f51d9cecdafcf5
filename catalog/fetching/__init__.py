"""Requests to addresses that strangers name: only the public internet, within size and time.

`fetch` reads a file, `send` delivers a message. Both raise `FetchRefused` with a sentence.
"""

from catalog.fetching.client import Answer, Fetched, fetch, send

__all__ = ["Answer", "Fetched", "fetch", "send"]
