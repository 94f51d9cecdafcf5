"""Reads of imports: progress, differences, and what was refused."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from heapq import merge
from typing import TypeVar

from django.db.models import Count, Prefetch, Q, QuerySet
from django.utils import timezone

from catalog.choices import OPEN_PHOTO_STATES, ImportPhotoState, ImportState, RowOutcome, RowState
from catalog.models import ImportPhoto, ImportRow, ProductExport, ProductImport
from catalog.tables.imagefolder import FILE_NAME, METADATA
from catalog.tables.variants import VARIANTS, variants_in_words

Row = TypeVar("Row", ProductImport, ProductExport)

_REFUSED_PHOTOS = Prefetch(
    "photos",
    ImportPhoto.objects.filter(state=ImportPhotoState.FAULTY).order_by("number"),
    to_attr="refused_photos",
)


@dataclass(frozen=True, slots=True)
class ImportProgress:
    """Progress of the current step, `done` of `total` in `unit`; `seconds_left` may be unknown."""

    done: int
    total: int
    unit: str
    seconds_left: float | None


@dataclass(frozen=True, slots=True)
class PhotoCounts:
    """The photos of an import by outcome."""

    total: int
    stored: int
    known: int
    faulty: int
    left: int


def import_progress(product_import: ProductImport) -> ImportProgress | None:
    """Progress of a step that a worker runs; None if there is none, or nothing to count."""
    row = product_import
    match row.state:
        case ImportState.CHECKING:
            done, total, unit = row.position, row.size, "bytes"
        case ImportState.APPLYING:
            done, total, unit = row.position, row.row_count, "products"
        case ImportState.PHOTOS:
            photos = photo_counts(row)
            done, total, unit = photos.total - photos.left, photos.total, "photos"
        case ImportState.UNDOING:
            left = row.rows.filter(state=RowState.APPLIED).count()
            done, total, unit = row.row_count - left, row.row_count, "products"
        case _:
            return None
    seconds = None
    if row.step_started_at is not None and 0 < done <= total:
        passed = (timezone.now() - row.step_started_at).total_seconds()
        seconds = passed * (total - done) / done
    return ImportProgress(done, total, unit, seconds)


def photo_counts(product_import: ProductImport) -> PhotoCounts:
    """Count photos, in one query."""
    rows = product_import.photos.order_by().values_list("state").annotate(count=Count("pk"))
    counts = Counter(dict(rows))
    return PhotoCounts(
        total=counts.total(),
        stored=counts[ImportPhotoState.STORED],
        known=counts[ImportPhotoState.KNOWN],
        faulty=counts[ImportPhotoState.FAULTY],
        left=sum(counts[state] for state in OPEN_PHOTO_STATES),
    )


def owned(rows: QuerySet[Row], owner: str) -> QuerySet[Row]:
    """The imports or exports of one client of the API; none for a client without a name."""
    return rows.filter(api_owner=owner).exclude(api_owner="")


def import_rows(
    product_import: ProductImport, *, outcome: str = "", after: int = -1
) -> QuerySet[ImportRow]:
    """The rows after number `after`, of one outcome or all, with the photos `row_reason` reads."""
    if outcome == RowOutcome.FAULTY:
        rows = faulty_rows(product_import)
    else:
        rows = product_import.rows.order_by("number").prefetch_related(_REFUSED_PHOTOS)
        rows = rows.filter(outcome=outcome) if outcome else rows
    return rows.filter(number__gt=after)


def faulty_rows(product_import: ProductImport) -> QuerySet[ImportRow]:
    """Refused rows and rows with a refused photo, in the file's order."""
    photos = Q(photos__state=ImportPhotoState.FAULTY)
    refused = Q(outcome=RowOutcome.FAULTY) | Q(state=RowState.REFUSED)
    rows = product_import.rows.filter(refused | photos).distinct().order_by("number")
    return rows.prefetch_related(_REFUSED_PHOTOS)


def flagged_rows(product_import: ProductImport) -> QuerySet[ImportRow]:
    """Rows of which a value was taken in a changed form, in the file's order."""
    return product_import.rows.exclude(flags=[]).order_by("number")


def change_in_words(name: str, values: Sequence[str]) -> list[str]:
    """A fact before and after, as a reader sees it."""
    return [variants_in_words(value) if name == VARIANTS else value for value in values]


def row_reason(row: ImportRow) -> str:
    """Why a row of `import_rows` is among the faulty ones: its own reason, or its photos'."""
    photos: list[ImportPhoto] = row.refused_photos  # type: ignore[attr-defined]
    reasons = [
        photo.reason if photo.reason.startswith(photo.name) else f"{photo.name}: {photo.reason}"
        for photo in photos
    ]
    own = [] if reasons and row.state == RowState.REFUSED else [row.reason]
    return " ".join(filter(None, [*own, *reasons]))


def import_faults(product_import: ProductImport) -> Iterator[tuple[str, str]]:
    """(file or line, reason) of everything refused, in the source's order."""
    photos = product_import.photos.filter(state=ImportPhotoState.FAULTY).select_related("row")
    refused_photos = ((photo.row.number, photo.name, photo.reason) for photo in photos.iterator())
    rows = product_import.rows.filter(outcome=RowOutcome.FAULTY) | product_import.rows.filter(
        ~Q(photos__state=ImportPhotoState.FAULTY), state=RowState.REFUSED
    )
    refused_rows = (
        (row.number, _row_name(product_import, row), row.reason)
        for row in rows.distinct().order_by("number").iterator()
    )
    for _, name, reason in merge(refused_rows, refused_photos):
        yield name, reason


def _row_name(product_import: ProductImport, row: ImportRow) -> str:
    """Where a person finds a row: its file in a folder of photos, otherwise its line."""
    in_folder = product_import.header[:1] == [FILE_NAME]
    if row.cells and row.cells[0] and (row.line == 0 or (in_folder and row.cells[0][0])):
        return str(row.cells[0][0])  # line 0: a member of a ZIP file
    if product_import.kind == "metadata":
        return f"{METADATA}, line {row.line}"
    return f"line {row.line}"
