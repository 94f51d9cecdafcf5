"""Reads of model versions."""

from catalog.choices import ModelVersionState
from catalog.models import ModelVersion


def model_version_active() -> ModelVersion | None:
    """The version that describes the whole catalog; None before the first is activated."""
    return ModelVersion.objects.filter(scope="", state=ModelVersionState.ACTIVE).first()
