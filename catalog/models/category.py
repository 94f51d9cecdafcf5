"""A shelf of the shop."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Category(models.Model):
    """A named group of products; categories nest by `parent`."""

    name = models.CharField(verbose_name=_("name"), max_length=120)
    slug = models.SlugField(verbose_name=_("slug"), max_length=140, unique=True)
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
            ),
        ]

    def __str__(self) -> str:
        return self.name
