"""Looks at sources that come by themselves, and deals with what became of their imports.

A look is conditional: a file that its server calls unchanged, or whose sum is the same as the last
time, makes no import. A file is downloaded in full before anything of it is read, so one that
changes or breaks off on its way is refused as a whole.
"""

import base64
import logging
import shutil
import time
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path, PurePosixPath
from secrets import token_hex
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction

from catalog.choices import ConflictUse, DescriptionUse, ImportState
from catalog.exceptions import (
    FetchRefused,
    ImportRefused,
    LeaseLost,
    SealBroken,
    TransitionRefused,
)
from catalog.fetching import download
from catalog.importing.services import (
    LARGEST_UPLOAD,
    import_path_check,
    product_import_apply,
    product_import_create,
)
from catalog.importing.staging import upload_folder
from catalog.models import ImportSource, ProductImport
from catalog.sealing import unsealed
from catalog.transitions import import_source as transitions

logger = logging.getLogger(__name__)

#: Seconds that a download may take in all.
DOWNLOAD_SECONDS = 900
#: A file in a folder is left alone until it has not changed for so many seconds: it may be half.
SETTLED_SECONDS = 30
#: From so many products on, a file of mostly new or faulty ones waits for a person.
_KNOWN_SHOP = 10
_WAITS = "Its columns are not known: say what they hold, and the next file is read in the same way."
_SURPRISE = (
    "More than half of the products are new or faulty, as where a shop has renamed its SKUs. "
    "Nothing was applied: look at the dry run, and apply or cancel it."
)
_HTML = (b"<!doctype html", b"<html")


def source_run_one() -> bool:
    """Lease one source that is due and look at it; False if none is due."""
    source = transitions.import_source_lease(seconds=DOWNLOAD_SECONDS + settings.LEASE_SECONDS)
    if source is None:
        return False
    try:
        _look(source)
    except LeaseLost as lost:
        logger.warning("Nothing more was written: %s", lost)
    except (FetchRefused, ImportRefused, SealBroken) as error:
        _failed(source, str(error))
    except OSError as error:
        logger.exception("%s failed", source)
        _failed(source, f"The source cannot be read: {error.strerror or type(error).__name__}.")
    return True


def sources_settle() -> None:
    """Apply the dry runs that sources may apply by themselves, and report what has ended."""
    waiting = ImportSource.objects.exclude(last_import=None).select_related("last_import")
    states = (*transitions.ENDED, ImportState.MAPPING, ImportState.CHECKED)
    for source in waiting.filter(last_import__state__in=states):
        if source.last_import is not None and source.settled != source.last_import.state:
            _settle(source, source.last_import)


def _look(source: ImportSource) -> None:
    if source.path:
        _look_at_path(source)
        return
    folder = upload_folder() / token_hex(16)
    folder.mkdir(parents=True)
    try:
        taken = _look_at_address(source, folder)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    if not taken:
        shutil.rmtree(folder, ignore_errors=True)


def _look_at_address(source: ImportSource, folder: Path) -> bool:
    """Download the file and begin its import; False where it is the same as the last time."""
    target = folder / f"source{_suffix(source.url)}"
    found = download(
        source.url,
        target=target,
        largest=LARGEST_UPLOAD,
        seconds=DOWNLOAD_SECONDS,
        headers=_headers(source),
    )
    if found is None or found.digest == source.digest:
        _unchanged(source)
        return False
    with target.open("rb") as file:
        if file.read(200).lstrip(b"\xef\xbb\xbf \t\r\n").lower().startswith(_HTML):
            raise ImportRefused(
                "The address answered with a web page instead of a file, often a page to log in: "
                "check the address, the user and the password."
            )
    name = PurePosixPath(unquote(urlsplit(source.url).path)).name or source.name
    _begin(source, target, name, digest=found.digest, etag=found.etag[:500],
           last_modified=found.last_modified[:100])  # fmt: skip
    return True


def _look_at_path(source: ImportSource) -> None:
    path = import_path_check(source.path)
    digest, changed_at = _stamp(path)
    if digest == source.digest:
        _unchanged(source)
    elif time.time() - changed_at < SETTLED_SECONDS:
        transitions.import_source_looked(
            source=source, message="The file is still being written; the next look takes it."
        )
    else:
        _begin(source, path, path.name, digest=digest)


def _begin(source: ImportSource, path: Path, name: str, **seen: str) -> None:
    with transaction.atomic():
        product_import = product_import_create(
            path=path,
            name=name,
            actor=source.created_by,
            uploaded=not source.path,
            descriptions=DescriptionUse(source.descriptions),
            language=source.language,
            publish=source.publish,
            encoding=source.encoding,
            conflicts=ConflictUse(source.conflicts),
        )
        transitions.import_source_looked(
            source=source, last_import=product_import, settled="", message="", **seen
        )
    logger.info("%s has a new file: %s", source, product_import)


def _unchanged(source: ImportSource) -> None:
    transitions.import_source_looked(
        source=source, failures=0, message="The file has not changed since its last import."
    )


def _settle(source: ImportSource, product_import: ProductImport) -> None:
    state, message = product_import.state, ""
    values: dict[str, int] = {}
    if state == ImportState.COMPLETED:
        message = _counts(product_import)
        values = {"failures": 0, "completed": source.completed + 1}
    elif state == ImportState.MAPPING:
        message = _WAITS
    elif state == ImportState.CHECKED:
        message = _dry_run_message(source, product_import)
    if not transitions.import_source_settle(source=source, state=state, message=message, **values):
        return
    if state == ImportState.FAILED:
        _failed(source, product_import.message)
    elif state == ImportState.CHECKED and not message:
        try:
            product_import_apply(product_import=product_import, actor=None)
        except TransitionRefused as refused:
            logger.warning("%s was not applied: %s", product_import, refused)
    elif state != ImportState.CANCELLED:
        _report(source, message)


def _dry_run_message(source: ImportSource, product_import: ProductImport) -> str:
    """Why a dry run waits for a person; empty where it is applied now."""
    if not source.apply:
        return f"The dry run waits to be applied. {_counts(product_import)}"
    strange = product_import.new_count + product_import.faulty_count
    total = strange + product_import.changed_count + product_import.unchanged_count
    return _SURPRISE if source.completed and total >= _KNOWN_SHOP and 2 * strange > total else ""


def _failed(source: ImportSource, message: str) -> None:
    stopped = transitions.import_source_fail(source=source, message=message)
    if stopped:
        message += " This was the last try: the source is stopped until somebody starts it again."
    _report(source, message)


def _report(source: ImportSource, message: str) -> None:
    """Mail it to whom the source names. A mail that cannot be sent holds nothing up."""
    if not source.report_to:
        return
    subject = f"MODA: {source.name}".replace("\n", " ").replace("\r", " ")
    try:
        send_mail(subject, message, None, [source.report_to])
    except OSError:
        logger.exception("The report on %s could not be mailed", source)


def _counts(product_import: ProductImport) -> str:
    row = product_import
    return (
        f"{row} ({row.name}): {row.new_count} new, {row.changed_count} changed, "
        f"{row.unchanged_count} unchanged, {row.faulty_count} faulty."
    )


def _headers(source: ImportSource) -> dict[str, str]:
    headers = {}
    if source.etag:
        headers["If-None-Match"] = source.etag
    if source.last_modified:
        headers["If-Modified-Since"] = source.last_modified
    if source.user or source.sealed_password:
        pair = f"{source.user}:{unsealed(source.sealed_password)}"
        headers["Authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
    return headers


def _suffix(url: str) -> str:
    suffix = PurePosixPath(unquote(urlsplit(url).path)).suffix.lower()
    return suffix if suffix[1:].isascii() and suffix[1:].isalnum() and len(suffix) <= 6 else ""


def _stamp(path: Path) -> tuple[str, float]:
    """A sum of the names, sizes and times of a file or of all in a folder; the latest time."""
    digest, latest = sha256(), 0.0
    for file in sorted(_files(path)):
        status = file.stat()
        latest = max(latest, status.st_mtime)
        digest.update(repr((str(file), status.st_size, status.st_mtime_ns)).encode())
    return digest.hexdigest(), latest


def _files(path: Path) -> Iterator[Path]:
    return (file for file in path.rglob("*") if file.is_file()) if path.is_dir() else iter([path])
