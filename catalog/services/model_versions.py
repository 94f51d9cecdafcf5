"""What a person may ask for with model versions."""

from collections.abc import Mapping
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction

from catalog.models import ModelVersion
from catalog.transitions import model_version as transitions


def model_version_register(
    *,
    name: str,
    directory: str,
    weights_sha256: str,
    licence: str = "",
    metrics: Mapping[str, Any] | None = None,
) -> ModelVersion:
    """Make a checkpoint folder known, as a candidate; the same again changes nothing.

    `directory` is relative to MODEL_DIRECTORY, empty for the built-in starter. Raises
    `ValidationError` when a field is wrong, or when the name belongs to other weights.
    """
    known = ModelVersion.objects.filter(name=name, weights_sha256=weights_sha256).first()
    if known is not None:
        return known
    version = ModelVersion(
        name=name,
        directory=directory,
        weights_sha256=weights_sha256,
        licence=licence,
        metrics=dict(metrics or {}),
    )
    with transaction.atomic():
        version.full_clean()
        version.save(force_insert=True)
    return version


def model_version_activate(*, version: ModelVersion, actor: User | None = None) -> ModelVersion:
    """Let workers use this version from their next batch on. The former one is retired.

    Raises `TransitionRefused` when it is active already, or was rejected.
    """
    transitions.model_version_activate(version=version, actor=actor)
    return version
