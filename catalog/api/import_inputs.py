"""What may be asked of imports and exports."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from catalog.api.fields import FlagField, SkuField, StrictInput, TextField, WholeNumberField
from catalog.api.inputs import FilterInput
from catalog.api.queries import BOOLEANS, LANGUAGE, MOST_A_PAGE
from catalog.choices import DescriptionUse, Encoding, ExportFormat, RowOutcome
from catalog.tables.formats.mapped import TARGETS

_MOST_COLUMNS = 1_000
#: Rows are numbered by an integer of four bytes.
_LAST_ROW = 2**31 - 1


class ImportOptions(StrictInput):
    """What becomes of what a source holds."""

    descriptions = serializers.ChoiceField(
        choices=DescriptionUse.choices,
        default=DescriptionUse.APPROVED.value,
        help_text="What becomes of the descriptions in it.",
    )
    language = serializers.RegexField(
        LANGUAGE, default="en", help_text="Language of the descriptions."
    )
    encoding = serializers.ChoiceField(
        choices=Encoding.values,
        default=Encoding.FOUND_OUT.value,
        allow_blank=True,
        help_text="Of a text file, where it is not found out rightly.",
    )


class ImportFileInput(ImportOptions):
    """A file to bring in: CSV, TSV, XLSX, an XML feed, or a ZIP file with photos; up to 4 GB."""

    file = serializers.FileField(allow_empty_file=True)
    publish = serializers.ChoiceField(
        choices=BOOLEANS, default="false", help_text="Show the products to storefronts."
    )
    apply = serializers.ChoiceField(
        choices=BOOLEANS, default="false", help_text="Apply after the dry run, without being asked."
    )

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        """The two flags as flags."""
        values = super().to_internal_value(data)
        return {**values, **{name: values[name] == "true" for name in ("publish", "apply")}}


class ImportPathInput(ImportOptions):
    """A file or folder inside the server's import folder, by its path there."""

    path = TextField(max_length=500)
    publish = FlagField(default=False, help_text="Show the products to storefronts.")
    apply = FlagField(default=False, help_text="Apply after the dry run, without being asked.")


@extend_schema_field(
    {
        "type": "object",
        "maxProperties": _MOST_COLUMNS,
        "additionalProperties": {"type": "string", "enum": list(TARGETS)},
    }
)
class MappingField(serializers.Field[Any, Any, Any, Any]):
    """Names of columns, each with the fact that it holds."""

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
    """What the columns hold; those that are not named are left out. One must hold the SKU."""

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
        help_text="Go on behind the row of this `number`; `next` does so.",
    )
    limit = WholeNumberField(
        default=50, min_value=1, max_value=MOST_A_PAGE, help_text="Rows a page."
    )


class ExportOptions(StrictInput):
    """In which form products leave."""

    format = serializers.ChoiceField(choices=ExportFormat.choices)
    language = serializers.RegexField(
        LANGUAGE, default="en", help_text="Language of the descriptions."
    )


class SkusExportInput(ExportOptions):
    """The products to take out, by their SKUs."""

    skus = serializers.ListField(child=SkuField(), min_length=1, max_length=10_000)


class FilterExportInput(ExportOptions):
    """The products to take out, by what they are; all of them with an empty filter."""

    filter = FilterInput()
