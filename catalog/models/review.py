"""The review desk: the steps of reviewers, who holds which draft, and steps over many drafts."""

from uuid import uuid4

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from catalog.choices import BulkReviewState, DescriptionAction, ReviewStep
from catalog.models.common import is_known
from catalog.models.description import Description


class ReviewAction(models.Model):
    """One step of a reviewer over one description or many. Rows are added, never changed.

    Only the `count` of a step that a worker carries out (`BulkReview`) grows with what it did.
    `idempotency_key` belongs to one button of one page: a second click finds this row and does
    nothing. An undo is a row too, and `undoes` allows one undo of each step.
    """

    reviewer = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    step = models.CharField(max_length=10, choices=ReviewStep.choices)
    idempotency_key = models.UUIDField(unique=True, default=uuid4)
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
            is_known(ReviewStep, name="review_step_is_known", field="step"),
            models.CheckConstraint(
                condition=Q(step=ReviewStep.UNDO, undoes__isnull=False)
                | (~Q(step=ReviewStep.UNDO) & Q(undoes__isnull=True)),
                name="an_undo_says_of_what",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_step_display()} at {self.at:%Y-%m-%d %H:%M}"


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
        help_text=_("Empty for a worker."),
    )
    review = models.ForeignKey(
        ReviewAction,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="events",
        help_text=_("The reviewer's step that it was part of."),
    )
    at = models.DateTimeField(auto_now_add=True)
    before = models.JSONField(default=dict, blank=True)
    after = models.JSONField(default=dict, blank=True)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.get_action_display()} at {self.at:%Y-%m-%d %H:%M}"


class ReviewLease(models.Model):
    """A draft belongs to one reviewer until a time; after it the row means nothing.

    A table of its own, because the `updated_at` of a description says when its words changed.
    """

    description = models.OneToOneField(
        Description, primary_key=True, on_delete=models.CASCADE, related_name="review_lease"
    )
    reviewer = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+"
    )
    taken_at = models.DateTimeField()
    until = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.description_id} is {self.reviewer}'s until {self.until:%H:%M:%S}"

    @property
    def is_live(self) -> bool:
        """Whether the reviewer still has the draft."""
        return self.until > timezone.now()


class BulkReview(models.Model):
    """The work that one `ReviewAction` over many drafts still has before it.

    A worker judges chunks in the order of product ids, so that the texts of one product are judged
    together. Each chunk writes `position` in its transaction, so a kill leaves nothing half done.
    """

    action = models.OneToOneField(
        ReviewAction, primary_key=True, on_delete=models.CASCADE, related_name="bulk"
    )
    state = models.CharField(
        max_length=8, choices=BulkReviewState.choices, default=BulkReviewState.RUNNING
    )
    #: The drafts chosen, as `ReviewQueue` has them; empty for an undo, whose action names them.
    queue = models.JSONField(default=dict)
    #: Ids of drafts that the reviewer took out of the sample.
    left_out = models.JSONField(default=list)
    as_of = models.DateTimeField(help_text="A draft that changed after this is left alone.")
    reason = models.CharField(max_length=200, blank=True)
    position = models.BigIntegerField(default=0, help_text="The last product that was looked at.")
    total = models.PositiveIntegerField(help_text="Drafts, when they were chosen.")
    left = models.PositiveIntegerField(default=0, help_text="Left alone: changed, or in use.")
    contradicting = models.JSONField(
        default=list,
        help_text="SKUs of drafts whose texts contradict one another.",
    )
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [is_known(BulkReviewState, name="bulk_review_state_is_known")]
        indexes = [
            # The sweep asks every few seconds, and nearly always no review is running.
            models.Index(
                fields=["action"],
                condition=Q(state=BulkReviewState.RUNNING),
                name="bulk_review_running",
            )
        ]

    def __str__(self) -> str:
        return gettext("%(count)s of %(total)s texts") % {
            "count": number_format(self.action.count, force_grouping=True),
            "total": number_format(self.total, force_grouping=True),
        }

    @property
    def handled(self) -> int:
        """Texts that were judged or left alone."""
        return self.action.count + self.left
