"""A photo that belongs to no product, described while the client waits."""

from dataclasses import asdict

from drf_spectacular.utils import OpenApiRequest
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.api.documentation import operation
from catalog.api.idempotency import idempotent
from catalog.api.inputs import FactsInput, LoosePhotoFileInput, LoosePhotoUrlInput, read_body
from catalog.api.parsers import PhotoParser, StrictJSONParser
from catalog.api.problem_types import Problem
from catalog.api.problems import ProblemRaised
from catalog.api.shapes import PhotoTextShape
from catalog.api.views.base import ApiView
from catalog.api.views.images import file_given, is_form, photo_at
from catalog.models import ApiScope
from catalog.services.photo_requests import NobodyFree, photo_describe

#: Seconds after which it makes sense to try again.
RETRY_AFTER = 5
BODIES = {
    "multipart/form-data": OpenApiRequest(LoosePhotoFileInput),
    "application/json": OpenApiRequest(LoosePhotoUrlInput),
}


class DescribeView(ApiView):
    """`/describe/`."""

    scopes = {"POST": ApiScope.GENERATE}
    parser_classes = (StrictJSONParser, PhotoParser)

    @operation(
        "describe",
        "Have a photo described at once",
        request=BODIES,
        answers={200: PhotoTextShape},
        problems=(Problem.PHOTO_REFUSED, Problem.ADDRESS_REFUSED, Problem.BUSY),
        idempotent_key=True,
        tags=("describe",),
    )
    @idempotent(atomic=False)
    def post(self, request: Request) -> Response:
        if is_form(request):
            upload, name = file_given(request, ("photo", "facts")), "The photo"
            given = {name: request.data[name] for name in request.data if name != "photo"}
            facts = read_body(FactsInput, given)["facts"]
        else:
            asked = read_body(LoosePhotoUrlInput, request.data)
            facts = asked["facts"]
            upload, name = photo_at(asked["url"])
        try:
            text = photo_describe(upload=upload, name=name, facts=facts)
        except NobodyFree as error:
            raise ProblemRaised(Problem.BUSY, str(error), retry_after=RETRY_AFTER) from error
        return Response(asdict(text))
