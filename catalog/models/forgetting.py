"""Whose captions no model shall learn from any more."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from catalog.models.product import Product


class Forgetting(models.Model):
    """A product, or an author, whose captions are left out of every run from now on."""

    product = models.ForeignKey(
        Product, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    reason = models.TextField(verbose_name=_("reason"))
    removed = models.PositiveIntegerField(verbose_name=_("texts taken away"), default=0)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("asked for by"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    created_at = models.DateTimeField(verbose_name=_("asked for at"), auto_now_add=True)

    class Meta:
        ordering = ["-id"]
        verbose_name = _("entry of the forgotten")
        verbose_name_plural = _("forgotten captions")
        constraints = [
            models.CheckConstraint(
                condition=Q(product__isnull=False, author__isnull=True)
                | Q(product__isnull=True, author__isnull=False),
                name="a_product_or_an_author_is_forgotten",
            ),
            models.UniqueConstraint(
                fields=["product"],
                condition=Q(product__isnull=False),
                name="a_product_is_forgotten_once",
            ),
            models.UniqueConstraint(
                fields=["author"],
                condition=Q(author__isnull=False),
                name="an_author_is_forgotten_once",
            ),
        ]

    def __str__(self) -> str:
        return str(self.product or self.author)
