"""Training runs and what they may learn from. These rows are the truth, as with jobs."""

from hashlib import sha256

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from catalog.choices import (
    DUE_RUN_STATES,
    OPEN_RUN_STATES,
    WORKING_RUN_STATES,
    ExampleUse,
    TrainingRunState,
    TrainingWay,
)
from catalog.leasing import LeasedRow, LeasePolicy
from catalog.models.common import Requested, is_known, is_leased_while
from catalog.models.import_export import ImportRow
from catalog.models.model_version import ModelVersion
from catalog.models.product import Product


class TrainingRun(LeasedRow, Requested):
    """Approved captions that somebody asked to become a model version.

    `checkpoint` names the files from which the next host continues, each with its hash.
    """

    lease = LeasePolicy(
        due=DUE_RUN_STATES,
        working=WORKING_RUN_STATES,
        taken=TrainingRunState.PREPARING,
        given_up=TrainingRunState.FAILED,
        attempts=3,
        holder="host",
    )

    state = models.CharField(
        _("state"), max_length=12, choices=TrainingRunState.choices, default=TrainingRunState.QUEUED
    )
    scope = models.CharField(max_length=120, blank=True, default="")
    way = models.CharField(max_length=8, choices=TrainingWay.choices, default=TrainingWay.FULL)
    language = models.CharField(max_length=10, default="en")
    base = models.ForeignKey(ModelVersion, on_delete=models.PROTECT, related_name="runs_from")
    #: Epochs, rate, share of the base set, seed: with its set they determine the run.
    options = models.JSONField(default=dict, blank=True)
    code_version = models.CharField(max_length=80, blank=True)

    caption_count = models.PositiveIntegerField(default=0, help_text=_("Captions to learn."))
    held_out_count = models.PositiveIntegerField(
        default=0, help_text=_("Held out to judge the model.")
    )
    product_count = models.PositiveIntegerField(default=0)
    left_out = models.JSONField(
        default=dict, blank=True, help_text=_("Number of captions by reason.")
    )
    #: SHA-256 of the frozen set in storage; empty until a host has frozen it.
    set_sha256 = models.CharField(max_length=64, blank=True)

    heartbeat_at = models.DateTimeField(null=True, blank=True)
    host = models.CharField(
        _("host"), max_length=200, blank=True, help_text=_("The last host that took it.")
    )
    attempts = models.PositiveSmallIntegerField(
        default=0, help_text=_("Leases that ended without progress.")
    )
    step = models.PositiveIntegerField(default=0)
    steps = models.PositiveIntegerField(default=0, help_text=_("Of the whole run."))
    #: Seconds a step on the present host; None before its second step.
    step_seconds = models.FloatField(null=True, blank=True)
    checkpoint = models.JSONField(
        default=dict, blank=True, help_text=_("SHA-256 of each file, by path.")
    )
    message = models.TextField(blank=True, help_text=_("Why it failed, or waits."))

    version = models.OneToOneField(
        ModelVersion,
        verbose_name=_("model version"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="run",
    )
    started_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        verbose_name = _("training run")
        verbose_name_plural = _("training runs")
        indexes = [models.Index(fields=["state", "lease_until"], name="training_run_due")]
        constraints = [
            is_known(TrainingRunState, name="training_run_state_is_known"),
            is_leased_while(Q(state__in=WORKING_RUN_STATES), name="a_run_at_work_has_a_lease"),
            models.CheckConstraint(
                condition=~Q(state=TrainingRunState.SUCCEEDED) | Q(version__isnull=False),
                name="a_run_that_succeeded_has_a_version",
            ),
        ]

    def __str__(self) -> str:
        return gettext("Training run %s") % self.pk

    @property
    def is_open(self) -> bool:
        """Whether it has not ended."""
        return self.state in OPEN_RUN_STATES


class TrainingExample(models.Model):
    """One caption of a run's frozen set, by ids and hashes.

    The words are only in the frozen set, so that they can be forgotten.
    """

    run = models.ForeignKey(
        TrainingRun,
        verbose_name=_("training run"),
        on_delete=models.CASCADE,
        related_name="manifest",
    )
    number = models.PositiveIntegerField(_("number"), help_text=_("Place in the frozen set."))
    use = models.CharField(_("use"), max_length=8, choices=ExampleUse.choices)
    product = models.ForeignKey(
        Product, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    sku = models.CharField(max_length=255)
    category = models.CharField(_("category"), max_length=120, blank=True)
    #: Ids of `Description`, `TrainingCaption` and account, as numbers: they outlive those rows.
    description_key = models.BigIntegerField(null=True, blank=True)
    caption_key = models.BigIntegerField(null=True, blank=True)
    author_key = models.BigIntegerField(_("author ID"), null=True, blank=True, db_index=True)
    text_sha256 = models.CharField(max_length=64)
    photo_sha256 = models.CharField(max_length=64)

    class Meta:
        ordering = ["number"]
        verbose_name = _("training example")
        verbose_name_plural = _("training examples")
        constraints = [
            models.UniqueConstraint(fields=["run", "number"], name="one_training_example_a_number")
        ]

    def __str__(self) -> str:
        return f"{self.run} caption {self.number}"


class TrainingEpoch(models.Model):
    """The result of an epoch. Losses are in nats per token; `examples` are of the same photos."""

    run = models.ForeignKey(TrainingRun, on_delete=models.CASCADE, related_name="epochs")
    number = models.PositiveSmallIntegerField()
    training_loss = models.FloatField()
    validation_loss = models.FloatField(null=True)
    examples = models.JSONField(default=list, help_text=_("Product and text of each photo."))
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["run", "number"], name="an_epoch_is_once")]

    def __str__(self) -> str:
        return f"{self.run} epoch {self.number}"


class TrainingLogLine(models.Model):
    """One line of a run's log, as a person reads it."""

    run = models.ForeignKey(TrainingRun, on_delete=models.CASCADE, related_name="log")
    at = models.DateTimeField(auto_now_add=True)
    host = models.CharField(max_length=200, blank=True)
    text = models.TextField()

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return self.text


class TrainingHost(models.Model):
    """A worker of the queue `training`, which updates its row every few seconds."""

    name = models.CharField(max_length=200, unique=True)
    seen_at = models.DateTimeField()
    device = models.CharField(max_length=120, blank=True)
    memory_bytes = models.BigIntegerField(default=0)
    free_bytes = models.BigIntegerField(
        default=0, help_text=_("Free bytes on the disk of its data folder.")
    )
    #: Captions per second in its last run, each epoch counted; None before its first.
    speed = models.FloatField(null=True, blank=True)
    peak_bytes = models.BigIntegerField(default=0, help_text=_("Memory that its last run used."))

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


def text_digest(text: str, facts: str) -> str:
    """SHA-256 of a caption's words and facts, which stays when the words are forgotten."""
    return sha256(f"{facts}\x00{text}".encode()).hexdigest()


class TrainingCaption(models.Model):
    """A text about a product from which models may learn. Nobody is shown it."""

    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="captions")
    language = models.CharField(max_length=10, default="en")
    text = models.TextField()
    row = models.ForeignKey(
        ImportRow, null=True, blank=True, on_delete=models.SET_NULL, related_name="captions"
    )
    created_at = models.DateTimeField(_("requested at"), auto_now_add=True)

    class Meta:
        ordering = ["id"]
        constraints = [models.CheckConstraint(condition=~Q(text=""), name="caption_is_not_empty")]

    def __str__(self) -> str:
        return self.text


class Forgetting(Requested):
    """A product, or an author, whose captions are left out of every run from now on."""

    product = models.ForeignKey(
        Product, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    reason = models.TextField(_("reason"))
    removed = models.PositiveIntegerField(_("captions removed"), default=0)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("requested by"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )

    class Meta:
        ordering = ["-id"]
        verbose_name = _("forgotten caption")
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
