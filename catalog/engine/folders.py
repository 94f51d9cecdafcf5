"""A model version as folders on this machine, each file checked against what was recorded."""

from pathlib import Path

from catalog.choices import TrainingWay
from catalog.engine.weights import ModelFolders, ModelUnavailable, checkpoint_directory
from catalog.model_packages import PackageRefused, package_check
from catalog.models import ModelVersion


def model_folders(version: ModelVersion) -> ModelFolders:
    """The checkpoint of a version, or its base's with the adapter beside it.

    Raises `ModelUnavailable` when a file was altered, added or lost since it was registered, or
    may hold code.
    """
    directory = _checked(version)
    if version.way != TrainingWay.ADAPTER:
        return ModelFolders(checkpoint=directory)
    if version.base is None:
        raise ModelUnavailable(f"{version} is an adapter, and the version that it adapts is gone.")
    return ModelFolders(checkpoint=_checked(version.base), adapter=directory)


def _checked(version: ModelVersion) -> Path:
    directory = checkpoint_directory(version)
    if version.files:
        try:
            package_check(directory, version.files)
        except (PackageRefused, OSError) as error:
            raise ModelUnavailable(f"{version}: {error}") from error
    return directory
