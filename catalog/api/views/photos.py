"""Photos as a file, or by an address on the public internet: added to a product, or described at
once while the client waits."""

from collections.abc import Collection
from dataclasses import asdict
from io import BytesIO
from typing import BinaryIO, cast

from django.core.files.uploadedfile import UploadedFile
from django.http import QueryDict
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.api import inputs
from catalog.api.documentation import SKU, file_or_json, operation
from catalog.api.idempotency import idempotent
from catalog.api.parsers import PhotoParser, StrictJSONParser
from catalog.api.problems import Problem, ProblemRaised
from catalog.api.shapes import ImageShape, PhotoTextShape, document
from catalog.api.views.base import ApiView, base_of, form_of
from catalog.api.views.products import product_of
from catalog.fetching import fetch
from catalog.models import ApiScope
from catalog.photos import LARGEST_FILE
from catalog.selectors.product_documents import photo_address
from catalog.services.photo_requests import NobodyFree, photo_describe
from catalog.services.products import product_image_add

#: Seconds for a photo by its address, all in all.
FETCH_SECONDS = 10
#: Seconds after which it makes sense to try again.
RETRY_AFTER = 5


class PhotoView(ApiView):
    """Takes photos as JSON with an address, or as a form with a file."""

    parser_classes = (StrictJSONParser, PhotoParser)


class ProductImagesView(PhotoView):
    """`/products/{sku}/images/`."""

    scopes = {"POST": ApiScope.WRITE}

    @operation(
        "images_create",
        "Add a photo to a product",
        request=file_or_json(inputs.PhotoFileInput, inputs.PhotoUrlInput),
        answers={201: ImageShape},
        parameters=(SKU,),
        problems=(Problem.PHOTO_REFUSED, Problem.ADDRESS_REFUSED),
    )
    @idempotent(atomic=False)
    def post(self, request: Request, sku: str) -> Response:
        product = product_of(sku)
        if (form := form_of(request)) is not None:
            upload, name = file_given(form, ("photo",)), "The photo"
        else:
            upload, name = photo_at(inputs.read_body(inputs.PhotoUrlInput, request.data)["url"])
        image = product_image_add(
            product=product, upload=upload, name=name, actor=self.principal.user
        )
        base = base_of(request)
        body = document(
            ImageShape,
            image,
            url=photo_address(image.file.name, base),
            thumbnail_url=photo_address(image.thumbnail.name, base),
        )
        return Response(body, status=201)


class DescribeView(PhotoView):
    """`/describe/`."""

    scopes = {"POST": ApiScope.GENERATE}

    @operation(
        "describe",
        "Have a photo described at once",
        request=file_or_json(inputs.LoosePhotoFileInput, inputs.LoosePhotoUrlInput),
        answers={200: PhotoTextShape},
        problems=(Problem.PHOTO_REFUSED, Problem.ADDRESS_REFUSED, Problem.BUSY),
    )
    @idempotent(atomic=False)
    def post(self, request: Request) -> Response:
        if (form := form_of(request)) is not None:
            upload, name = file_given(form, ("photo", "facts")), "The photo"
            asked = inputs.read_body(
                inputs.FactsInput, {name: form[name] for name in form if name != "photo"}
            )
        else:
            asked = inputs.read_body(inputs.LoosePhotoUrlInput, request.data)
            upload, name = photo_at(asked["url"])
        try:
            text = photo_describe(upload=upload, name=name, facts=asked["facts"])
        except NobodyFree as error:
            raise ProblemRaised(Problem.BUSY, str(error), retry_after=RETRY_AFTER) from error
        return Response(asdict(text))


def file_given(form: QueryDict, fields: Collection[str]) -> BinaryIO:
    """The file in the field `photo`. Raises `ValidationError` where it is missing, where a field
    comes twice, and for a field that is not in `fields`.
    """
    photo: object = form.get("photo")
    once = all(len(values) == 1 for _, values in form.lists())
    if not once or set(form) - set(fields) or not isinstance(photo, UploadedFile):
        raise ValidationError(
            {"photo": [f"Give one file in the field `photo`; known fields: {', '.join(fields)}."]}
        )
    return cast(BinaryIO, photo)  # Django's uploads read and seek like any file


def photo_at(url: str) -> tuple[BinaryIO, str]:
    """The file at an address, and how to call it in messages. Raises `FetchRefused`."""
    fetched = fetch(url, largest=LARGEST_FILE, seconds=FETCH_SECONDS)
    return BytesIO(fetched.content), "The photo at this address"
