"""The grid over products: who changed which cells, as steps that are undone as one; saved views."""

from uuid import uuid4

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from catalog.choices import GridStepKind
from catalog.models.common import is_known
from catalog.models.product import Product


class GridStep(models.Model):
    """One step in the grid over one cell or thousands. Rows are added, never changed.

    A second click of one button finds the row of the first by `idempotency_key`. An undo is a step
    too, and `undoes` allows one undo of each.
    """

    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    kind = models.CharField(max_length=8, choices=GridStepKind.choices)
    idempotency_key = models.UUIDField(unique=True, default=uuid4)
    count = models.PositiveIntegerField(help_text="Cells that it changed.")
    undoes = models.OneToOneField(
        "self", null=True, on_delete=models.PROTECT, related_name="undone_by"
    )
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["actor", "id"], name="grid_step_of_actor")]
        constraints = [
            is_known(GridStepKind, name="grid_step_kind_is_known", field="kind"),
            models.CheckConstraint(
                condition=Q(kind=GridStepKind.UNDO, undoes__isnull=False)
                | (~Q(kind=GridStepKind.UNDO) & Q(undoes__isnull=True)),
                name="a_grid_undo_says_of_what",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} at {self.at:%Y-%m-%d %H:%M}"


class GridCell(models.Model):
    """What one step did to one cell. `before` and `after` are as the product holds them."""

    step = models.ForeignKey(GridStep, on_delete=models.CASCADE, related_name="cells")
    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="grid_cells")
    column = models.CharField(max_length=140, help_text="The key of the column.")
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["step", "product", "column"], name="a_step_changes_a_cell_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.column} of {self.product_id}"


class SavedView(models.Model):
    """Filters, columns and order of the grid under a name, for one's own or for all colleagues."""

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="saved_views"
    )
    name = models.CharField(_("name"), max_length=80)
    is_shared = models.BooleanField(_("shared with colleagues"), default=False)
    filters = models.JSONField(default=dict, blank=True, help_text="As in the grid's address.")
    columns = models.JSONField(default=list, blank=True, help_text="Keys, in order.")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["name", "id"]
        constraints = [
            models.UniqueConstraint(fields=["owner", "name"], name="a_person_names_a_view_once"),
            models.CheckConstraint(condition=~Q(name=""), name="a_view_has_a_name"),
        ]

    def __str__(self) -> str:
        return self.name
