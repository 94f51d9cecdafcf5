"""What the shop sells."""

from django.core.validators import RegexValidator
from django.db import models
from django.db.models.functions import Upper
from django.utils.translation import gettext_lazy as _

from catalog.choices import Gender, ProductState
from catalog.models.category import Category

SKU_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9._-]*\Z"


class Product(models.Model):
    """One product. What the API filters by has a column and an index; the rest is `attributes`."""

    sku = models.CharField(
        "SKU",
        max_length=64,
        unique=True,
        validators=[
            RegexValidator(
                SKU_PATTERN,
                "Use letters, digits, dot, dash and underscore, and begin with a letter or digit.",
            )
        ],
    )
    title = models.CharField(verbose_name=_("title"), max_length=200)
    brand = models.CharField(verbose_name=_("brand"), max_length=120, blank=True, db_index=True)
    category = models.ForeignKey(
        Category,
        verbose_name=_("category"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="products",
    )
    colour = models.CharField(verbose_name=_("colour"), max_length=60, blank=True, db_index=True)
    gender = models.CharField(
        verbose_name=_("gender"), max_length=10, blank=True, choices=Gender.choices, db_index=True
    )
    attributes = models.JSONField(
        verbose_name=_("attributes"),
        default=dict,
        blank=True,
        help_text=_("Further facts, name to value, for example fabric."),
    )
    state = models.CharField(
        verbose_name=_("state"),
        max_length=10,
        choices=ProductState.choices,
        default=ProductState.DRAFT,
        db_index=True,
    )
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True, db_index=True)

    class Meta:
        verbose_name = _("product")
        verbose_name_plural = _("products")
        ordering = ["sku"]
        permissions = [
            ("publish_product", "Can publish and unpublish products"),
            ("describe_product", "Can have one product described"),
        ]
        # What the API narrows by, in the order that it pages by.
        indexes = [
            models.Index(Upper("brand"), "sku", name="product_by_brand"),
            models.Index(Upper("colour"), "sku", name="product_by_colour"),
            models.Index(fields=["category", "sku"], name="product_by_category"),
        ]
        constraints = [
            models.CheckConstraint(condition=~models.Q(sku=""), name="product_has_a_sku"),
            models.CheckConstraint(
                condition=models.Q(state__in=ProductState.values), name="product_state_is_known"
            ),
            models.CheckConstraint(
                condition=models.Q(gender__in=["", *Gender.values]), name="product_gender_is_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.sku} – {self.title}"
