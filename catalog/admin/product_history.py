"""The history of a product: what people logged, what became of its texts, and its imports."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import User
from django.contrib.contenttypes.models import ContentType
from django.urls import reverse
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_stubs_ext import StrOrPromise

from catalog.admin.labels import language_label
from catalog.category_tree import CategoryTree
from catalog.choices import DescriptionAction, RowOutcome, RowState
from catalog.grid_columns import columns_of
from catalog.models import DescriptionEvent, GridCell, ImportRow, Product

#: Messages of the log that this module writes; Django's own are sentences.
PUBLISHED, UNPUBLISHED = "published", "unpublished"
_WORDS: dict[str, StrOrPromise] = {
    PUBLISHED: gettext_lazy("Published"),
    UNPUBLISHED: gettext_lazy("Unpublished"),
}
#: Characters of a text that are shown.
_SHOWN = 160


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """One thing that happened; `address` leads to more of it, or is empty."""

    at: datetime
    who: str
    what: str
    detail: str = ""
    address: str = ""


def product_history(product: Product) -> list[HistoryLine]:
    """All that is known, the newest first. Changes by the API leave no line."""
    lines = [
        *_logged(product),
        *_of_texts(product),
        *_of_imports(product),
        *_of_grid(product),
    ]
    lines.append(HistoryLine(product.created_at, "", _("Created")))
    return sorted(lines, key=lambda line: line.at, reverse=True)


def products_log(*, products: Sequence[Product], actor: User, message: str) -> None:
    """Note that a person published, or unpublished, these products."""
    LogEntry.objects.log_actions(actor.pk, products, CHANGE, message)


def _logged(product: Product) -> Iterator[HistoryLine]:
    entries = LogEntry.objects.filter(
        content_type=ContentType.objects.get_for_model(product), object_id=str(product.pk)
    )
    for entry in entries.select_related("user"):
        what = _WORDS.get(entry.change_message) or entry.get_change_message()
        yield HistoryLine(entry.action_time, str(entry.user), str(what))


def _of_texts(product: Product) -> Iterator[HistoryLine]:
    events = DescriptionEvent.objects.filter(description__product=product)
    for event in events.select_related("actor", "description"):
        text = event.description
        what = _("Text in %(language)s: %(action)s") % {
            "language": language_label(text.language),
            "action": DescriptionAction(event.action).label,
        }
        detail = event.after.get("rejection_reason") or event.after.get("standard") or text.standard
        yield HistoryLine(
            event.at,
            event.actor.get_username() if event.actor else _("a worker"),
            what,
            Truncator(detail).chars(_SHOWN),
            reverse("admin:review_history", args=[text.pk]),
        )


def _of_imports(product: Product) -> Iterator[HistoryLine]:
    rows = ImportRow.objects.filter(
        product=product,
        outcome__in=(RowOutcome.NEW, RowOutcome.CHANGED),
        state__in=(RowState.APPLIED, RowState.UNDONE, RowState.KEPT),
    )
    for row in rows.select_related("product_import__created_by"):
        made = row.product_import
        what = _("Import, undone") if row.state == RowState.UNDONE else _("Import")
        named = _("%(file)s, line %(line)s") % {"file": made.name, "line": row.line}
        yield HistoryLine(
            made.ended_at or made.created_at,
            made.created_by.get_username() if made.created_by else "",
            what,
            f"{named}: {', '.join(row.changes)}" if row.changes else named,
            reverse("admin:catalog_productimport_progress", args=[made.pk]),
        )


def _of_grid(product: Product) -> Iterator[HistoryLine]:
    cells = list(GridCell.objects.filter(product=product).select_related("step__actor"))
    columns, _gone = columns_of({cell.column for cell in cells}, CategoryTree())
    known = {column.key: column for column in columns}
    for cell in cells:
        column = known[cell.column]
        before, after = (column.text(value) or "–" for value in (cell.before, cell.after))
        yield HistoryLine(
            cell.step.at,
            cell.step.actor.get_username() if cell.step.actor else "",
            _("Grid: %(step)s") % {"step": cell.step.get_kind_display()},
            Truncator(f"{column.label}: {before} → {after}").chars(_SHOWN),
        )
