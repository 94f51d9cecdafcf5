"""A bulk job, its items and their tallies. These rows are the truth; the broker only hints."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from catalog.choices import (
    OPEN_ITEM_STATES,
    OPEN_JOB_STATES,
    FailureReason,
    ItemOutcome,
    JobItemState,
    JobState,
    SkipReason,
)
from catalog.leasing import LeasedRow, LeasePolicy
from catalog.models.common import Requested, is_known, is_leased_while
from catalog.models.model_version import ModelVersion
from catalog.models.product import Product, ProductImage


class DescriptionJob(Requested):
    """What somebody asked for: describe these products, with these options."""

    BULK_PRIORITY = 0
    SINGLE_PRIORITY = 10

    state = models.CharField(
        _("state"), max_length=10, choices=JobState.choices, default=JobState.QUEUED
    )
    language = models.CharField(max_length=10, default="en")
    options = models.JSONField(default=dict, blank=True)
    # Null: the version that is active when a worker takes an item.
    model_version = models.ForeignKey(
        ModelVersion,
        verbose_name=_("model version"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
    )
    priority = models.SmallIntegerField(
        default=BULK_PRIORITY, help_text=_("Higher is leased first.")
    )
    total = models.PositiveIntegerField(default=0, help_text=_("Items, skipped ones too."))
    created_at = models.DateTimeField(_("requested at"), auto_now_add=True, db_index=True)
    started_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)

    class Meta:
        verbose_name = _("description job")
        verbose_name_plural = _("description jobs")
        ordering = ["-id"]
        indexes = [models.Index(fields=["state", "priority"])]
        constraints = [is_known(JobState, name="job_state_is_known")]

    def __str__(self) -> str:
        return gettext("Job %s") % self.pk

    @property
    def is_open(self) -> bool:
        """Whether its items may still change."""
        return self.state in OPEN_JOB_STATES


class DescriptionJobItem(LeasedRow):
    """One product's main photo in a job."""

    lease = LeasePolicy(
        due=(JobItemState.QUEUED, JobItemState.RETRY),
        working=(JobItemState.LEASED,),
        taken=JobItemState.LEASED,
        released=JobItemState.QUEUED,
        given_up=JobItemState.FAILED,
        attempts=3,
    )

    # Foreign keys have no index here where another index begins with the column, or where no query
    # uses it: a job of 100,000 items writes each index 100,000 times.
    job = models.ForeignKey(
        DescriptionJob,
        verbose_name=_("job"),
        on_delete=models.CASCADE,
        related_name="items",
        db_index=False,
    )
    product = models.ForeignKey(
        Product, on_delete=models.CASCADE, related_name="job_items", db_index=False
    )
    # Null for a product without a photo, whose item is skipped, and after the photo was deleted.
    image = models.ForeignKey(ProductImage, null=True, blank=True, on_delete=models.SET_NULL)
    state = models.CharField(
        _("state"), max_length=10, choices=JobItemState.choices, default=JobItemState.QUEUED
    )
    idempotency_key = models.CharField(max_length=64, blank=True)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    # Set when an item must run in a batch of its own: a worker died while it had this item.
    alone = models.BooleanField(default=False)
    due_at = models.DateTimeField(help_text=_("Not leased before this time."))
    model_version = models.ForeignKey(
        ModelVersion,
        verbose_name=_("model version"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        db_index=False,
    )
    failure_reason = models.CharField(
        _("failure reason"), max_length=24, blank=True, choices=FailureReason.choices
    )
    skip_reason = models.CharField(
        _("skip reason"), max_length=24, blank=True, choices=SkipReason.choices
    )
    outcome = models.CharField(
        _("outcome"),
        max_length=24,
        blank=True,
        choices=ItemOutcome.choices,
        help_text=_("Empty for a done item that has a draft."),
    )
    detail = models.TextField(_("detail"), blank=True, help_text=_("What the program says of it."))
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)

    class Meta:
        verbose_name = _("job item")
        verbose_name_plural = _("job items")
        ordering = ["id"]
        indexes = [
            # Not partial: SQLite cannot tell from bound values that a partial index covers a query,
            # and would read and sort the table at every lease.
            models.Index(fields=["job", "state", "due_at", "id"], name="job_item_due"),
            # Both databases use these partial indexes: a value that is compared is not null.
            models.Index(
                fields=["lease_token"],
                name="job_item_token",
                condition=Q(lease_token__isnull=False),
            ),
            models.Index(
                fields=["lease_until"],
                name="job_item_lease",
                condition=Q(lease_until__isnull=False),
            ),
            models.Index(
                fields=["product"],
                name="job_item_unrecognised",
                condition=Q(outcome=ItemOutcome.NOT_RECOGNISED),
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["product", "job"], name="job_holds_a_product_once"),
            models.UniqueConstraint(
                fields=["idempotency_key"],
                condition=Q(state__in=OPEN_ITEM_STATES) & ~Q(idempotency_key=""),
                name="one_open_item_a_request",
            ),
            is_known(JobItemState, name="job_item_state_is_known"),
            is_leased_while(Q(state=JobItemState.LEASED), name="a_lease_has_token_and_deadline"),
            models.CheckConstraint(
                condition=Q(state=JobItemState.DONE) | Q(outcome=""),
                name="only_a_done_item_has_an_outcome",
            ),
            models.CheckConstraint(
                condition=~Q(state=JobItemState.FAILED) | ~Q(failure_reason=""),
                name="a_failed_item_says_why",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.job} item {self.pk}"


class DescriptionJobTally(models.Model):
    """`count` items of a job came into an end state at a time; negative where they left it.

    Written in the transaction that changes the items, so sums are exact, and reading progress costs
    the same for ten items as for a million. A counter on the job's row would make workers wait for
    each other. The sweep folds old rows into one.
    """

    job = models.ForeignKey(
        DescriptionJob, verbose_name=_("job"), on_delete=models.CASCADE, related_name="tallies"
    )
    state = models.CharField(_("state"), max_length=10, choices=JobItemState.choices)
    #: A FailureReason, a SkipReason or an ItemOutcome; empty for other states.
    reason = models.CharField(max_length=24, blank=True)
    count = models.IntegerField()
    at = models.DateTimeField()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(state__in=OPEN_ITEM_STATES), name="tallies_are_of_end_states"
            )
        ]

    def __str__(self) -> str:
        return f"{self.job}: {self.count:+d} {self.state}"


class JobOwner(models.Model):
    """The client of the API that made a job. Other clients do not see the job."""

    job = models.OneToOneField(
        DescriptionJob, primary_key=True, on_delete=models.CASCADE, related_name="api_owner"
    )
    owner = models.CharField(max_length=60, db_index=True)

    def __str__(self) -> str:
        return f"{self.job} of {self.owner}"
