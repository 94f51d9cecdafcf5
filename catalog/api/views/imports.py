"""Imports: start one, see its dry run, then apply, cancel or undo it."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.http import QueryDict, StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from rest_framework.exceptions import ValidationError
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.api import import_documents as documents
from catalog.api.documentation import file_or_json, number_of, operation
from catalog.api.idempotency import idempotent
from catalog.api.inputs import read_body
from catalog.api.parsers import CsvRenderer, FastJSONRenderer, ImportParser, StrictJSONParser
from catalog.api.problems import Problem
from catalog.api.queries import parameter_names, read_query
from catalog.api.views.base import ApiView, accepted, form_of
from catalog.importing import services
from catalog.importing.staging import faulty_rows_csv
from catalog.models import ApiScope, ProductImport
from catalog.selectors.imports import import_rows

MOST_IMPORTS = 100
IMPORT = number_of("the import")


class ImportsView(ApiView):
    """`/imports/`."""

    scopes = {"GET": ApiScope.IMPORTS, "POST": ApiScope.IMPORTS}
    parser_classes = (StrictJSONParser, ImportParser)

    @operation(
        "imports_list",
        "List the last hundred imports, newest first",
        answers={200: documents.ImportListShape},
    )
    def get(self, request: Request) -> Response:
        rows = self.principal.visible(ProductImport.objects.order_by("-pk"))[:MOST_IMPORTS]
        return Response({"results": [documents.import_summary(request, row) for row in rows]})

    @operation(
        "imports_create",
        "Import a file; its dry run starts at once",
        request=file_or_json(documents.ImportFileInput, documents.ImportPathInput),
        answers={202: documents.ImportShape},
        problems=(Problem.UNPROCESSABLE,),
    )
    @idempotent(atomic=True)
    def post(self, request: Request) -> Response:
        form = form_of(request)
        asked = (
            read_body(documents.ImportPathInput, request.data) if form is None else _checked(form)
        )
        options = {
            "actor": self.principal.user,
            "api_owner": self.principal.owner,
            "apply_at_once": asked.pop("apply"),
        }
        if "file" in asked:
            upload = asked.pop("file")
            row = services.product_import_upload(
                upload=upload, name=upload.name, **options, **asked
            )
        else:
            path = services.import_path_check(asked.pop("path"))
            row = services.product_import_create(path=path, name=path.name, **options, **asked)
        return accepted(request, row, documents.import_document)


class ImportView(ApiView):
    """`/imports/{number}/`."""

    scopes = {"GET": ApiScope.IMPORTS}

    @operation(
        "imports_retrieve",
        "Read the progress of an import",
        answers={200: documents.ImportShape},
        parameters=(IMPORT,),
    )
    def get(self, request: Request, number: int) -> Response:
        return Response(documents.import_document(request, import_of(self, number)))


class ImportRowsView(ApiView):
    """`/imports/{number}/rows/`."""

    scopes = {"GET": ApiScope.IMPORTS}
    parameters = {"GET": parameter_names(documents.ImportRowsQuery)}

    @operation(
        "imports_rows",
        "Read what an import changes, fact by fact, and which rows are faulty",
        answers={200: documents.ImportRowsShape},
        parameters=(IMPORT, documents.ImportRowsQuery),
    )
    def get(self, request: Request, number: int) -> Response:
        product_import = import_of(self, number)
        asked = read_query(documents.ImportRowsQuery, request.query_params)
        rows = import_rows(
            product_import, outcome=asked.get("outcome", ""), after=asked.get("after", -1)
        )
        page = list(rows[: asked["limit"] + 1])
        shown = page[: asked["limit"]]
        following = None
        if len(page) > len(shown):
            query = urlencode({**asked, "after": shown[-1].number})
            following = request.build_absolute_uri(f"?{query}")
        return Response(
            {"next": following, "results": [documents.row_document(row) for row in shown]}
        )


class ImportFaultyRowsView(ApiView):
    """`/imports/{number}/faulty-rows/`."""

    scopes = {"GET": ApiScope.IMPORTS}
    renderer_classes = (CsvRenderer, FastJSONRenderer)

    @operation(
        "imports_faulty_rows",
        "Download the refused rows as CSV, to correct and import again",
        answers={(200, "text/csv"): OpenApiTypes.STR},
        parameters=(IMPORT,),
    )
    def get(self, request: Request, number: int) -> StreamingHttpResponse:
        product_import = import_of(self, number)
        name = f"import-{product_import.pk}-faulty.csv"
        return StreamingHttpResponse(
            faulty_rows_csv(product_import),
            content_type="text/csv; charset=utf-8",
            headers={"Content-Disposition": f'attachment; filename="{name}"'},
        )


class ImportMapView(ApiView):
    """`/imports/{number}/map/`."""

    scopes = {"POST": ApiScope.IMPORTS}

    @operation(
        "imports_map",
        "Choose what the columns of an unknown table mean, and start its dry run",
        request=documents.ImportMapInput,
        answers={202: documents.ImportShape},
        parameters=(IMPORT,),
        problems=(Problem.CONFLICT, Problem.UNPROCESSABLE),
    )
    @idempotent(atomic=True)
    def post(self, request: Request, number: int) -> Response:
        row = services.product_import_map(
            product_import=import_of(self, number),
            actor=self.principal.user,
            **read_body(documents.ImportMapInput, request.data),
        )
        return accepted(request, row, documents.import_document)


def step_view(
    name: str, summary: str, step: Callable[..., ProductImport], *, status: int = 202
) -> type[ApiView]:
    """The view of `/imports/{number}/<name>/`, which asks for one step of an import.

    202 stands for work that a worker does later, 200 for a step that is done.
    """

    class StepView(ApiView):
        __doc__ = f"`/imports/{{number}}/{name}/`."

        scopes = {"POST": ApiScope.IMPORTS}

        @operation(
            f"imports_{name}",
            summary,
            answers={status: documents.ImportShape},
            parameters=(IMPORT,),
            problems=(Problem.NOT_FOUND, Problem.CONFLICT),
        )
        @idempotent(atomic=True)
        def post(self, request: Request, number: int) -> Response:
            row = step(product_import=import_of(self, number), actor=self.principal.user)
            if status == 202:
                return accepted(request, row, documents.import_document)
            return Response(documents.import_document(request, row))

    return StepView


ImportApplyView = step_view("apply", "Apply what the dry run showed", services.product_import_apply)
ImportCancelView = step_view(
    "cancel",
    "Stop an import; what is applied already stays, and can be undone",
    services.product_import_cancel,
    status=200,
)
ImportUndoView = step_view(
    "undo",
    "Undo what an import did, except what people edited since",
    services.product_import_undo,
)


def import_of(view: ApiView, number: int) -> ProductImport:
    """One of the imports that the client may see."""
    return get_object_or_404(view.principal.visible(ProductImport.objects.all()), pk=number)


def _checked(form: QueryDict) -> dict[str, Any]:
    """The checked fields of a form, each given once."""
    if not all(len(values) == 1 for _, values in form.lists()):
        raise ValidationError({"file": ["Give each field once."]})
    return read_body(documents.ImportFileInput, {name: form[name] for name in form})
