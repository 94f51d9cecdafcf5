"""The named state changes of a model version, each with its entry in the log of deployments.

    candidate -> canary -> active -> retired -> active;  candidate, canary -> rejected
    canary -> candidate: its trial was ended

Each locks all versions of the scope before it changes one. Of two people who act at once, the
second is refused if the first changed what was on the page.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from catalog import wakeups
from catalog.choices import DeploymentAction, ModelVersionState
from catalog.exceptions import TransitionRefused
from catalog.models import Deployment, ModelVersion, WebhookEventType
from catalog.transitions.webhook import events_record

logger = logging.getLogger(__name__)

ACTIVATABLE = (ModelVersionState.CANDIDATE, ModelVersionState.CANARY, ModelVersionState.RETIRED)
#: For `over`: any active version may be replaced.
ANY_VERSION = object()


def model_version_activate(
    *,
    version: ModelVersion,
    actor: User | None,
    reason: str = "",
    override: bool = False,
    over: Any = ANY_VERSION,
) -> None:
    """Candidate, canary or retired to active; the active version of its scope is retired.

    `over` is the version that the person saw as active, or None. Raises `TransitionRefused` if
    another is active by now, or if the version is in a state that cannot be activated.
    """
    with _changed(version, *ACTIVATABLE, refusal=_("cannot be made active")) as (fresh, former):
        if over is not ANY_VERSION and former != over:
            raise TransitionRefused(_replaced_meanwhile(former))
        back = fresh.state == ModelVersionState.RETIRED
        action = DeploymentAction.ROLLED_BACK if back else DeploymentAction.PROMOTED
        if former is not None:
            _move(former, ModelVersionState.RETIRED)
            _record(former, DeploymentAction.RETIRED, actor, former=former)
        _move(fresh, ModelVersionState.ACTIVE, activated_at=timezone.now())
        _record(fresh, action, actor, former=former, reason=reason, override=override)
        events_record(
            kind=WebhookEventType.MODEL_PROMOTED,
            subjects={f"model {fresh.pk}": {"name": fresh.name, "scope": fresh.scope}},
        )
        # The next person who waits for a photo should not wait for the weights too.
        transaction.on_commit(lambda: wakeups.wake_interactive())
    logger.info("%s is active, by %s", version.name, actor or "the program")


def model_version_retire(*, version: ModelVersion, actor: User | None, reason: str) -> None:
    """Active to retired, without a successor: the scope uses the version of the whole catalog."""
    refusal = _("cannot be retired")
    with _changed(version, ModelVersionState.ACTIVE, refusal=refusal) as (fresh, _active):
        _move(fresh, ModelVersionState.RETIRED)
        _record(fresh, DeploymentAction.RETIRED, actor, former=fresh, reason=reason)


def canary_start(
    *, version: ModelVersion, actor: User | None, share: int, reason: str, override: bool = False
) -> None:
    """Candidate to canary: it writes `share` per cent of the new drafts of its scope."""
    refusal = _("cannot be tried")
    canaries = ModelVersion.objects.filter(scope=version.scope, state=ModelVersionState.CANARY)
    with _changed(version, ModelVersionState.CANDIDATE, refusal=refusal) as (fresh, active):
        if (other := canaries.first()) is not None:
            raise TransitionRefused(
                _("%(version)s is being tried already: end that first.") % {"version": other.name}
            )
        _move(fresh, ModelVersionState.CANARY, canary_share=share)
        _record(
            fresh,
            DeploymentAction.CANARY_STARTED,
            actor,
            former=active,
            reason=reason,
            share=share,
            override=override,
        )


def canary_end(*, version: ModelVersion, actor: User | None, reason: str) -> None:
    """Canary back to candidate: it writes no more drafts."""
    refusal = _("is not being tried")
    with _changed(version, ModelVersionState.CANARY, refusal=refusal) as (fresh, active):
        _move(fresh, ModelVersionState.CANDIDATE)
        _record(fresh, DeploymentAction.CANARY_ENDED, actor, former=active, reason=reason)


def model_version_reject(*, version: ModelVersion, actor: User | None, reason: str) -> None:
    """Candidate or canary to rejected: it is never used."""
    allowed = (ModelVersionState.CANDIDATE, ModelVersionState.CANARY)
    with _changed(version, *allowed, refusal=_("cannot be rejected")) as (fresh, active):
        _move(fresh, ModelVersionState.REJECTED)
        _record(fresh, DeploymentAction.REJECTED, actor, former=active, reason=reason)


@contextmanager
def _changed(
    version: ModelVersion, *states: ModelVersionState, refusal: str
) -> Iterator[tuple[ModelVersion, ModelVersion | None]]:
    """The version, in one of the states, and the active one; all of the scope is locked.

    The caller's object is as the row is then. Raises `TransitionRefused`.
    """
    with transaction.atomic():
        in_scope = ModelVersion.objects.select_for_update().filter(scope=version.scope)
        rows = list(in_scope.order_by("pk"))
        fresh = next((row for row in rows if row.pk == version.pk), None)
        if fresh is None or fresh.state not in states:
            state = str(fresh.get_state_display()).lower() if fresh else _("deleted")
            raise TransitionRefused(
                _("%(version)s is %(state)s, so it %(refusal)s.")
                % {"version": version.name, "state": state, "refusal": refusal}
            )
        yield fresh, next((row for row in rows if row.state == ModelVersionState.ACTIVE), None)
    version.refresh_from_db()


def _replaced_meanwhile(active: ModelVersion | None) -> str:
    if active is None:
        return _("No version is active any more: load the page again and look before you promote.")
    entry = Deployment.objects.filter(version=active).first()
    if entry is None or entry.actor is None:
        said = _(
            "%(version)s was made active meanwhile: load the page again and compare with that."
        )
    else:
        said = _(
            "%(version)s was made active by %(who)s meanwhile: load the page again and compare "
            "with that."
        )
    return said % {"version": active.name, "who": entry and entry.actor}


def _move(version: ModelVersion, state: ModelVersionState, **values: Any) -> None:
    version.state = state
    version.canary_share = values.pop("canary_share", None)
    for name, value in values.items():
        setattr(version, name, value)
    version.save(update_fields=["state", "canary_share", *values])


def _record(
    version: ModelVersion,
    action: DeploymentAction,
    actor: User | None,
    *,
    former: ModelVersion | None,
    **values: Any,
) -> None:
    Deployment.objects.create(
        version=version,
        former=former,
        scope=version.scope,
        action=action,
        actor=actor,
        gate=version.judgement.get("gate", {}),
        **values,
    )
