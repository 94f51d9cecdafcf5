"""Requests to addresses that strangers name: only the public internet, within size and time.

`fetch` reads a file, `download` writes one to disk, `send` delivers a message. All raise
`FetchRefused` with a sentence.
"""

import socket
import unicodedata
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from ipaddress import ip_address
from pathlib import Path
from typing import BinaryIO
from urllib.parse import urlsplit

import requests
from django.conf import settings
from urllib3.exceptions import HTTPError

from catalog.exceptions import FetchRefused
from catalog.fetching.session import (
    AddressNotPublic,
    Deadline,
    address_is_public,
    guarded_session,
)

LONGEST_URL = 2_000
_CHUNK = 64 * 1024
_NOT_PUBLIC = "The address is not on the public internet, or leads to one that is not."
#: Endings of names that no public name server knows.
_PRIVATE_NAMES = (
    ".internal", ".local", ".home.arpa", ".lan", ".home", ".corp", ".intranet", ".private",
    ".localdomain",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Fetched:
    """A file as it was sent. `url` is its address after all redirects."""

    content: bytes
    content_type: str
    url: str


@dataclass(frozen=True, slots=True)
class Answer:
    """The status of an answer, and the first bytes of its body as text."""

    status: int
    excerpt: str


@dataclass(frozen=True, slots=True)
class Downloaded:
    """A file that was written to disk. `etag` and `last_modified` are as the server sent them."""

    digest: str
    content_type: str
    etag: str
    last_modified: str
    url: str


def fetch(url: str, *, largest: int, seconds: float) -> Fetched:
    """The file at `url`: at most `largest` bytes, within `seconds` in all, redirects included.

    Raises `FetchRefused`, with a sentence for the person who gave the address, if it is no http(s)
    address of the public internet, redirects to one that is not, answers anything but 200, or is
    too large or too slow. The system resolves names, with a time-out of its own.
    """
    headers = {"Accept-Encoding": "identity"}  # a compressed answer could be a bomb
    with _request("GET", url, seconds=seconds, redirects=True, headers=headers) as response:
        _file_check(response)
        return Fetched(
            content=b"".join(_chunks(response, largest)),
            content_type=response.headers.get("Content-Type", ""),
            url=response.url,
        )


def download(
    url: str, *, target: Path, largest: int, seconds: float, headers: Mapping[str, str]
) -> Downloaded | None:
    """Write the file at `url` to `target`; None where the server says that it has not changed.

    `headers` may hold a password and the conditions `If-None-Match` and `If-Modified-Since`. A
    redirect to another host loses the password. Raises `FetchRefused` as `fetch` does; `target` may
    then hold a part of the file.
    """
    sent = {**headers, "Accept-Encoding": "identity"}
    with _request("GET", url, seconds=seconds, redirects=True, headers=sent) as response:
        status = response.status_code
        if status == 304:
            return None
        if status in (401, 403):
            message = f"The address answered {status}: its user or password is missing or wrong."
            raise FetchRefused(message, status=status)
        _file_check(response)
        digest = sha256()
        with target.open("wb") as file:
            for chunk in _chunks(response, largest):
                digest.update(chunk)
                _store(file, chunk)
        return Downloaded(
            digest=digest.hexdigest(),
            content_type=response.headers.get("Content-Type", ""),
            etag=response.headers.get("ETag", ""),
            last_modified=response.headers.get("Last-Modified", ""),
            url=response.url,
        )


def _store(file: BinaryIO, chunk: bytes) -> None:
    try:
        file.write(chunk)
    except OSError as error:  # ours, not the address's
        raise FetchRefused(f"The file could not be stored: {error.strerror}.") from error


def send(url: str, *, body: bytes, headers: Mapping[str, str], seconds: float) -> Answer:
    """POST `body` to `url`, following no redirect. Raises `FetchRefused` as `fetch` does.

    Any status is an answer; only the first 500 bytes of its body are read.
    """
    with _request(
        "POST", url, seconds=seconds, redirects=False, headers=headers, data=body
    ) as response:
        words = response.raw.read(500, decode_content=False)
        return Answer(response.status_code, words.decode(errors="replace").replace("\0", ""))


def url_check(url: str) -> None:
    """Refuse what is no web address, and what names a private one as it stands.

    Where a name leads is found out when it is connected to.
    """
    try:
        parts = urlsplit(url)
        named = parts.hostname and parts.port != 0
    except ValueError:
        named = None
    if not named or parts.scheme not in ("http", "https") or len(url) > LONGEST_URL:
        raise FetchRefused("Give an http or https address of at most 2,000 characters.")
    if parts.username is not None or parts.password is not None:
        raise FetchRefused("Give an address without a name and password in it.")
    host = _plain_host(parts.hostname or "")
    is_loopback = host == "localhost" or host.endswith(".localhost")
    try:
        is_public = address_is_public(host)
        is_loopback = is_loopback or ip_address(host).is_loopback
    except ValueError:  # a name; without a dot it is one of this network alone
        is_public = "." in host and not is_loopback and not host.endswith(_PRIVATE_NAMES)
    if not (is_public or (is_loopback and settings.FETCH_LOOPBACK)):
        raise FetchRefused(_NOT_PUBLIC)


def _plain_host(host: str) -> str:
    """The host as it is connected to: `127.1`, `0x7f000001` and `①②⑦.0.0.1` are 127.0.0.1."""
    host = unicodedata.normalize("NFKC", host).rstrip(".").lower()
    try:
        return socket.inet_ntoa(socket.inet_aton(host))
    except OSError:
        return host


@contextmanager
def _request(
    method: str,
    url: str,
    *,
    seconds: float,
    redirects: bool,
    headers: Mapping[str, str],
    data: bytes | None = None,
) -> Iterator[requests.Response]:
    """An open answer with an unread body. Every error becomes `FetchRefused`."""
    url_check(url)
    with Deadline(seconds) as deadline:
        try:
            with (
                guarded_session(
                    deadline=deadline,
                    allow_loopback=settings.FETCH_LOOPBACK,
                    redirects=redirects,
                ) as session,
                session.request(
                    method, url, headers=dict(headers), data=data, stream=True
                ) as response,
            ):
                yield response
            if deadline.passed:  # an answer that was cut off may look complete
                raise FetchRefused(_too_slow(deadline), unreachable=True)
        except AddressNotPublic as error:
            raise FetchRefused(_NOT_PUBLIC) from error
        except (requests.RequestException, HTTPError, OSError, ValueError) as error:
            broke_off = isinstance(error, requests.ConnectionError | requests.Timeout | HTTPError)
            untrusted = isinstance(error, requests.exceptions.SSLError)
            no_host = isinstance(error.__cause__, socket.gaierror)
            raise FetchRefused(
                _reason(error, deadline),
                unreachable=deadline.passed or (broke_off and not untrusted),
                no_host=no_host,
            ) from error


def _file_check(response: requests.Response) -> None:
    """Refuse an answer that is no file, or a compressed one."""
    if response.status_code != 200:
        status = response.status_code
        message = f"The address answered {status} instead of a file."
        raise FetchRefused(message, status=status)
    if response.headers.get("Content-Encoding", "identity") != "identity":
        raise FetchRefused("The address sent a compressed answer, which was not asked for.")


def _chunks(response: requests.Response, largest: int) -> Iterator[bytes]:
    """The body in pieces. Refused as soon as it is larger than `largest` bytes, or says so."""
    too_large = FetchRefused(f"The file is larger than {largest / 1_000_000:.0f} MB.")
    announced = response.headers.get("Content-Length", "")
    if announced.isdigit() and int(announced[:20]) > largest:
        raise too_large
    read = 0
    for chunk in response.raw.stream(_CHUNK, decode_content=False):
        read += len(chunk)
        if read > largest:
            raise too_large
        yield chunk


_NO_ADDRESS = "This is no address that can be reached."
_REASONS: dict[type[Exception], str] = {
    requests.TooManyRedirects: "The address redirects too often.",
    requests.exceptions.InvalidSchema: (
        "The address redirects to something that is neither http nor https."
    ),
    requests.exceptions.SSLError: "The address has no certificate that can be trusted.",
    requests.exceptions.InvalidURL: _NO_ADDRESS,
    UnicodeError: _NO_ADDRESS,
}


def _reason(error: Exception, deadline: Deadline) -> str:
    """A sentence for the asker that says nothing about our own network."""
    if deadline.passed or isinstance(error, requests.Timeout):
        return _too_slow(deadline)
    if isinstance(error.__cause__, socket.gaierror):
        return "The host of the address cannot be found."
    reasons = (reason for kind, reason in _REASONS.items() if isinstance(error, kind))
    return next(reasons, "The address could not be reached, or broke off its answer.")


def _too_slow(deadline: Deadline) -> str:
    return f"The address did not answer in full within {deadline.seconds:g} seconds."
