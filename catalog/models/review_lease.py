"""Who has which draft before them, so that two reviewers are not given the same one."""

from django.conf import settings
from django.db import models
from django.utils import timezone

from catalog.models.description import Description


class ReviewLease(models.Model):
    """A draft is one reviewer's until a time. A row past its time means nothing.

    Apart from the description, whose `updated_at` tells that its words changed.
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
        """Whether the draft is the reviewer's now."""
        return self.until > timezone.now()
