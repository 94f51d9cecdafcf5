"""Bringing a catalog in: begin an import, see its dry run, then apply, cancel or undo it."""

from typing import Any
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.http import QueryDict, StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiRequest
from rest_framework.exceptions import ValidationError
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.api.documentation import operation
from catalog.api.idempotency import idempotent
from catalog.api.import_documents import (
    import_address,
    import_document,
    import_summary,
    row_document,
)
from catalog.api.import_inputs import (
    ImportFileInput,
    ImportMapInput,
    ImportPathInput,
    ImportRowsQuery,
)
from catalog.api.import_shapes import ImportListShape, ImportRowsShape, ImportShape
from catalog.api.inputs import read_body
from catalog.api.parsers import CsvRenderer, FastJSONRenderer, ImportParser, StrictJSONParser
from catalog.api.problems import Problem
from catalog.api.queries import parameter_names, read_query
from catalog.api.views.base import ApiView, form_of
from catalog.importing import services
from catalog.importing.staging import faulty_rows_csv
from catalog.models import ApiScope, ProductImport
from catalog.selectors.imports import imports_told, rows_told

TAGS = ("imports",)
MOST_IMPORTS = 100
IMPORT = OpenApiParameter(
    "number",
    {"type": "integer", "minimum": 1, "maximum": 2**63 - 1},
    OpenApiParameter.PATH,
    description="Number of the import.",
)
BODIES = {
    "multipart/form-data": OpenApiRequest(ImportFileInput),
    "application/json": OpenApiRequest(ImportPathInput),
}


class ImportsView(ApiView):
    """`/imports/`."""

    scopes = {"GET": ApiScope.IMPORTS, "POST": ApiScope.IMPORTS}
    parser_classes = (StrictJSONParser, ImportParser)

    @operation(
        "imports_list",
        "List the last hundred imports, the latest first",
        answers={200: ImportListShape},
        tags=TAGS,
    )
    def get(self, request: Request) -> Response:
        rows = imports_of(self)[:MOST_IMPORTS]
        return Response({"results": [import_summary(request, row) for row in rows]})

    @operation(
        "imports_create",
        "Bring in a file; its dry run begins at once",
        request=BODIES,
        answers={202: ImportShape},
        problems=(Problem.UNPROCESSABLE,),
        idempotent_key=True,
        tags=TAGS,
    )
    @idempotent(atomic=True)
    def post(self, request: Request) -> Response:
        form = form_of(request)
        asked = read_body(ImportPathInput, request.data) if form is None else _checked(form)
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
        return _accepted(request, row)


class ImportView(ApiView):
    """`/imports/{number}/`."""

    scopes = {"GET": ApiScope.IMPORTS}

    @operation(
        "imports_retrieve",
        "Read how far an import is",
        answers={200: ImportShape},
        parameters=(IMPORT,),
        problems=(Problem.NOT_FOUND,),
        tags=TAGS,
    )
    def get(self, request: Request, number: int) -> Response:
        return Response(import_document(request, import_of(self, number)))


class ImportRowsView(ApiView):
    """`/imports/{number}/rows/`."""

    scopes = {"GET": ApiScope.IMPORTS}
    parameters = {"GET": parameter_names(ImportRowsQuery)}

    @operation(
        "imports_rows",
        "Read what an import changes, fact by fact, and what is faulty",
        answers={200: ImportRowsShape},
        parameters=(IMPORT, ImportRowsQuery),
        problems=(Problem.NOT_FOUND,),
        tags=TAGS,
    )
    def get(self, request: Request, number: int) -> Response:
        product_import = import_of(self, number)
        asked = read_query(ImportRowsQuery, request.query_params)
        rows = rows_told(
            product_import, outcome=asked.get("outcome", ""), after=asked.get("after", -1)
        )
        page = list(rows[: asked["limit"] + 1])
        shown = page[: asked["limit"]]
        following = None
        if len(page) > len(shown):
            query = urlencode({**asked, "after": shown[-1].number})
            following = f"{import_address(request, 'import-rows', product_import)}?{query}"
        return Response({"next": following, "results": [row_document(row) for row in shown]})


class ImportFaultyRowsView(ApiView):
    """`/imports/{number}/faulty-rows/`."""

    scopes = {"GET": ApiScope.IMPORTS}
    renderer_classes = (CsvRenderer, FastJSONRenderer)

    @operation(
        "imports_faulty_rows",
        "Load the refused rows as CSV, to be mended and imported again",
        answers={(200, "text/csv"): OpenApiTypes.STR},
        parameters=(IMPORT,),
        problems=(Problem.NOT_FOUND,),
        tags=TAGS,
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
        "Say what the columns of an unknown table hold; its dry run begins",
        request=ImportMapInput,
        answers={202: ImportShape},
        parameters=(IMPORT,),
        problems=(Problem.NOT_FOUND, Problem.CONFLICT, Problem.UNPROCESSABLE),
        idempotent_key=True,
        tags=TAGS,
    )
    @idempotent(atomic=True)
    def post(self, request: Request, number: int) -> Response:
        row = services.product_import_map(
            product_import=import_of(self, number),
            actor=self.principal.user,
            **read_body(ImportMapInput, request.data),
        )
        return _accepted(request, row)


class ImportApplyView(ApiView):
    """`/imports/{number}/apply/`."""

    scopes = {"POST": ApiScope.IMPORTS}

    @operation(
        "imports_apply",
        "Do what the dry run showed",
        answers={202: ImportShape},
        parameters=(IMPORT,),
        problems=(Problem.NOT_FOUND, Problem.CONFLICT),
        idempotent_key=True,
        tags=TAGS,
    )
    @idempotent(atomic=True)
    def post(self, request: Request, number: int) -> Response:
        row = services.product_import_apply(
            product_import=import_of(self, number), actor=self.principal.user
        )
        return _accepted(request, row)


class ImportCancelView(ApiView):
    """`/imports/{number}/cancel/`."""

    scopes = {"POST": ApiScope.IMPORTS}

    @operation(
        "imports_cancel",
        "End an import; what is applied already stays, and can be undone",
        answers={200: ImportShape},
        parameters=(IMPORT,),
        problems=(Problem.NOT_FOUND, Problem.CONFLICT),
        idempotent_key=True,
        tags=TAGS,
    )
    @idempotent(atomic=True)
    def post(self, request: Request, number: int) -> Response:
        row = services.product_import_cancel(
            product_import=import_of(self, number), actor=self.principal.user
        )
        return Response(import_document(request, row))


class ImportUndoView(ApiView):
    """`/imports/{number}/undo/`."""

    scopes = {"POST": ApiScope.IMPORTS}

    @operation(
        "imports_undo",
        "Take back what an import did, but for what people edited since",
        answers={202: ImportShape},
        parameters=(IMPORT,),
        problems=(Problem.NOT_FOUND, Problem.CONFLICT),
        idempotent_key=True,
        tags=TAGS,
    )
    @idempotent(atomic=True)
    def post(self, request: Request, number: int) -> Response:
        row = services.product_import_undo(
            product_import=import_of(self, number), actor=self.principal.user
        )
        return _accepted(request, row)


def imports_of(view: ApiView) -> QuerySet[ProductImport]:
    """The asker's own; people who may see all imports in the admin see all here."""
    user = view.principal.user
    sees_all = user is not None and user.has_perm("catalog.view_productimport")
    return imports_told(owner=view.principal.owner, sees_all=sees_all)


def import_of(view: ApiView, number: int) -> ProductImport:
    """One of those."""
    return get_object_or_404(imports_of(view), pk=number)


def _checked(form: QueryDict) -> dict[str, Any]:
    """The checked fields of a form, each given once."""
    if not all(len(values) == 1 for _, values in form.lists()):
        raise ValidationError({"file": ["Give each field once."]})
    return read_body(ImportFileInput, {name: form[name] for name in form})


def _accepted(request: Request, row: ProductImport) -> Response:
    row.refresh_from_db()
    headers = {"Location": import_address(request, "import", row)}
    return Response(import_document(request, row), status=202, headers=headers)
