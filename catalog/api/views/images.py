"""Photos of a product: as a file, or by an address on the public internet."""

from collections.abc import Collection
from io import BytesIO
from typing import BinaryIO

from django.core.files.uploadedfile import UploadedFile
from django.http import Http404
from drf_spectacular.utils import OpenApiRequest
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.api.documentation import SKU, operation
from catalog.api.idempotency import idempotent
from catalog.api.inputs import PhotoFileInput, PhotoUrlInput, read_body
from catalog.api.parsers import PhotoParser, StrictJSONParser
from catalog.api.problem_types import Problem
from catalog.api.shapes import ImageShape
from catalog.api.views.base import ApiView
from catalog.api.views.products import base_of
from catalog.fetching import fetch
from catalog.models import ApiScope, Product
from catalog.photos import LARGEST_FILE
from catalog.selectors.product_documents import photo_address
from catalog.services.products import product_image_add

#: Seconds for a photo by its address, all in all.
FETCH_SECONDS = 10
PHOTO_BODIES = {
    "multipart/form-data": OpenApiRequest(PhotoFileInput),
    "application/json": OpenApiRequest(PhotoUrlInput),
}


def photo_given(request: Request) -> tuple[BinaryIO, str]:
    """The photo of a request, as a file, and how to call it in messages.

    Raises `ValidationError` where there is none, `FetchRefused` where an address gives none.
    """
    if is_form(request):
        return file_given(request, ("photo",)), "The photo"
    return photo_at(read_body(PhotoUrlInput, request.data)["url"])


def is_form(request: Request) -> bool:
    """Whether the body is a form; otherwise it is JSON."""
    return str(request.content_type).startswith("multipart/")


def file_given(request: Request, fields: Collection[str]) -> BinaryIO:
    """The one file of a form whose other `fields` are known too."""
    photo = request.data.get("photo")
    once = all(len(values) == 1 for _, values in request.data.lists())
    if not once or set(request.data) - set(fields) or not isinstance(photo, UploadedFile):
        raise ValidationError(
            {"photo": [f"Give one file in the field `photo`; known fields: {', '.join(fields)}."]}
        )
    return photo


def photo_at(url: str) -> tuple[BinaryIO, str]:
    """The file at an address."""
    fetched = fetch(url, largest=LARGEST_FILE, seconds=FETCH_SECONDS)
    return BytesIO(fetched.content), "The photo at this address"


class ProductImagesView(ApiView):
    """`/products/{sku}/images/`."""

    scopes = {"POST": ApiScope.WRITE}
    parser_classes = (StrictJSONParser, PhotoParser)

    @operation(
        "images_create",
        "Add a photo to a product",
        request=PHOTO_BODIES,
        answers={201: ImageShape},
        parameters=(SKU,),
        problems=(Problem.NOT_FOUND, Problem.PHOTO_REFUSED, Problem.ADDRESS_REFUSED),
        idempotent_key=True,
    )
    @idempotent(atomic=False)
    def post(self, request: Request, sku: str) -> Response:
        product = product_of(sku)
        upload, name = photo_given(request)
        image = product_image_add(
            product=product, upload=upload, name=name, actor=self.principal.user
        )
        document = {
            "id": image.pk,
            "url": photo_address(image.file.name, base_of(request)),
            "thumbnail_url": photo_address(image.thumbnail.name, base_of(request)),
            "width": image.width,
            "height": image.height,
            "position": image.position,
        }
        return Response(document, status=201)


def product_of(sku: str) -> Product:
    """The product, whatever its state: whoever may write to it may know of it."""
    product = Product.objects.filter(sku=sku).first() if "\0" not in sku else None
    if product is None:
        raise Http404
    return product
