"""The texts of a product, one row a version, and what happened to each."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from catalog.choices import DescriptionAction, DescriptionState
from catalog.models.job import DescriptionJobItem
from catalog.models.model_version import ModelVersion
from catalog.models.product import Product
from catalog.models.product_image import ProductImage

ALT_TEXT_LENGTH = 125
TEXT_LENGTH = 5_000


class Description(models.Model):
    """One version of the text of a (product, language).

    `standard`, `alt_text` and `detailed` are what people edit; the `generated_*` fields keep what
    the model wrote, unchanged, and are empty for a text that a person wrote from nothing.
    """

    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="descriptions")
    language = models.CharField(max_length=10, default="en")
    state = models.CharField(
        max_length=12, choices=DescriptionState.choices, default=DescriptionState.DRAFT
    )
    standard = models.TextField("description", max_length=TEXT_LENGTH)
    alt_text = models.CharField(max_length=ALT_TEXT_LENGTH, blank=True)
    detailed = models.TextField(max_length=TEXT_LENGTH, blank=True)
    generated_standard = models.TextField(blank=True, editable=False)
    generated_alt_text = models.CharField(max_length=ALT_TEXT_LENGTH, blank=True, editable=False)
    generated_detailed = models.TextField(blank=True, editable=False)

    image = models.ForeignKey(ProductImage, null=True, blank=True, on_delete=models.SET_NULL)
    facts = models.TextField(blank=True, help_text="What the model was told beside the photo.")
    options = models.JSONField(default=dict, blank=True)
    model_version = models.ForeignKey(
        ModelVersion, null=True, blank=True, on_delete=models.PROTECT, related_name="descriptions"
    )
    numeric_mode = models.CharField(
        max_length=12, blank=True, help_text="The arithmetic that wrote it, for writing it again."
    )
    confidence = models.FloatField(
        null=True, blank=True, help_text="Probability, 0 to 1, that all the text states is true."
    )
    # One to one: the database itself refuses a second draft for one item of a job.
    job_item = models.OneToOneField(
        DescriptionJobItem, null=True, blank=True, on_delete=models.SET_NULL
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        help_text="Empty for a text that a worker wrote.",
    )
    reviewed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    reviewed_at = models.DateTimeField(null=True, blank=True)
    rejection_reason = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["product", "language", "state"], name="description_of_product"),
            models.Index(fields=["state", "confidence"], name="description_review_queue"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["product", "language"],
                condition=Q(state=DescriptionState.APPROVED),
                name="one_approved_description_a_language",
            ),
            models.CheckConstraint(
                condition=Q(state__in=DescriptionState.values), name="description_state_is_known"
            ),
            models.CheckConstraint(condition=~Q(standard=""), name="description_is_not_empty"),
            models.CheckConstraint(
                condition=Q(confidence__isnull=True) | Q(confidence__range=(0, 1)),
                name="confidence_is_a_probability",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.product.sku} ({self.language}, {self.state})"


class DescriptionEvent(models.Model):
    """One entry of a description's history: who did what, when, from what to what."""

    description = models.ForeignKey(Description, on_delete=models.CASCADE, related_name="events")
    action = models.CharField(max_length=12, choices=DescriptionAction.choices)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        help_text="Empty for a worker.",
    )
    at = models.DateTimeField(auto_now_add=True)
    before = models.JSONField(default=dict, blank=True)
    after = models.JSONField(default=dict, blank=True)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.get_action_display()} at {self.at:%Y-%m-%d %H:%M}"
