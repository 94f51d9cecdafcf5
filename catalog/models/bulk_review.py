"""A step over more drafts than one request should judge: a worker does it, chunk by chunk."""

from django.db import models
from django.db.models import Q
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from catalog.choices import BulkReviewState
from catalog.models.review_action import ReviewAction


class BulkReview(models.Model):
    """What is left to do of one `ReviewAction`: approve, reject or undo all that it is about.

    Chunks go by the ids of products, so that the texts of one product are judged together, and
    each writes `position` with what it judged: a worker that dies leaves nothing half done.
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
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=BulkReviewState.values), name="bulk_review_state_is_known"
            ),
        ]
        indexes = [
            # The sweep asks every few seconds, and nearly always there is none.
            models.Index(
                fields=["action"],
                condition=Q(state=BulkReviewState.RUNNING),
                name="bulk_review_running",
            ),
        ]

    def __str__(self) -> str:
        return _("%(count)s of %(total)s texts") % {
            "count": number_format(self.action.count, force_grouping=True),
            "total": number_format(self.total, force_grouping=True),
        }

    @property
    def handled(self) -> int:
        """Texts that were judged or left alone."""
        return self.action.count + self.left
