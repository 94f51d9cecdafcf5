"""The named state changes of a model version."""

import logging

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from catalog.choices import ModelVersionState
from catalog.exceptions import TransitionRefused
from catalog.models import ModelVersion, WebhookEventType
from catalog.transitions.webhook import event_record

logger = logging.getLogger(__name__)

ACTIVATABLE = (ModelVersionState.CANDIDATE, ModelVersionState.CANARY, ModelVersionState.RETIRED)


def model_version_activate(*, version: ModelVersion, actor: User | None) -> None:
    """Candidate, canary or retired to active; the version active in its scope retires with it.

    The former is locked before the new one is: of two activations at once the second waits, then
    retires the first.
    """
    with transaction.atomic():
        in_scope = ModelVersion.objects.select_for_update().filter(scope=version.scope)
        rows = {row.pk: row for row in in_scope.order_by("pk")}
        fresh = rows.get(version.pk)
        if fresh is None or fresh.state not in ACTIVATABLE:
            state = fresh.get_state_display().lower() if fresh else "deleted"
            raise TransitionRefused(f"{version.name} is {state}, so it cannot be made active.")
        for former in rows.values():
            if former.state == ModelVersionState.ACTIVE:
                former.state = ModelVersionState.RETIRED
                former.save(update_fields=["state"])
        fresh.state = ModelVersionState.ACTIVE
        fresh.activated_at = timezone.now()
        fresh.save(update_fields=["state", "activated_at"])
        event_record(
            kind=WebhookEventType.MODEL_PROMOTED,
            subject=f"model {fresh.pk}",
            data={"name": fresh.name, "scope": fresh.scope},
        )
    version.refresh_from_db()
    logger.info("%s is active, by %s", version.name, actor or "the program")
