"""What a product is called in further languages; its own columns are in the shop's language."""

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from catalog.models.product import Product
from catalog.tables.language_codes import LANGUAGE_LENGTH, LANGUAGE_PATTERN


class ProductTranslation(models.Model):
    """Title, colour and attributes of a product in one further language.

    What is empty here is read from the next language of the chain (`catalog.languages`). Texts of
    every language are rows of `Description`.
    """

    # The constraint below begins with this column.
    product = models.ForeignKey(
        Product, on_delete=models.CASCADE, related_name="translations", db_index=False
    )
    language = models.CharField(
        _("language"),
        max_length=LANGUAGE_LENGTH,
        validators=[RegexValidator(LANGUAGE_PATTERN, _("Write a code such as de or pt-BR."))],
    )
    title = models.CharField(_("title"), max_length=200, blank=True)
    colour = models.CharField(_("colour"), max_length=60, blank=True)
    attributes = models.JSONField(
        _("attributes"), default=dict, blank=True, help_text=_("Facts by name, in this language.")
    )

    class Meta:
        verbose_name = _("translation")
        verbose_name_plural = _("translations")
        ordering = ["language"]
        constraints = [
            models.UniqueConstraint(
                fields=["product", "language"], name="product_is_translated_once_a_language"
            ),
            models.CheckConstraint(condition=~Q(language=""), name="translation_has_a_language"),
        ]

    def __str__(self) -> str:
        return f"{self.title or self.product_id} ({self.language})"
