"""What was in use when, and why: a log to which entries are only ever added."""

from typing import Any, NoReturn

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from catalog.choices import DeploymentAction
from catalog.models.model_version import ModelVersion


class AppendOnly(models.QuerySet["Deployment"]):
    """Refuses what would change the past."""

    def update(self, **values: Any) -> NoReturn:
        raise TypeError("The log of deployments is append-only.")

    def delete(self) -> NoReturn:
        raise TypeError("The log of deployments is append-only.")


class Deployment(models.Model):
    """One entry: somebody put a version into use, or out of it, and said why."""

    version = models.ForeignKey(
        ModelVersion,
        verbose_name=_("model version"),
        on_delete=models.PROTECT,
        related_name="deployments",
    )
    #: The version that was active in the scope before; None where there was none.
    former = models.ForeignKey(
        ModelVersion,
        verbose_name=_("former version"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    scope = models.CharField(max_length=120, blank=True, default="")
    action = models.CharField(
        verbose_name=_("action"), max_length=16, choices=DeploymentAction.choices
    )
    share = models.PositiveSmallIntegerField(null=True, blank=True, help_text=_("Per cent."))
    reason = models.TextField(verbose_name=_("reason"), blank=True)
    #: Whether a gate that had failed was overridden; `gate` is what it had said.
    override = models.BooleanField(verbose_name=_("gate overridden"), default=False)
    gate = models.JSONField(default=dict, blank=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("who"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    at = models.DateTimeField(verbose_name=_("when"), auto_now_add=True, db_index=True)

    objects = AppendOnly.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name = _("deployment")
        verbose_name_plural = _("deployment log")
        constraints = [
            models.CheckConstraint(
                condition=Q(override=False) | ~Q(reason=""), name="an_override_says_why"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.version} {self.get_action_display()}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.pk is not None:
            raise TypeError("The log of deployments is append-only.")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise TypeError("The log of deployments is append-only.")
