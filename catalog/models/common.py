"""What several tables have in common."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Requested(models.Model):
    """A row that somebody asked for."""

    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("requested by"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
    )
    created_at = models.DateTimeField(_("requested at"), auto_now_add=True)

    class Meta:
        abstract = True


class RequestedByClient(Requested):
    """A row that a person or a client of the API asked for."""

    #: The client of the API; empty for people in the admin and for commands.
    api_owner = models.CharField(max_length=60, blank=True, db_index=True, editable=False)

    class Meta:
        abstract = True


def is_known(
    choices: type[models.TextChoices], *, name: str, field: str = "state"
) -> models.CheckConstraint:
    """The column holds one of the choices."""
    return models.CheckConstraint(condition=Q(**{f"{field}__in": choices.values}), name=name)


def is_leased_while(at_work: Q, *, name: str) -> models.CheckConstraint:
    """A row at work has a token and a deadline, any other has neither."""
    held = Q(lease_token__isnull=False, lease_until__isnull=False)
    free = Q(lease_token__isnull=True, lease_until__isnull=True)
    return models.CheckConstraint(condition=(held & at_work) | (~at_work & free), name=name)
