"""Taking the catalog out: ask for a file, and load it while it is kept."""

from django.db.models import QuerySet
from django.http import FileResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, PolymorphicProxySerializer
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.api.documentation import operation
from catalog.api.idempotency import idempotent
from catalog.api.import_documents import export_document, export_is_ready
from catalog.api.import_inputs import FilterExportInput, SkusExportInput
from catalog.api.import_shapes import ExportShape
from catalog.api.inputs import read_body
from catalog.api.parsers import BytesRenderer, FastJSONRenderer
from catalog.api.problems import Problem, ProblemRaised
from catalog.api.views.base import ApiView, base_of
from catalog.api.views.jobs import products_asked_for
from catalog.choices import ExportFormat
from catalog.exporting.exports import export_name, export_path, product_export_create
from catalog.models import ApiScope, Product, ProductExport
from catalog.selectors.imports import exports_told

TAGS = ("exports",)
EXPORT = OpenApiParameter(
    "number",
    {"type": "integer", "minimum": 1, "maximum": 2**63 - 1},
    OpenApiParameter.PATH,
    description="Number of the export.",
)
BODY = PolymorphicProxySerializer(
    component_name="ExportInput",
    serializers=[SkusExportInput, FilterExportInput],
    resource_type_field_name=None,
)
#: The filter that leaves nothing out.
EVERYTHING = {"state": "any"}


class ExportsView(ApiView):
    """`/exports/`."""

    scopes = {"POST": ApiScope.EXPORTS}

    @operation(
        "exports_create",
        "Have products and their approved texts written to a file",
        request=BODY,
        answers={202: ExportShape},
        problems=(Problem.UNPROCESSABLE,),
        idempotent_key=True,
        tags=TAGS,
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
            site=base_of(request),
            actor=self.principal.user,
            api_owner=self.principal.owner,
        )
        document = export_document(request, export)
        return Response(document, status=202, headers={"Location": document["url"]})


class ExportView(ApiView):
    """`/exports/{number}/`."""

    scopes = {"GET": ApiScope.EXPORTS}

    @operation(
        "exports_retrieve",
        "Read how far an export is",
        answers={200: ExportShape},
        parameters=(EXPORT,),
        problems=(Problem.NOT_FOUND,),
        tags=TAGS,
    )
    def get(self, request: Request, number: int) -> Response:
        return Response(export_document(request, export_of(self, number)))


class ExportFileView(ApiView):
    """`/exports/{number}/file/`."""

    scopes = {"GET": ApiScope.EXPORTS}
    renderer_classes = (BytesRenderer, FastJSONRenderer)

    @operation(
        "exports_file",
        "Load the file of an export; it is kept for a day",
        answers={(200, "application/octet-stream"): OpenApiTypes.BINARY},
        parameters=(EXPORT,),
        problems=(Problem.NOT_FOUND, Problem.CONFLICT),
        tags=TAGS,
    )
    def get(self, request: Request, number: int) -> FileResponse:
        export = export_of(self, number)
        if not export_is_ready(export):
            raise ProblemRaised(
                Problem.CONFLICT, "The file is not ready, or is kept no longer: see the export."
            )
        return FileResponse(
            export_path(export).open("rb"),
            as_attachment=True,
            filename=export_name(export),
            content_type=BytesRenderer.media_type,
        )


def export_of(view: ApiView, number: int) -> ProductExport:
    """One of the asker's own; people who may see all exports in the admin see all here."""
    user = view.principal.user
    sees_all = user is not None and user.has_perm("catalog.view_productexport")
    exports = exports_told(owner=view.principal.owner, sees_all=sees_all)
    return get_object_or_404(exports, pk=number)
