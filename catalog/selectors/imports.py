"""Reads of imports: progress, differences, and what was refused."""

from collections.abc import Iterator
from dataclasses import dataclass
from heapq import merge

from django.db.models import Count, Prefetch, Q, QuerySet
from django.utils import timezone

from catalog.choices import OPEN_PHOTO_STATES, ImportPhotoState, ImportState, RowOutcome, RowState
from catalog.models import ImportPhoto, ImportRow, ProductExport, ProductImport
from catalog.tables.imagefolder import FILE_NAME, METADATA

_REFUSED_PHOTOS = Prefetch(
    "photos",
    ImportPhoto.objects.filter(state=ImportPhotoState.FAULTY).order_by("number"),
    to_attr="refused_photos",
)


@dataclass(frozen=True, slots=True)
class ImportProgress:
    """How far the present step is: `done` of `total`, in `unit`. `seconds_left` may be unknown."""

    done: int
    total: int
    unit: str
    seconds_left: float | None


@dataclass(frozen=True, slots=True)
class PhotoCounts:
    """The photos of an import by what became of them."""

    total: int
    stored: int
    known: int
    faulty: int
    left: int


def import_progress(product_import: ProductImport) -> ImportProgress | None:
    """Of a step that a worker is at; None where nobody works or nothing can be counted."""
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
    counts = dict(product_import.photos.order_by().values_list("state").annotate(count=Count("pk")))
    return PhotoCounts(
        total=sum(counts.values()),
        stored=counts.get(ImportPhotoState.STORED, 0),
        known=counts.get(ImportPhotoState.KNOWN, 0),
        faulty=counts.get(ImportPhotoState.FAULTY, 0),
        left=sum(counts.get(state, 0) for state in OPEN_PHOTO_STATES),
    )


def imports_told(*, owner: str, sees_all: bool) -> QuerySet[ProductImport]:
    """The imports that a client of the API is told of, the latest first."""
    rows = ProductImport.objects.order_by("-pk")
    return rows if sees_all else rows.filter(api_owner=owner).exclude(api_owner="")


def exports_told(*, owner: str, sees_all: bool) -> QuerySet[ProductExport]:
    """The exports that a client of the API is told of."""
    rows = ProductExport.objects.all()
    return rows if sees_all else rows.filter(api_owner=owner).exclude(api_owner="")


def rows_told(
    product_import: ProductImport, *, outcome: str = "", after: int = -1
) -> QuerySet[ImportRow]:
    """Rows behind the number `after`, of one outcome or all, each with what its reason needs."""
    if outcome == RowOutcome.FAULTY:
        rows = faulty_rows(product_import)
    else:
        rows = product_import.rows.order_by("number").prefetch_related(_REFUSED_PHOTOS)
        rows = rows.filter(outcome=outcome) if outcome else rows
    return rows.filter(number__gt=after)


def faulty_rows(product_import: ProductImport) -> QuerySet[ImportRow]:
    """Rows that were refused, and rows with a refused photo, in the file's order."""
    photos = Q(photos__state=ImportPhotoState.FAULTY)
    refused = Q(outcome=RowOutcome.FAULTY) | Q(state=RowState.REFUSED)
    rows = product_import.rows.filter(refused | photos).distinct().order_by("number")
    return rows.prefetch_related(_REFUSED_PHOTOS)


def row_reason(row: ImportRow) -> str:
    """Why a row of `rows_told` is among the faulty ones: its own reason, or its photos'."""
    photos: list[ImportPhoto] = row.refused_photos  # type: ignore[attr-defined]
    reasons = [f"{photo.name}: {photo.reason}" for photo in photos]
    own = [] if reasons and row.state == RowState.REFUSED else [row.reason]
    return " ".join(filter(None, [*own, *reasons]))


def import_faults(product_import: ProductImport) -> Iterator[tuple[str, str]]:
    """(file or line, reason) of all that was refused, in the source's order."""
    photos = product_import.photos.filter(state=ImportPhotoState.FAULTY).select_related("row")
    refused_photos = ((photo.row.number, photo.name, photo.reason) for photo in photos.iterator())
    rows = product_import.rows.filter(outcome=RowOutcome.FAULTY) | product_import.rows.filter(
        ~Q(photos__state=ImportPhotoState.FAULTY), state=RowState.REFUSED
    )
    refused_rows = (
        (row.number, row_name(product_import, row), row.reason)
        for row in rows.distinct().order_by("number").iterator()
    )
    for _, name, reason in merge(refused_rows, refused_photos):
        yield name, reason


def row_name(product_import: ProductImport, row: ImportRow) -> str:
    """Where a person finds a row: its photo in a folder of photos, else its line."""
    header = product_import.header
    if header and header[0] == FILE_NAME and row.cells and row.cells[0] and row.cells[0][0]:
        return str(row.cells[0][0])
    if row.line == 0 and row.cells and row.cells[0]:
        return str(row.cells[0][0])  # a member of a ZIP file
    if product_import.kind == "metadata":
        return f"{METADATA}, line {row.line}"
    return f"line {row.line}"
