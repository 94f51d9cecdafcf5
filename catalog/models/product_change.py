"""When each product last changed, in the order in which the changes became visible."""

from django.db import models
from django.db.models import Q

from catalog.models.product import Product


class ProductChange(models.Model):
    """The last change of one SKU. Written by triggers of the database alone, at commit.

    `sequence` rises with every change of any product, and a transaction that commits later has the
    higher number: a reader that has seen everything up to a number never misses anything below it.
    The row outlives its product: then it is the tombstone by which mirrors learn of the end.
    """

    product = models.OneToOneField(
        Product,
        to_field="sku",
        db_column="sku",
        primary_key=True,
        db_constraint=False,
        on_delete=models.DO_NOTHING,
        related_name="change",
    )
    sequence = models.BigIntegerField()
    at = models.DateTimeField()
    published = models.BooleanField(help_text="Whether storefronts see the product.")
    ever_published = models.BooleanField(
        help_text="Whether they ever did; what they never saw leaves no tombstone."
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["sequence"], name="product_change_sequence_is_unique"),
            models.CheckConstraint(
                condition=Q(published=False) | Q(ever_published=True),
                name="published_now_is_published_ever",
            ),
        ]
        indexes = [models.Index(fields=["at"], name="product_change_at")]

    def __str__(self) -> str:
        return f"{self.product_id} at {self.sequence}"
