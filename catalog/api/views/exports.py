"""Exports: ask for a file of products, and download it within a day."""

from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.http import FileResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import PolymorphicProxySerializer
from rest_framework import serializers
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.api.documentation import number_of, operation
from catalog.api.fields import FlagField, SkuField, StrictInput
from catalog.api.idempotency import idempotent
from catalog.api.inputs import FilterInput, read_body
from catalog.api.parsers import BytesRenderer, FastJSONRenderer
from catalog.api.problems import Problem, ProblemRaised
from catalog.api.queries import LANGUAGE
from catalog.api.shapes import address, document
from catalog.api.views.base import ApiView, accepted, base_of
from catalog.api.views.jobs import products_asked_for
from catalog.choices import ExportFormat, ExportState
from catalog.exporting.exports import export_name, export_path, product_export_create
from catalog.models import ApiScope, Product, ProductExport

EXPORT = number_of("the export")
#: The filter that leaves nothing out.
EVERYTHING = {"state": "any"}


class ExportOptions(StrictInput):
    """The form in which products are exported."""

    format = serializers.ChoiceField(choices=ExportFormat.choices)
    language = serializers.RegexField(
        LANGUAGE,
        default=settings.SHOP_LANGUAGE,
        help_text="Language of titles, attributes and descriptions; in any other than the shop's "
        "they are translations.",
    )
    byte_order_mark = FlagField(
        default=False,
        help_text="Begin a CSV or TSV file with a byte order mark, by which spreadsheets know "
        "UTF-8.",
    )


class SkusExportInput(ExportOptions):
    """The products to export, by their SKUs."""

    skus = serializers.ListField(child=SkuField(), min_length=1, max_length=10_000)


class FilterExportInput(ExportOptions):
    """The products to export, by a filter; an empty filter means all."""

    filter = FilterInput()


class ExportShape(serializers.Serializer[Any]):
    """An export. `file_url` is null until the file is ready, and again once it is deleted."""

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


BODY = PolymorphicProxySerializer("ExportInput", [SkusExportInput, FilterExportInput], None)


class ExportsView(ApiView):
    """`/exports/`."""

    scopes = {"POST": ApiScope.EXPORTS}

    @operation(
        "exports_create",
        "Write products and their approved texts to a file",
        request=BODY,
        answers={202: ExportShape},
        problems=(Problem.UNPROCESSABLE,),
    )
    @idempotent(atomic=True)
    def post(self, request: Request) -> Response:
        by_filter = isinstance(request.data, dict) and "filter" in request.data
        asked = read_body(FilterExportInput if by_filter else SkusExportInput, request.data)
        everything = asked.get("filter") == EVERYTHING
        products: QuerySet[Product] | None = None if everything else products_asked_for(asked)
        export = product_export_create(
            products=products,
            export_format=ExportFormat(asked["format"]),
            language=asked["language"],
            byte_order_mark=asked["byte_order_mark"],
            site=base_of(request),
            actor=self.principal.user,
            api_owner=self.principal.owner,
        )
        return accepted(request, export, export_document)


class ExportView(ApiView):
    """`/exports/{number}/`."""

    scopes = {"GET": ApiScope.EXPORTS}

    @operation(
        "exports_retrieve",
        "Read the progress of an export",
        answers={200: ExportShape},
        parameters=(EXPORT,),
    )
    def get(self, request: Request, number: int) -> Response:
        return Response(export_document(request, export_of(self, number)))


class ExportFileView(ApiView):
    """`/exports/{number}/file/`."""

    scopes = {"GET": ApiScope.EXPORTS}
    renderer_classes = (BytesRenderer, FastJSONRenderer)

    @operation(
        "exports_file",
        "Download the file of an export; it is kept for a day",
        answers={(200, "application/octet-stream"): OpenApiTypes.BINARY},
        parameters=(EXPORT,),
        problems=(Problem.CONFLICT,),
    )
    def get(self, request: Request, number: int) -> FileResponse:
        export = export_of(self, number)
        if not export.is_ready:
            raise ProblemRaised(
                Problem.CONFLICT,
                "The file is not ready yet, or already deleted: see the export.",
            )
        return FileResponse(
            export_path(export).open("rb"),
            as_attachment=True,
            filename=export_name(export),
            content_type=BytesRenderer.media_type,
        )


def export_of(view: ApiView, number: int) -> ProductExport:
    """One of the exports that the client may see."""
    return get_object_or_404(view.principal.visible(ProductExport.objects.all()), pk=number)


def export_document(request: Request, export: ProductExport) -> dict[str, Any]:
    """An export, without the secret of its link in the admin."""
    return document(
        ExportShape,
        export,
        url=address(request, "export", export.pk),
        file_name=export_name(export),
        file_url=address(request, "export-file", export.pk) if export.is_ready else None,
    )
