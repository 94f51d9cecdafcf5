"""Imports on the wire: what a client sends, the shapes for the schema, and the answers."""

from dataclasses import asdict
from typing import Any

from django.conf import settings
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request

from catalog.api.fields import FlagField, StrictInput, TextField, WholeNumberField
from catalog.api.queries import BOOLEANS, LANGUAGE, MOST_A_PAGE
from catalog.api.shapes import address, document
from catalog.choices import ConflictUse, DescriptionUse, Encoding, ImportState, RowOutcome, RowState
from catalog.models import ImportRow, ProductImport
from catalog.selectors.imports import change_in_words, import_progress, photo_counts, row_reason
from catalog.tables.formats.plain import TARGETS, mapping_guess

_MOST_COLUMNS = 1_000
#: Rows are numbered by an integer of four bytes.
_LAST_ROW = 2**31 - 1


class ImportOptions(StrictInput):
    """What an import does with the contents of a file."""

    descriptions = serializers.ChoiceField(
        choices=DescriptionUse.choices,
        default=DescriptionUse.APPROVED.value,
        help_text="What its descriptions become.",
    )
    language = serializers.RegexField(
        LANGUAGE,
        default=settings.SHOP_LANGUAGE,
        help_text="Language of titles, attributes and descriptions; in any other than the shop's "
        "they are translations.",
    )
    conflicts = serializers.ChoiceField(
        choices=ConflictUse.choices,
        default=ConflictUse.OURS.value,
        help_text="What counts where the file and somebody here changed a fact since the last "
        "import; the rows' `flags` name each.",
    )
    encoding = serializers.ChoiceField(
        choices=Encoding.values,
        default=Encoding.FOUND_OUT.value,
        allow_blank=True,
        help_text="Encoding of a text file, if the detection fails.",
    )


class ImportFileInput(ImportOptions):
    """A file to import: CSV, TSV, XLSX, an XML feed, or a ZIP file with photos; up to 4 GB."""

    file = serializers.FileField(allow_empty_file=True)
    publish = serializers.ChoiceField(
        choices=BOOLEANS, default="false", help_text="Show the products to storefronts."
    )
    apply = serializers.ChoiceField(
        choices=BOOLEANS, default="false", help_text="Apply right after the dry run."
    )

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        """The two flags as flags."""
        values = super().to_internal_value(data)
        return {**values, **{name: values[name] == "true" for name in ("publish", "apply")}}


class ImportPathInput(ImportOptions):
    """A file or folder inside the server's import folder, by its path there."""

    path = TextField(max_length=500)
    publish = FlagField(default=False, help_text="Show the products to storefronts.")
    apply = FlagField(default=False, help_text="Apply right after the dry run.")


@extend_schema_field(
    {
        "type": "object",
        "maxProperties": _MOST_COLUMNS,
        "additionalProperties": {"type": "string", "enum": list(TARGETS)},
    }
)
class MappingField(serializers.Field[Any, Any, Any, Any]):
    """Names of columns, each with the fact that it contains."""

    def to_internal_value(self, data: Any) -> dict[str, str]:
        if not isinstance(data, dict) or len(data) > _MOST_COLUMNS:
            raise serializers.ValidationError(
                f"Give an object of up to {_MOST_COLUMNS:,} columns and facts."
            )
        unknown = [fact for fact in data.values() if fact not in TARGETS]
        if unknown:
            facts = ", ".join(filter(None, TARGETS))
            raise serializers.ValidationError(
                f"There is no fact {str(unknown[0])[:40]!r}. Choose from {facts}, ''."
            )
        return data

    def to_representation(self, value: Any) -> Any:
        return value


class ImportMapInput(StrictInput):
    """What each column contains; columns that are not named are ignored. One must be the SKU."""

    mapping = MappingField()


class ImportRowsQuery(serializers.Serializer[Any]):
    """Parameters of `/imports/{number}/rows/`."""

    outcome = serializers.ChoiceField(
        required=False,
        choices=RowOutcome.choices,
        help_text="Only these; `faulty` includes rows with a refused photo, and rows that could "
        "not be applied.",
    )
    after = WholeNumberField(
        required=False,
        min_value=0,
        max_value=_LAST_ROW,
        help_text="Only rows after this `number`; `next` uses it.",
    )
    limit = WholeNumberField(
        default=50, min_value=1, max_value=MOST_A_PAGE, help_text="Rows a page."
    )


class ImportSummaryShape(serializers.Serializer[Any]):
    """An import, with the products that its dry run counted."""

    id = serializers.IntegerField()
    url = serializers.URLField()
    name = serializers.CharField(allow_blank=True, help_text="Name of the file.")
    state = serializers.ChoiceField(choices=ImportState.choices)
    format = serializers.CharField(
        allow_blank=True, help_text="Recognised by the header; empty until then."
    )
    new = serializers.IntegerField(min_value=0)
    changed = serializers.IntegerField(min_value=0)
    unchanged = serializers.IntegerField(min_value=0)
    faulty = serializers.IntegerField(min_value=0)
    created_at = serializers.DateTimeField()
    ended_at = serializers.DateTimeField(allow_null=True)


class ImportListShape(serializers.Serializer[Any]):
    """The last imports, newest first."""

    results = ImportSummaryShape(many=True)


class StepProgressShape(serializers.Serializer[Any]):
    """Progress of the current step."""

    done = serializers.IntegerField(min_value=0)
    total = serializers.IntegerField(min_value=0)
    unit = serializers.ChoiceField(choices=["bytes", "products", "photos"])
    seconds_left = serializers.FloatField(allow_null=True)


class ImportPhotosShape(serializers.Serializer[Any]):
    """Photos by outcome; the product had the `known` ones already."""

    total = serializers.IntegerField(min_value=0)
    stored = serializers.IntegerField(min_value=0)
    known = serializers.IntegerField(min_value=0)
    faulty = serializers.IntegerField(min_value=0)
    left = serializers.IntegerField(min_value=0)


class ImportShape(ImportSummaryShape):
    """All about an import."""

    descriptions = serializers.ChoiceField(choices=DescriptionUse.choices)
    conflicts = serializers.ChoiceField(choices=ConflictUse.choices)
    language = serializers.CharField()
    publish = serializers.BooleanField()
    message = serializers.CharField(allow_blank=True, help_text="Why it failed.")
    progress = StepProgressShape(allow_null=True)
    photos = ImportPhotosShape()
    columns = serializers.ListField(child=serializers.CharField(allow_blank=True))
    mapping = serializers.DictField(
        child=serializers.CharField(allow_blank=True),
        help_text="What each column contains. In the state `mapping` it is a guess to correct and "
        "send back; empty for the formats of shops.",
    )
    rows_url = serializers.URLField()
    faulty_rows_url = serializers.URLField()


class ChangeShape(serializers.Serializer[Any]):
    """A fact before and after."""

    fact = serializers.CharField()
    before = serializers.CharField(allow_blank=True)
    after = serializers.CharField(allow_blank=True)


class ImportRowShape(serializers.Serializer[Any]):
    """One product of the file: what the import changes, and why it is faulty."""

    number = serializers.IntegerField(min_value=0)
    line = serializers.IntegerField(
        min_value=0, help_text="Line of the file; the header is line 1."
    )
    sku = serializers.CharField(allow_blank=True)
    outcome = serializers.ChoiceField(choices=RowOutcome.choices)
    state = serializers.ChoiceField(choices=RowState.choices)
    reason = serializers.CharField(allow_blank=True)
    flags = serializers.ListField(
        child=serializers.CharField(),
        help_text="Sentences about values that were taken in a changed form.",
    )
    changes = ChangeShape(many=True)


class ImportRowsShape(serializers.Serializer[Any]):
    """A page of rows, in the file's order."""

    next = serializers.URLField(allow_null=True, help_text="The next page, if there is one.")
    results = ImportRowShape(many=True)


def import_summary(request: Request, row: ProductImport) -> dict[str, Any]:
    """An import in the list; makes no further query."""
    return document(
        ImportSummaryShape,
        row,
        url=address(request, "import", row.pk),
        new=row.new_count,
        changed=row.changed_count,
        unchanged=row.unchanged_count,
        faulty=row.faulty_count,
    )


def import_document(request: Request, row: ProductImport) -> dict[str, Any]:
    """An import in full."""
    progress = import_progress(row)
    unmapped = row.state == ImportState.MAPPING
    return document(
        ImportShape,
        row,
        **import_summary(request, row),
        progress=asdict(progress) if progress is not None else None,
        photos=asdict(photo_counts(row)),
        columns=row.header,
        mapping=mapping_guess(row.header) if unmapped else row.mapping,
        rows_url=address(request, "import-rows", row.pk),
        faulty_rows_url=address(request, "import-faulty-rows", row.pk),
    )


def row_document(row: ImportRow) -> dict[str, Any]:
    """A row without its cells."""
    changes = [
        {"fact": fact, "before": before, "after": after}
        for fact, values in row.changes.items()
        for before, after in [change_in_words(fact, values)]
    ]
    return document(ImportRowShape, row, reason=row_reason(row), changes=changes)
