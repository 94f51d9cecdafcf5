"""A product's photos on its form: looked at and removed here, added by the form's file field."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from catalog.models import ProductImage


class ProductImageInline(admin.StackedInline):
    """A gallery; the only thing to change is the tick that removes a photo."""

    model = ProductImage
    verbose_name = _("photo")
    template = "admin/catalog/product/photos.html"
    fields = readonly_fields = ["width", "height", "byte_size", "position"]
    extra = 0
    max_num = 0

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
