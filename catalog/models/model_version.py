"""Sets of weights that workers can run, and the log of which was in use when."""

from typing import Any, NoReturn

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from catalog.choices import USED_VERSION_STATES, DeploymentAction, ModelVersionState, TrainingWay
from catalog.models.common import is_known


def english() -> list[str]:
    """What a version writes that declares nothing."""
    return ["en"]


class ModelVersion(models.Model):
    """One checkpoint folder, or an adapter that runs with the checkpoint of its base.

    `scope` is empty for the whole catalog, else `brand:` and a brand or `market:` and a language.
    A scope has at most one active version and one canary.
    """

    name = models.CharField(_("name"), max_length=80, unique=True)
    scope = models.CharField(_("scope"), max_length=120, blank=True, default="")
    state = models.CharField(
        _("state"),
        max_length=10,
        choices=ModelVersionState.choices,
        default=ModelVersionState.CANDIDATE,
    )
    directory = models.CharField(
        _("directory"),
        max_length=300,
        blank=True,
        help_text=_(
            "Checkpoint folder, relative to MODEL_DIRECTORY; empty for the built-in starter."
        ),
    )
    weights_sha256 = models.CharField(_("SHA-256 of the weights"), max_length=64)
    #: SHA-256 of every file of the folder, by name; empty for versions that no run made.
    files = models.JSONField(default=dict, blank=True)
    way = models.CharField(
        _("training method"), max_length=8, choices=TrainingWay.choices, default=TrainingWay.FULL
    )
    #: What it was trained from. An adapter runs with the weights of its base.
    base = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="trained_from"
    )
    languages = models.JSONField(
        _("languages"),
        default=english,
        help_text=_("Codes of the languages that it writes, such as “en”."),
    )
    licence = models.CharField(_("licence"), max_length=200, blank=True)
    non_commercial = models.BooleanField(
        default=False, help_text=_("Whether its licence forbids commercial use.")
    )
    #: Per cent of new drafts that a canary writes; null in every other state.
    canary_share = models.PositiveSmallIntegerField(null=True, blank=True)
    #: The result of the gate when the run ended, and the figures behind it.
    judgement = models.JSONField(default=dict, blank=True)
    metrics = models.JSONField(_("measures"), default=dict, blank=True)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    activated_at = models.DateTimeField(_("in use since"), null=True, blank=True)

    class Meta:
        verbose_name = _("model version")
        verbose_name_plural = _("model versions")
        ordering = ["-created_at", "-id"]
        permissions = [("override_gate", "Can promote a version whose gate failed")]
        constraints = [
            models.UniqueConstraint(
                fields=["scope"],
                condition=Q(state=ModelVersionState.ACTIVE),
                name="one_active_model_version_a_scope",
            ),
            models.UniqueConstraint(
                fields=["scope"],
                condition=Q(state=ModelVersionState.CANARY),
                name="one_canary_a_scope",
            ),
            models.CheckConstraint(
                condition=Q(state=ModelVersionState.CANARY, canary_share__range=(1, 99))
                | (~Q(state=ModelVersionState.CANARY) & Q(canary_share__isnull=True)),
                name="a_canary_has_a_share",
            ),
            is_known(ModelVersionState, name="model_version_state_is_known"),
        ]

    def __str__(self) -> str:
        return self.name

    def writes(self, language: str) -> bool:
        """Whether its texts may be in this language; `en` is also that of `en-GB`."""
        return not {language, language.partition("-")[0]}.isdisjoint(self.languages)

    @property
    def default_language(self) -> str:
        """What it writes where no language is asked for: English, else its first."""
        return "en" if self.writes("en") or not self.languages else self.languages[0]

    @property
    def is_in_use(self) -> bool:
        """Whether it writes new drafts."""
        return self.state in USED_VERSION_STATES


class AppendOnly(models.QuerySet["Deployment"]):
    """Rows can be added and read, but neither changed nor deleted."""

    def update(self, **values: Any) -> NoReturn:
        raise TypeError("The log of deployments is append-only.")

    def delete(self) -> NoReturn:
        raise TypeError("The log of deployments is append-only.")


class Deployment(models.Model):
    """One entry of the log: who put a version into use, or out of it, and why."""

    version = models.ForeignKey(
        ModelVersion,
        verbose_name=_("model version"),
        on_delete=models.PROTECT,
        related_name="deployments",
    )
    #: The version that was active in the scope before, if any.
    former = models.ForeignKey(
        ModelVersion,
        verbose_name=_("previous version"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    scope = models.CharField(max_length=120, blank=True, default="")
    action = models.CharField(_("action"), max_length=16, choices=DeploymentAction.choices)
    share = models.PositiveSmallIntegerField(null=True, blank=True, help_text=_("In per cent."))
    reason = models.TextField(_("reason"), blank=True)
    #: Whether somebody overrode a failed gate; `gate` is its result.
    override = models.BooleanField(_("gate overridden"), default=False)
    gate = models.JSONField(default=dict, blank=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("person"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    at = models.DateTimeField(_("date"), auto_now_add=True, db_index=True)

    objects = AppendOnly.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name = _("deployment")
        verbose_name_plural = _("deployments")
        constraints = [
            models.CheckConstraint(
                condition=Q(override=False) | ~Q(reason=""), name="an_override_says_why"
            )
        ]

    def __str__(self) -> str:
        return f"{self.version} {self.get_action_display()}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.pk is not None:
            raise TypeError("The log of deployments is append-only.")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise TypeError("The log of deployments is append-only.")
