"""Reads photos and tables from a ZIP file that may be hostile.

Its table of contents is checked before anything is unpacked, sizes are counted while unpacking, and
no file is ever written under a name from the ZIP.
"""

import stat
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from catalog.exceptions import ImportRefused, PhotoRefused
from catalog.tables.record import TableRow, readable

MOST_MEMBERS = 50_000
#: Bytes of all members, unpacked.
LARGEST_TOTAL = 50_000_000_000
#: Packing hardly shrinks photos, and tables by less than this; ZIP bombs shrink by thousands.
HIGHEST_RATIO = 200
_SMALL = 1_000_000  # bytes; a high ratio of less is harmless
_ENCRYPTED = 0x1


def archive_open(path: Path) -> zipfile.ZipFile:
    """Open a ZIP file and check its table of contents. Raises `ImportRefused`."""
    try:
        archive = zipfile.ZipFile(path)
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        raise ImportRefused(
            f"{path.name} is not a readable ZIP file: pack and upload it again."
        ) from error
    try:
        _check(archive, path.name)
    except BaseException:
        archive.close()
        raise
    return archive


def _check(archive: zipfile.ZipFile, name: str) -> None:
    members = archive.infolist()
    if len(members) > MOST_MEMBERS:
        raise ImportRefused(
            f"{name} holds {len(members):,} files; up to {MOST_MEMBERS:,} are allowed: split it."
        )
    unpacked = sum(member.file_size for member in members)
    packed = sum(member.compress_size for member in members)
    if unpacked > LARGEST_TOTAL or unpacked > max(packed, _SMALL) * HIGHEST_RATIO:
        raise ImportRefused(f"{name} unpacks to far more than it holds, as ZIP bombs do.")


def archive_members(archive: zipfile.ZipFile) -> Iterator[zipfile.ZipInfo | TableRow]:
    """The files inside, by name, without folders and hidden files.

    An unsafe one comes as a `TableRow` with line 0 and its name as the only cell.
    """
    seen: set[str] = set()
    for member in sorted(archive.infolist(), key=lambda member: member.filename):
        name = member.filename
        reason = _why_unsafe(member)
        if not reason and (member.is_dir() or _is_litter(name)):
            continue
        if not reason and name in seen:
            reason = "The ZIP file holds two files of this name."
        seen.add(name)
        yield TableRow(0, [readable(name)], reason) if reason else member


def member_read(archive: zipfile.ZipFile, name: str, *, limit: int) -> bytes:
    """The bytes of a member, up to `limit` + 1 of them. Raises `PhotoRefused` if it is damaged."""
    try:
        member = archive.getinfo(name)
    except KeyError as error:
        raise PhotoRefused(f"{name} is not in the ZIP file.") from error
    reason = _why_unsafe(member)
    if reason:
        raise PhotoRefused(f"{name}: {reason}")
    try:
        with archive.open(member) as file:
            return file.read(limit + 1)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError) as error:
        raise PhotoRefused(f"{name} cannot be unpacked: it is damaged. Pack it again.") from error


def member_save(archive: zipfile.ZipFile, name: str, target: Path, *, limit: int) -> None:
    """Unpack one member to a path of ours. Raises `ImportRefused` past `limit` bytes."""
    written = 0
    try:
        with archive.open(name) as file, target.open("wb") as copy:
            while piece := file.read(1 << 20):
                written += len(piece)
                if written > limit:
                    raise ImportRefused(f"{name} in the ZIP file is larger than {limit:,} bytes.")
                copy.write(piece)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError) as error:
        raise ImportRefused(f"{name} in the ZIP file is damaged: pack it again.") from error


def _is_litter(name: str) -> bool:
    parts = PurePosixPath(name).parts
    return "__MACOSX" in parts or (bool(parts) and parts[-1].startswith("."))


def _why_unsafe(member: zipfile.ZipInfo) -> str:
    name = member.filename.replace("\\", "/")
    if name.startswith("/") or name[1:2] == ":" or ".." in PurePosixPath(name).parts:
        return "Its name points outside the ZIP file."
    if stat.S_ISLNK(member.external_attr >> 16):
        return "It is a link, not a file."
    if member.flag_bits & _ENCRYPTED:
        return "It is encrypted: pack it without a password."
    return ""
