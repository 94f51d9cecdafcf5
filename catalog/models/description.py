"""The texts of a product, one row a version."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from catalog.choices import DescriptionState
from catalog.models.common import is_known
from catalog.models.job import DescriptionJobItem
from catalog.models.model_version import ModelVersion
from catalog.models.product import Product, ProductImage

ALT_TEXT_LENGTH = 125
TEXT_LENGTH = 5_000
#: What people may write; the engine keeps to 60 and 155 characters, which search engines show.
PAGE_TITLE_LENGTH = 150
META_DESCRIPTION_LENGTH = 320
#: The texts for a product's page and for search engines, written where a job asks for them.
PAGE_FIELDS = ("page_title", "bullets", "meta_title", "meta_description")
TEXT_FIELDS = ("standard", "alt_text", "detailed", *PAGE_FIELDS)
GENERATED_FIELDS = tuple(f"generated_{field}" for field in TEXT_FIELDS)
#: A text that no person made or changed. Only such a one may make way for a machine's.
IN_MACHINE_WORDS = Q(
    created_by=None,
    **{field: F(generated) for field, generated in zip(TEXT_FIELDS, GENERATED_FIELDS, strict=True)},
)


class Description(models.Model):
    """One version of the text of a (product, language).

    The fields of `TEXT_FIELDS` are what people edit; the `generated_*` fields keep what the model
    wrote, unchanged, and are empty for a text that a person wrote. `page_title` is not the
    product's own title, which the shop gives; `bullets` has a point a line.
    """

    # An index below begins with this column.
    product = models.ForeignKey(
        Product, on_delete=models.CASCADE, related_name="descriptions", db_index=False
    )
    language = models.CharField(max_length=10, default="en")
    state = models.CharField(
        max_length=12, choices=DescriptionState.choices, default=DescriptionState.DRAFT
    )
    standard = models.TextField("description", max_length=TEXT_LENGTH)
    alt_text = models.CharField(max_length=ALT_TEXT_LENGTH, blank=True)
    detailed = models.TextField(max_length=TEXT_LENGTH, blank=True)
    page_title = models.CharField(max_length=PAGE_TITLE_LENGTH, blank=True)
    bullets = models.TextField(max_length=TEXT_LENGTH, blank=True)
    meta_title = models.CharField(max_length=PAGE_TITLE_LENGTH, blank=True)
    meta_description = models.CharField(max_length=META_DESCRIPTION_LENGTH, blank=True)
    generated_standard = models.TextField(blank=True, editable=False)
    generated_alt_text = models.CharField(max_length=ALT_TEXT_LENGTH, blank=True, editable=False)
    generated_detailed = models.TextField(blank=True, editable=False)
    generated_page_title = models.CharField(
        max_length=PAGE_TITLE_LENGTH, blank=True, editable=False
    )
    generated_bullets = models.TextField(blank=True, editable=False)
    generated_meta_title = models.CharField(
        max_length=PAGE_TITLE_LENGTH, blank=True, editable=False
    )
    generated_meta_description = models.CharField(
        max_length=META_DESCRIPTION_LENGTH, blank=True, editable=False
    )

    image = models.ForeignKey(ProductImage, null=True, blank=True, on_delete=models.SET_NULL)
    facts = models.TextField(blank=True, help_text=_("Facts that a person typed for the model."))
    known = models.JSONField(
        default=dict,
        blank=True,
        help_text=_("What the catalog knew, and the model was told."),
    )
    options = models.JSONField(default=dict, blank=True)
    model_version = models.ForeignKey(
        ModelVersion,
        verbose_name=_("model version"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="descriptions",
    )
    numeric_mode = models.CharField(
        max_length=12,
        blank=True,
        help_text=_("Numeric mode that wrote it; the same mode writes the same text again."),
    )
    confidence = models.FloatField(
        null=True, blank=True, help_text=_("Probability, 0 to 1, that all the text states is true.")
    )
    # The order of review, in a column without nulls: one index serves it on every database.
    doubt_order = models.GeneratedField(
        expression=Coalesce("confidence", Value(2.0)),
        output_field=models.FloatField(),
        db_persist=True,
        help_text=_("The confidence; 2, and so last, for a text that has none."),
    )
    brief = models.JSONField(
        default=dict,
        blank=True,
        help_text=_(
            "What was known and seen of the item when the model wrote; empty for a text that no "
            "machine wrote."
        ),
    )
    # Both follow from the brief and the texts: catalog/claims.py.
    contradictions = models.PositiveSmallIntegerField(
        _("contradictions"),
        default=0,
        editable=False,
        help_text=_("How many things the texts say that the catalog contradicts."),
    )
    photo_disagrees = models.BooleanField(
        _("photo and title disagree"),
        default=False,
        editable=False,
        help_text=_("The photo probably shows another type of item than the catalog names."),
    )
    authorship = models.JSONField(
        default=dict,
        blank=True,
        help_text=_(
            "Who wrote which characters, by field: a list of [start, end, author]. "
            "Empty until a person changes a word."
        ),
    )
    # One to one: the database refuses a second draft for one item of a job.
    job_item = models.OneToOneField(
        DescriptionJobItem, null=True, blank=True, on_delete=models.SET_NULL
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        help_text=_("Empty for a text that a worker wrote."),
    )
    reviewed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    reviewed_at = models.DateTimeField(null=True, blank=True)
    edit_distance = models.PositiveIntegerField(
        null=True,
        blank=True,
        editable=False,
        help_text=_(
            "Characters changed between the generated and the approved words; set at "
            "approval, empty for a text that no machine wrote."
        ),
    )
    rejection_reason = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = _("description")
        verbose_name_plural = _("descriptions")
        ordering = ["-id"]
        permissions = [
            ("review_many_descriptions", "Can approve or reject many drafts at once"),
            ("view_review_figures", "Can view the figures of reviewing, by person"),
        ]
        indexes = [
            models.Index(fields=["product", "language", "state"], name="description_of_product"),
            models.Index(fields=["state", "doubt_order", "id"], name="description_by_doubt"),
            models.Index(fields=["state", "id"], name="description_by_age"),
            # Few texts contradict the catalog. SQLite cannot tell from bound values that a partial
            # index covers "more than 0".
            models.Index(fields=["contradictions", "id"], name="description_contradicting"),
            models.Index(
                fields=["id"],
                condition=Q(photo_disagrees=True),
                name="description_photo_disagrees",
            ),
            # Figures and approval rates read reviewed texts only, so drafts are not in this index.
            models.Index(
                fields=["reviewed_at"],
                include=["reviewed_by", "model_version", "state", "edit_distance"],
                condition=Q(reviewed_at__isnull=False),
                name="description_by_review",
            ),
            # The counts beside the desk's filters are read from this index alone.
            models.Index(
                fields=["model_version", "job_item", "product"],
                condition=Q(state=DescriptionState.DRAFT),
                name="description_waiting",
            ),
            models.Index(
                fields=["model_version", "reviewed_at"],
                condition=Q(reviewed_at__isnull=False),
                name="description_by_version_review",
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["product", "language"],
                condition=Q(state=DescriptionState.APPROVED),
                name="one_approved_description_a_language",
            ),
            is_known(DescriptionState, name="description_state_is_known"),
            models.CheckConstraint(condition=~Q(standard=""), name="description_is_not_empty"),
            models.CheckConstraint(
                condition=Q(confidence__isnull=True) | Q(confidence__range=(0, 1)),
                name="confidence_is_a_probability",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.product.sku} ({self.language}, {self.state})"
