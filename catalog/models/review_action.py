"""What reviewers did, one row a press of a button; what it changed are the events that name it."""

from uuid import uuid4

from django.conf import settings
from django.db import models
from django.db.models import Q

from catalog.choices import ReviewStep


class ReviewAction(models.Model):
    """One step of a reviewer over one description or many. Rows are added, never changed.

    Only `count` of one that a worker carries out (`BulkReview`) grows with what it did.
    `press` is the button as it stood on the page: a second click of it finds this row and does
    nothing. An undo is a row too, and `undoes` allows one of each.
    """

    reviewer = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    step = models.CharField(max_length=10, choices=ReviewStep.choices)
    press = models.UUIDField(unique=True, default=uuid4)
    count = models.PositiveIntegerField(help_text="Descriptions that it changed.")
    seconds = models.FloatField(
        null=True, help_text="From taking the text to this step; empty for many at once."
    )
    undoes = models.OneToOneField(
        "self", null=True, on_delete=models.PROTECT, related_name="undone_by"
    )
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["reviewer", "id"], name="review_action_of_reviewer"),
            models.Index(fields=["at"], name="review_action_at"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(step__in=ReviewStep.values), name="review_step_is_known"
            ),
            models.CheckConstraint(
                condition=Q(step=ReviewStep.UNDO, undoes__isnull=False)
                | (~Q(step=ReviewStep.UNDO) & Q(undoes__isnull=True)),
                name="an_undo_says_of_what",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_step_display()} at {self.at:%Y-%m-%d %H:%M}"
