"""What the shop sells: categories, products, their photos, and when each changed."""

import secrets

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Upper
from django.utils.translation import gettext_lazy as _

from catalog.choices import Availability, Gender, ProductState
from catalog.models.common import is_known


class Category(models.Model):
    """A named group of products; categories nest by `parent`."""

    name = models.CharField(_("name"), max_length=120)
    slug = models.SlugField(_("slug"), max_length=140, unique=True, allow_unicode=True)
    parent = models.ForeignKey(
        "self",
        verbose_name=_("parent"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="children",
    )

    class Meta:
        verbose_name = _("category")
        verbose_name_plural = _("categories")
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(parent=models.F("id")), name="category_is_not_its_own_parent"
            )
        ]

    def __str__(self) -> str:
        return self.name


SKU_LENGTH = 255
#: As shops write it: any characters but control characters, and no blanks around it.
SKU_PATTERN = r"^(?!\.{1,2}\Z)[^\s\x00-\x1f\x7f]([^\x00-\x1f\x7f]*[^\s\x00-\x1f\x7f])?\Z"
SKU_RULE = "Use no control characters and no blanks at its ends."


class Product(models.Model):
    """One product. Facts that the API filters by are columns with an index, others `attributes`."""

    sku = models.CharField(
        "SKU",
        max_length=SKU_LENGTH,
        unique=True,
        validators=[RegexValidator(SKU_PATTERN, SKU_RULE)],
    )
    title = models.CharField(_("title"), max_length=200)
    brand = models.CharField(_("brand"), max_length=120, blank=True, db_index=True)
    category = models.ForeignKey(
        Category,
        verbose_name=_("category"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="products",
    )
    further_categories: models.ManyToManyField[Category, "ProductCategory"] = (
        models.ManyToManyField(
            Category,
            verbose_name=_("further categories"),
            through="ProductCategory",
            related_name="further_products",
            blank=True,
        )
    )
    colour = models.CharField(_("colour"), max_length=60, blank=True, db_index=True)
    gender = models.CharField(
        _("gender"), max_length=10, blank=True, choices=Gender.choices, db_index=True
    )
    attributes = models.JSONField(
        _("attributes"),
        default=dict,
        blank=True,
        help_text=_("More facts by name, for example fabric."),
    )
    state = models.CharField(
        _("state"),
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
        # The filters of the API, each in the order of its pages.
        indexes = [
            models.Index(Upper("brand"), "sku", name="product_by_brand"),
            models.Index(Upper("colour"), "sku", name="product_by_colour"),
            models.Index(fields=["category", "sku"], name="product_by_category"),
        ]
        constraints = [
            models.CheckConstraint(condition=~models.Q(sku=""), name="product_has_a_sku"),
            is_known(ProductState, name="product_state_is_known"),
            models.CheckConstraint(
                condition=models.Q(gender__in=["", *Gender.values]), name="product_gender_is_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.sku} – {self.title}"


class ProductCategory(models.Model):
    """A category where a product stands beside its own one, `Product.category`."""

    # The constraint below begins with this column.
    product = models.ForeignKey(
        Product, on_delete=models.CASCADE, related_name="further_places", db_index=False
    )
    category = models.ForeignKey(
        Category,
        verbose_name=_("category"),
        on_delete=models.PROTECT,
        related_name="further_places",
    )
    position = models.PositiveIntegerField(_("position"), default=0)

    class Meta:
        verbose_name = _("further category")
        verbose_name_plural = _("further categories")
        ordering = ["position", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["product", "category"], name="product_is_in_a_category_once"
            )
        ]

    def __str__(self) -> str:
        return str(self.category)


def photo_path(image: "ProductImage", filename: str) -> str:
    """A random name with the extension of the uploaded file, which was checked before."""
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
    perceptual_hash = models.CharField(
        max_length=16,
        db_index=True,
        default="",
        help_text=_("Difference hash, 64 bits in hexadecimal. Similar photos have the same one."),
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


class Variant(models.Model):
    """What a customer buys of a product: one size in one colour, say, with its own SKU."""

    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="variants")
    position = models.PositiveIntegerField(default=0)
    sku = models.CharField("SKU", max_length=SKU_LENGTH, blank=True, db_index=True)
    options = models.JSONField(
        _("options"),
        default=list,
        blank=True,
        help_text=_("Pairs of name and value, in the shop's order."),
    )
    price = models.DecimalField(_("price"), max_digits=14, decimal_places=4, null=True, blank=True)
    compare_at_price = models.DecimalField(
        _("compare-at price"), max_digits=14, decimal_places=4, null=True, blank=True
    )
    currency = models.CharField(_("currency"), max_length=3, blank=True)
    barcode = models.CharField(_("barcode"), max_length=64, blank=True, db_index=True)
    availability = models.CharField(
        _("availability"), max_length=12, blank=True, choices=Availability.choices
    )
    #: The name or address of its photo in the file that it came from.
    photo_name = models.CharField(max_length=2000, blank=True, editable=False)
    photo = models.ForeignKey(
        ProductImage,
        verbose_name=_("photo"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="variants",
    )

    class Meta:
        verbose_name = _("variant")
        verbose_name_plural = _("variants")
        ordering = ["position", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["product", "sku"],
                condition=~Q(sku=""),
                name="product_has_a_variant_of_a_sku_once",
            ),
            models.CheckConstraint(
                condition=Q(price__isnull=True) | Q(price__gte=0), name="variant_price_is_no_debt"
            ),
            models.CheckConstraint(
                condition=Q(compare_at_price__isnull=True) | Q(compare_at_price__gte=0),
                name="variant_compare_at_price_is_no_debt",
            ),
            models.CheckConstraint(
                condition=Q(availability__in=["", *Availability.values]),
                name="variant_availability_is_known",
            ),
        ]

    def __str__(self) -> str:
        options = ", ".join(value for _, value in self.options)
        return self.sku or options or f"{self.product_id}/{self.position}"


class ProductChange(models.Model):
    """The last change of one SKU. Only triggers of the database write it, at commit.

    `sequence` rises with every change of any product, and a transaction that commits later has a
    higher number: a reader that has seen all changes up to a number never misses one below it.
    The row stays when its product is deleted: a tombstone, which mirrors read.
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
