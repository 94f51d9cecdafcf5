"""Opens the source of an import: a table, a ZIP file with photos, or a folder."""

import re
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack
from enum import StrEnum
from functools import cached_property
from pathlib import Path

from catalog.exceptions import ImportRefused, PhotoRefused
from catalog.tables.archive import archive_members, archive_open, member_read, member_save
from catalog.tables.delimited import delimited_rows
from catalog.tables.feed import feed_rows
from catalog.tables.imagefolder import METADATA, metadata_rows, name_rows
from catalog.tables.record import TableRow, readable
from catalog.tables.spreadsheet import spreadsheet_rows

LARGEST_TABLE = 4_000_000_000  # bytes
PHOTO_SUFFIXES = (".jpg", ".jpeg", ".png", ".webp")
TABLE_SUFFIXES = (".csv", ".tsv", ".txt", ".xlsx", ".xml", ".jsonl")
_FIRST_ELEMENT = re.compile(
    rb"(?:<\?.*?\?>|<!--.*?-->|<!doctype[^>]*>|\s)*+<([a-z][\w.:-]*)", re.IGNORECASE | re.DOTALL
)
_HTML = b"html head body meta style script table tr div center".split()
_JSON = re.compile(rb'\{\s*["}]|\[\s*[\[{\]]')
_OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


class TableKind(StrEnum):
    """How a source gives its rows. The last two have formats of their own, the others any."""

    DELIMITED = "delimited"
    WORKBOOK = "workbook"
    FEED = "feed"
    METADATA = "metadata"
    NAMES = "names"


class Source(AbstractContextManager["Source"]):
    """One open source; a context manager.

    `kind` says how it gives its rows. Photos are read by the names in the rows, and only from the
    folder or ZIP file that holds the table.
    """

    def __init__(self, path: Path, *, encoding: str = "") -> None:
        """Raises `ImportRefused` if `path` has nothing that can be read."""
        self._path, self._encoding = path, encoding
        self._closing = ExitStack()
        self._archive: zipfile.ZipFile | None = None
        self._bad: list[TableRow] = []
        self._members: dict[str, str] = {}
        try:
            self._table, self.kind = self._open()
        except BaseException:
            self._closing.close()
            raise

    def __exit__(self, *error: object) -> None:
        self._closing.close()

    def rows(self) -> Iterator[TableRow]:
        """The header, then every row; unsafe members of a ZIP file come last."""
        match self.kind:
            case TableKind.DELIMITED:
                yield from delimited_rows(self._table, encoding=self._encoding)
            case TableKind.WORKBOOK:
                yield from spreadsheet_rows(self._table)
            case TableKind.FEED:
                yield from feed_rows(self._table)
            case TableKind.METADATA:
                yield from metadata_rows(self._table)
            case TableKind.NAMES:
                yield from name_rows(self._photo_files())
        yield from self._bad

    @cached_property
    def has_photos(self) -> bool:
        """Whether photos may lie beside the table; an uploaded table has none."""
        if self._archive is not None:
            return len(self._members) > 1
        if self._path.is_dir():
            return True
        beside = (entry for entry in self._path.parent.iterdir() if entry != self._path)
        return any(entry.is_dir() or entry.suffix.lower() in PHOTO_SUFFIXES for entry in beside)

    def photo_version(self, name: str) -> str:
        """A text that changes with the photo, without reading it; empty for a missing photo."""
        if self._archive is not None:
            return self._members.get(self._member_name(name), "")
        try:
            facts = self._photo_path(name).stat()
        except (PhotoRefused, OSError):
            return ""
        return f"{facts.st_size}-{facts.st_mtime_ns}"

    def photo_fault(self, name: str) -> str:
        """Why a photo is missing, without reading it; empty if it is there."""
        if self._archive is not None:
            known = self._member_name(name) in self._members
            return "" if known else "There is no such file in the ZIP file."
        try:
            return "" if self._photo_path(name).is_file() else "There is no such file."
        except PhotoRefused as error:
            return str(error)
        except OSError:
            return "There is no such file."

    def photo_read(self, name: str, *, limit: int) -> bytes:
        """The bytes of a photo, up to `limit` + 1. Raises `PhotoRefused`, `OSError`."""
        if self._archive is not None:
            return member_read(self._archive, self._member_name(name), limit=limit)
        path = self._photo_path(name)
        if not path.is_file():
            raise PhotoRefused("There is no such file.")
        with path.open("rb") as file:
            return file.read(limit + 1)

    @cached_property
    def _photo_folder(self) -> tuple[Path, Path]:
        """The folder of photos as it was named, and its resolved path."""
        folder = self._path if self._path.is_dir() else self._path.parent
        return folder, folder.resolve()

    def _photo_path(self, name: str) -> Path:
        folder, resolved = self._photo_folder
        path = folder / name
        hidden = any(part.startswith(".") for part in Path(name).parts)
        if not name or hidden or not path.resolve().is_relative_to(resolved):
            raise PhotoRefused("`file_name` does not name a file of this folder.")
        if not path.exists() and "?" in name:
            found = (entry for entry in folder.iterdir() if readable(entry.name) == name)
            path = next(found, path)
        return path

    def _member_name(self, name: str) -> str:
        """The name in the ZIP file; a table may leave out the folder around all files."""
        if name in self._members:
            return name
        found = [member for member in self._members if member.endswith(f"/{name}")]
        return found[0] if len(found) == 1 else name

    def _open(self) -> tuple[Path, TableKind]:
        path = self._path
        if path.is_dir():
            return self._open_folder(path)
        if not path.is_file():
            raise ImportRefused(f"{path} is not a folder, and there is no such file.")
        if path.stat().st_size > LARGEST_TABLE and not zipfile.is_zipfile(path):
            raise ImportRefused(f"{path.name} is larger than 4 GB: split it.")
        beginning = _beginning(path)
        if not beginning.strip(b"\0\r\n \t"):
            raise ImportRefused(f"{path.name} is empty.")
        if beginning.startswith(b"PK") and not _is_workbook(path):
            return self._open_archive(path)
        return path, _kind_of(path)

    def _open_folder(self, path: Path) -> tuple[Path, TableKind]:
        if (path / METADATA).is_file():
            return path / METADATA, TableKind.METADATA
        names = [entry for entry in path.iterdir() if not entry.name.startswith(".")]
        tables = [entry for entry in names if _is_table(entry.name) and entry.is_file()]
        if len(tables) == 1:
            return tables[0], _kind_of(tables[0])
        if len(tables) > 1:
            some = ", ".join(sorted(table.name for table in tables)[:5])
            raise ImportRefused(
                f"{path.name} holds several tables ({some}): name the one to import."
            )
        if not any(entry.is_file() for entry in names):
            raise ImportRefused(f"{path.name} holds no photos.")
        return path, TableKind.NAMES

    def _open_archive(self, path: Path) -> tuple[Path, TableKind]:
        self._archive = self._closing.enter_context(archive_open(path))
        for member in archive_members(self._archive):
            if isinstance(member, TableRow):
                self._bad.append(member)
            else:
                self._members[member.filename] = f"{member.file_size}-{member.CRC}"
        tables = [name for name in self._members if _is_table(name)]
        if len(tables) > 1:
            raise ImportRefused(
                f"{path.name} holds several tables ({', '.join(sorted(tables)[:5])}): pack one."
            )
        if not tables:
            if not any(Path(name).suffix.lower() in PHOTO_SUFFIXES for name in self._members):
                self._refuse_without_photos(path)
            return path, TableKind.NAMES
        folder = Path(self._closing.enter_context(tempfile.TemporaryDirectory()))
        copy = folder / Path(tables[0]).name
        member_save(self._archive, tables[0], copy, limit=LARGEST_TABLE)
        return copy, _kind_of(copy)

    def _refuse_without_photos(self, path: Path) -> None:
        if self._bad:
            row = self._bad[0]
            raise ImportRefused(f"{path.name}: {row.cells[0]}: {row.reason}")
        raise ImportRefused(f"{path.name} holds no photos and no table.")

    def _photo_files(self) -> Iterator[tuple[str, str]]:
        """All files, so that the import names those that are no photos."""
        if self._archive is not None:
            yield from self._members.items()
            return
        for entry in self._path.iterdir():
            if entry.is_file() and not entry.name.startswith("."):
                facts = entry.stat()
                yield readable(entry.name), f"{facts.st_size}-{facts.st_mtime_ns}"


def _is_table(name: str) -> bool:
    return Path(name).suffix.lower() in TABLE_SUFFIXES


def _is_workbook(path: Path) -> bool:
    if not zipfile.is_zipfile(path):
        return False
    with zipfile.ZipFile(path) as file:
        return "[Content_Types].xml" in file.namelist()


def _beginning(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(4096)


def _kind_of(path: Path) -> TableKind:
    """The kind by content; the suffix decides only between kinds of text."""
    beginning = _beginning(path)
    if beginning.startswith(b"PK"):
        return TableKind.WORKBOOK
    if beginning.startswith(_OLD_OFFICE):
        raise ImportRefused(
            f"{path.name} is an old or password-protected Office file: save it as .xlsx or CSV, "
            "without a password."
        )
    text = beginning.replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \r\n\t")
    _refuse_markup(path, text)
    if path.suffix.lower() == ".xml" or text.startswith((b"<?xml", b"<rss", b"<feed")):
        return TableKind.FEED
    if path.suffix.lower() == ".jsonl":
        return TableKind.METADATA
    if _JSON.match(text):
        raise ImportRefused(f"{path.name} is JSON, not a table: export it as CSV or XLSX.")
    if text.startswith((b"%PDF", b"\x89PNG", b"\xff\xd8", b"\x1f\x8b", b"Rar!", b"7z")):
        raise ImportRefused(f"{path.name} is no table, ZIP file or folder of photos.")
    return TableKind.DELIMITED


def _refuse_markup(path: Path, text: bytes) -> None:
    """Refuse a web page or an old XML workbook, which shops export under the suffix .xls."""
    found = _FIRST_ELEMENT.match(text)
    root = found[1].lower() if found else b""
    if root in _HTML:
        raise ImportRefused(
            f"{path.name} is a web page (HTML), not a table: open it in a spreadsheet and save it "
            "as .xlsx or CSV."
        )
    if root.rpartition(b":")[2] == b"workbook":
        raise ImportRefused(f"{path.name} is an Excel 2003 XML file: save it as .xlsx or CSV.")
