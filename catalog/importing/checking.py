"""The dry run: reads the staged rows, compares them, and stores what applying will do."""

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from itertools import islice
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from catalog.bulk_insert import rows_insert
from catalog.category_tree import CategoryTree
from catalog.choices import DescriptionUse, ImportPhotoState, ImportState, RowOutcome
from catalog.importing.former import FormerFacts, identities_by_sku, skus_by_identity
from catalog.importing.planning import PlannedRow, fingerprint, options_digest, row_plan
from catalog.importing.present import present_products, unchanged_since
from catalog.importing.staging import RowGroup, seen_file, staged_groups, staged_rows
from catalog.models import ImportPhoto, ImportRow, Product, ProductImport
from catalog.tables.formats import format_named
from catalog.tables.record import ProductRecord, RowFaulty
from catalog.tables.source import Source
from catalog.transitions.import_export import counted, import_advance, import_step

#: Products compared, and written, at a time.
CHUNK = 2_000
_MOST_PHOTOS = 250  # of one product
_LONGEST_PHOTO_NAME = 2_000
_LONGEST_SHOWN_SKU = 255
_LONGEST_HOST = 255
_LONGEST_IDENTITY = 255
_SKUS_A_QUERY = 500  # SQLite's limit on variables is twice that
_COUNTS = {
    RowOutcome.NEW: "new_count",
    RowOutcome.CHANGED: "changed_count",
    RowOutcome.UNCHANGED: "unchanged_count",
    RowOutcome.FAULTY: "faulty_count",
}


def check_run(product_import: ProductImport, *, go_on: Callable[[], bool]) -> None:
    """Continue the dry run to its end, or until `go_on` says no. Raises `LeaseLost`."""
    with (
        SeenSkus(seen_file(product_import)) as seen,
        Source(Path(product_import.path), encoding=product_import.encoding) as source,
    ):
        checker = Checker(product_import, seen, source)
        while chunk := list(islice(checker.groups, CHUNK)):
            checker.write(chunk)
            if not go_on():
                return
    state = ImportState.APPLYING if product_import.apply_at_once else ImportState.CHECKED
    import_step(product_import=product_import, state=state)


class Checker:
    """One run of the step, from the position where the last run stopped."""

    def __init__(self, product_import: ProductImport, seen: "SeenSkus", source: Source) -> None:
        self._import, self._seen, self._source = product_import, seen, source
        self._format = format_named(
            product_import.format, product_import.mapping, settings.STORE_VIEWS
        )
        self._layout = self._format.layout(product_import.header)
        self._digest = options_digest(product_import)
        self._tree = CategoryTree()
        self._number = product_import.row_count
        self._former = FormerFacts(product_import)
        self._with_texts = product_import.descriptions != DescriptionUse.IGNORE
        #: The products of the file that are left to check.
        self.groups = staged_groups(
            staged_rows(product_import),
            self._format,
            self._layout,
            start=product_import.position,
        )

    def write(self, groups: Sequence[RowGroup]) -> None:
        """Plan a chunk and store it together with the new position."""
        planned = [self._begin(group) for group in groups]
        self._recognise([row for row in planned if row.usable and row.identity])
        self._note_repeats(planned)
        first = {row.sku: row for row in planned if row.usable and not row.repeated}
        known = unchanged_since({sku: row.fingerprint for sku, row in first.items()})
        for row, group in zip(planned, groups, strict=True):
            if row.usable and (row.repeated or row.sku not in known):
                self._read(row, group)
        self._compare([row for sku, row in first.items() if row.usable and sku not in known])
        for sku in known:
            first[sku].outcome = RowOutcome.UNCHANGED
        kept = [row for row in planned if self._is_kept(row, known)]
        self._save(planned, kept, groups[-1].end)

    def _begin(self, group: RowGroup) -> PlannedRow:
        """SKU and fingerprint; for an unchanged row that is all it takes."""
        first = group.rows[0]
        row = PlannedRow(line=first.line, cells=list(group.cells))
        if first.reason:
            row.refuse(first.reason)
            return row
        row.sku = self._format.sku_of_group(self._layout, group.cells)
        row.identity = self._format.identity(self._layout, group.cells)[:_LONGEST_IDENTITY]
        if not row.sku or self._source.has_photos:
            self._read(row, group)
        if row.usable:
            local = (name for name in row.photos if not _address_host(name))
            versions = [self._source.photo_version(name) for name in local]
            row.fingerprint = fingerprint(self._digest, group.staged, versions)
        return row

    def _read(self, row: PlannedRow, group: RowGroup) -> None:
        if row.record is not None:
            return
        try:
            record = self._format.read(self._layout, group.cells)
            self._fit_photos(row, record)
            record.sku = row.sku or record.sku
            row.sku, row.record = record.sku, record
            self._check_photos(record.photos)
        except RowFaulty as error:
            row.refuse(str(error))

    @staticmethod
    def _fit_photos(row: PlannedRow, record: ProductRecord) -> None:
        """Leave out photos that cannot be taken, and flag the row."""
        fitting = [name for name in record.photos if len(name) <= _LONGEST_PHOTO_NAME]
        if len(fitting) < len(record.photos):
            row.flags.append("A photo's address is longer than 2,000 characters: left out.")
        if len(fitting) > _MOST_PHOTOS:
            row.flags.append(f"It has {len(fitting)} photos: the first {_MOST_PHOTOS} are taken.")
        record.photos = fitting[:_MOST_PHOTOS]

    def _is_kept(self, row: PlannedRow, known: set[str]) -> bool:
        """Whether a row is stored: not if nothing changed since its last import.

        Rows of photos always are, because a person wants to see the outcome of each file.
        """
        if row.sku not in known or not row.usable or row.repeated:
            return True
        row.record = None  # the product has its photos
        return self._format.repeats_add_photos

    def _check_photos(self, photos: list[str]) -> None:
        """Refuse photos that are missing in a folder or ZIP file; other sources find out later."""
        if not (self._format.repeats_add_photos and photos):
            return
        if fault := self._source.photo_fault(photos[0]):
            raise RowFaulty(fault)

    def _recognise(self, rows: Sequence[PlannedRow]) -> None:
        """Find products by what their shop calls them; the SKU of a row counts only after that."""
        if not rows:
            return
        known = skus_by_identity(self._import, {row.identity for row in rows})
        owners = identities_by_sku(self._import, {row.sku for row in rows})
        for row in rows:
            if row.identity in known:
                if known[row.identity] != row.sku and not self._format.needs_product:
                    row.flags.append(
                        f"The file says SKU {row.sku}; earlier imports know this product as "
                        f"{known[row.identity]}."
                    )
                self._rename(row, known[row.identity])
            elif owners.get(row.sku, row.identity) != row.identity:
                self._part(row, f"{owners[row.sku]!r}")

    def _part(self, row: PlannedRow, other: str) -> None:
        """Give a product whose SKU another one has a SKU of its own."""
        sku = self._format.sku_of_identity(row.identity)
        row.flags.append(f"The SKU {row.sku} is double: {other} has it too. Imported as {sku}.")
        self._rename(row, sku)

    @staticmethod
    def _rename(row: PlannedRow, sku: str) -> None:
        row.sku = sku
        if row.record is not None:
            row.record.sku = sku

    def _note_repeats(self, planned: list[PlannedRow]) -> None:
        """Refuse a SKU that an earlier row has; in folders of photos it adds photos instead."""
        usable = [row for row in planned if row.usable]
        lines = self._seen.first_lines((row.sku, row.line) for row in usable)
        double = [row for row in usable if row.identity and lines[row.sku] != row.line]
        for row in double:
            self._part(row, f"line {lines[row.sku]}")
        lines |= self._seen.first_lines((row.sku, row.line) for row in double)
        for row in usable:
            if lines[row.sku] == row.line:
                continue
            row.repeated = self._format.repeats_add_photos
            if row.repeated:
                row.outcome = RowOutcome.UNCHANGED
            else:
                row.refuse(f"The SKU {row.sku} is in line {lines[row.sku]} already.")

    def _compare(self, rows: list[PlannedRow]) -> None:
        if not rows:
            return
        present = present_products(
            Product.objects.filter(sku__in=[row.sku for row in rows]),
            self._tree,
            language=self._import.language,
            with_texts=self._with_texts,
        )
        former = self._former.of(product.pk for product in present.values())
        for row in rows:
            product = present.get(row.sku)
            said = former.get(product.pk) if product is not None else None
            if product is None and self._format.needs_product:
                row.refuse(f"There is no product {row.sku}: import the products first.")
                continue
            try:
                row_plan(
                    row,
                    product,
                    self._tree,
                    self._import,
                    said,
                    several_categories=self._format.knows_shelves(self._layout),
                )
            except RowFaulty as error:
                row.refuse(str(error))

    def _save(self, planned: list[PlannedRow], kept: list[PlannedRow], end: int) -> None:
        counts = dict.fromkeys(_COUNTS.values(), 0)
        for row in planned:
            counts[_COUNTS[row.outcome]] += not row.repeated
        with transaction.atomic():
            # First, because it locks the import: only the worker that holds the lease continues.
            import_advance(
                product_import=self._import,
                seconds=settings.LEASE_SECONDS,
                position=end,
                **counted(**counts, row_count=len(kept)),
            )
            rows = rows_insert(ImportRow, self._rows(kept))
            rows_insert(ImportPhoto, self._photos(kept, rows))
        self._number += len(kept)

    def _rows(self, planned: list[PlannedRow]) -> list[ImportRow]:
        return [
            ImportRow(
                product_import=self._import,
                number=number,
                line=row.line,
                sku=row.sku[:_LONGEST_SHOWN_SKU],
                identity=row.identity,
                outcome=row.outcome,
                reason=row.reason,
                changes=row.changes,
                flags=row.flags,
                cells=row.cells if row.usable else [_storable(cells) for cells in row.cells],
                fingerprint=row.fingerprint,
            )
            for number, row in enumerate(planned, self._number)
        ]

    def _photos(self, planned: list[PlannedRow], rows: list[ImportRow]) -> Iterator[ImportPhoto]:
        now = timezone.now()
        for row, saved in zip(planned, rows, strict=True):
            for number, name in enumerate(row.photos):
                yield ImportPhoto(
                    product_import=self._import,
                    row=saved,
                    number=number,
                    name=name,
                    host=_address_host(name),
                    state=ImportPhotoState.WAITING,
                    due_at=now,
                )


def _storable(cells: Sequence[str]) -> list[str]:
    """Broken cells in a form that can be stored, shown and corrected."""
    return [cell.replace("\0", "").encode(errors="replace").decode() for cell in cells]


def _address_host(name: str) -> str:
    """The host of an http or https address in lower case; empty for the name of a file."""
    if not name.lower().startswith(("http://", "https://", "//")):
        return ""
    try:
        host = urlsplit(name).hostname
    except ValueError:
        host = None
    # An address that cannot be parsed is still no file: its fetch says what is wrong.
    return (host or "?")[:_LONGEST_HOST]


class SeenSkus(AbstractContextManager["SeenSkus"]):
    """The SKUs that a file has named, each with its first line. A context manager.

    They are in an SQLite file, so that a million SKUs need no memory. The same question gets the
    same answer again, so a chunk can be checked twice.
    """

    def __init__(self, path: Path) -> None:
        self._database = sqlite3.connect(path, isolation_level=None)
        # A crash of the machine may lose the file; then this dry run starts from the beginning.
        self._database.execute("PRAGMA synchronous=OFF")
        self._database.execute("PRAGMA journal_mode=MEMORY")
        self._database.execute(
            "CREATE TABLE IF NOT EXISTS seen (sku TEXT PRIMARY KEY, line INTEGER) WITHOUT ROWID"
        )

    def __exit__(self, *error: object) -> None:
        self._database.close()

    def first_lines(self, named: Iterable[tuple[str, int]]) -> dict[str, int]:
        """Add (SKU, line) pairs in the file's order; returns the first line of each SKU."""
        pairs = list(named)
        self._database.execute("BEGIN")
        self._database.executemany("INSERT OR IGNORE INTO seen VALUES (?, ?)", pairs)
        self._database.execute("COMMIT")
        found: dict[str, int] = {}
        for start in range(0, len(pairs), _SKUS_A_QUERY):
            skus = [sku for sku, _ in pairs[start : start + _SKUS_A_QUERY]]
            marks = ",".join("?" * len(skus))
            query = f"SELECT sku, line FROM seen WHERE sku IN ({marks})"  # noqa: S608 (marks alone)
            found.update(self._database.execute(query, skus))
        return found
