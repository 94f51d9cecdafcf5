"""A product's photo, as it is stored: checked, upright, re-encoded, without metadata."""

import secrets

from django.db import models
from django.utils.translation import gettext_lazy as _

from catalog.models.product import Product


def photo_path(image: "ProductImage", filename: str) -> str:
    """A random name: nothing of the uploader's file name but its (already checked) extension."""
    extension = filename.rpartition(".")[2]
    name = secrets.token_hex(16)
    return f"photos/{name[:2]}/{name}.{extension}"


def thumbnail_path(image: "ProductImage", filename: str) -> str:
    """A random name below `thumbnails/`."""
    name = secrets.token_hex(16)
    return f"thumbnails/{name[:2]}/{name}.jpg"


class ProductImage(models.Model):
    """One photo. `sha256` is of the stored bytes; sizes are in pixels and bytes."""

    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="images")
    # FileField, not ImageField: ImageField would decode the upload a second time, with every
    # decoder that Pillow has. `catalog.photos` is the only decoder of uploads.
    file = models.FileField(upload_to=photo_path, max_length=200)
    thumbnail = models.FileField(upload_to=thumbnail_path, max_length=200)
    sha256 = models.CharField(max_length=64, db_index=True)
    look = models.CharField(
        max_length=16,
        db_index=True,
        default="",
        help_text=_(
            "Difference hash, 64 bits in hexadecimal: photos that look alike have the same."
        ),
    )
    width = models.PositiveIntegerField(help_text=_("Pixels."))
    height = models.PositiveIntegerField(help_text=_("Pixels."))
    byte_size = models.PositiveIntegerField(help_text=_("Bytes of the stored file."))
    position = models.PositiveIntegerField(default=0, help_text=_("0 is the main photo."))
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("photo")
        verbose_name_plural = _("photos")
        ordering = ["position", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["product", "sha256"], name="product_holds_a_photo_once"
            ),
            models.UniqueConstraint(
                fields=["product", "position"], name="product_photo_position_is_unique"
            ),
            models.CheckConstraint(
                condition=models.Q(width__gt=0, height__gt=0), name="photo_has_a_size"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.product.sku} photo {self.position + 1}"
