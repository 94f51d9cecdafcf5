"""A shelf of the shop."""

from django.db import models


class Category(models.Model):
    """A named group of products; categories nest by `parent`."""

    name = models.CharField(max_length=120)
    slug = models.SlugField(max_length=140, unique=True)
    parent = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="children"
    )

    class Meta:
        ordering = ["name"]
        verbose_name_plural = "categories"
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(parent=models.F("id")), name="category_is_not_its_own_parent"
            ),
        ]

    def __str__(self) -> str:
        return self.name
