"""The shapes in which imports and exports are told, for the schema."""

from typing import Any

from rest_framework import serializers

from catalog.choices import (
    DescriptionUse,
    ExportFormat,
    ExportState,
    ImportState,
    RowOutcome,
    RowState,
)


class ImportSummaryShape(serializers.Serializer[Any]):
    """An import, with what its dry run counted, in products."""

    id = serializers.IntegerField()
    url = serializers.URLField()
    name = serializers.CharField(allow_blank=True, help_text="As the file was called.")
    state = serializers.ChoiceField(choices=ImportState.choices)
    format = serializers.CharField(
        allow_blank=True, help_text="What its header told; empty until then."
    )
    new = serializers.IntegerField(min_value=0)
    changed = serializers.IntegerField(min_value=0)
    unchanged = serializers.IntegerField(min_value=0)
    faulty = serializers.IntegerField(min_value=0)
    created_at = serializers.DateTimeField()
    ended_at = serializers.DateTimeField(allow_null=True)


class ImportListShape(serializers.Serializer[Any]):
    """The last imports, the latest first."""

    results = ImportSummaryShape(many=True)


class StepProgressShape(serializers.Serializer[Any]):
    """How far the present step is."""

    done = serializers.IntegerField(min_value=0)
    total = serializers.IntegerField(min_value=0)
    unit = serializers.ChoiceField(choices=["bytes", "products", "photos"])
    seconds_left = serializers.FloatField(allow_null=True)


class ImportPhotosShape(serializers.Serializer[Any]):
    """Photos by what became of them; `known` were there already."""

    total = serializers.IntegerField(min_value=0)
    stored = serializers.IntegerField(min_value=0)
    known = serializers.IntegerField(min_value=0)
    faulty = serializers.IntegerField(min_value=0)
    left = serializers.IntegerField(min_value=0)


class ImportShape(ImportSummaryShape):
    """All about an import."""

    descriptions = serializers.ChoiceField(choices=DescriptionUse.choices)
    language = serializers.CharField()
    publish = serializers.BooleanField()
    message = serializers.CharField(allow_blank=True, help_text="Why it failed.")
    progress = StepProgressShape(allow_null=True)
    photos = ImportPhotosShape()
    columns = serializers.ListField(child=serializers.CharField(allow_blank=True))
    mapping = serializers.DictField(
        child=serializers.CharField(allow_blank=True),
        help_text="What the columns hold, by name: in the state `mapping` a guess, to be corrected "
        "and sent back; empty for the formats of shops.",
    )
    rows_url = serializers.URLField()
    faulty_rows_url = serializers.URLField()


class ChangeShape(serializers.Serializer[Any]):
    """A fact before and after."""

    fact = serializers.CharField()
    before = serializers.CharField(allow_blank=True)
    after = serializers.CharField(allow_blank=True)


class ImportRowShape(serializers.Serializer[Any]):
    """One product of the file: what applying does, or did, and why it is faulty."""

    number = serializers.IntegerField(min_value=0)
    line = serializers.IntegerField(min_value=0, help_text="Line of the file, the header's is 1.")
    sku = serializers.CharField(allow_blank=True)
    outcome = serializers.ChoiceField(choices=RowOutcome.choices)
    state = serializers.ChoiceField(choices=RowState.choices)
    reason = serializers.CharField(allow_blank=True)
    changes = ChangeShape(many=True)


class ImportRowsShape(serializers.Serializer[Any]):
    """A page of rows, in the file's order."""

    next = serializers.URLField(allow_null=True, help_text="The next page, if there is one.")
    results = ImportRowShape(many=True)


class ExportShape(serializers.Serializer[Any]):
    """An export. `file_url` is null until the file is ready, and once its time is over."""

    id = serializers.IntegerField()
    url = serializers.URLField()
    state = serializers.ChoiceField(choices=ExportState.choices)
    format = serializers.ChoiceField(choices=ExportFormat.choices)
    language = serializers.CharField()
    total = serializers.IntegerField(min_value=0, help_text="Products.")
    written = serializers.IntegerField(min_value=0)
    message = serializers.CharField(allow_blank=True, help_text="Why it failed.")
    file_name = serializers.CharField()
    file_url = serializers.URLField(allow_null=True)
    byte_size = serializers.IntegerField(min_value=0)
    expires_at = serializers.DateTimeField(allow_null=True)
    created_at = serializers.DateTimeField()
    ended_at = serializers.DateTimeField(allow_null=True)
