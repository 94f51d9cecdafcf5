"""A catalog with approved captions, and a tiny model that learns them in seconds."""

from pathlib import Path

from django.contrib.auth.models import User
from django.core.files.storage import storages

from catalog.choices import DescriptionState, ModelVersionState
from catalog.model_packages import package_publish
from catalog.models import ModelVersion
from catalog.transitions.model_version import model_version_activate
from tests.factories import (
    CategoryFactory,
    DescriptionFactory,
    ProductImageFactory,
    UserFactory,
)
from tests.moda_engine.tiny import save_tiny_checkpoint

COLOURS = ("Red", "Blue", "Black", "White", "Green")


def use_models(settings, folder: Path) -> None:
    """Have the storage `models` in a folder of this test alone."""
    settings.MODEL_DIRECTORY = folder
    storage = {**settings.STORAGES["models"], "OPTIONS": {"location": folder}}
    settings.STORAGES = {**settings.STORAGES, "models": storage}
    assert Path(storages["models"].location) == folder


def tiny_version(scratch: Path, **values) -> ModelVersion:
    """The tiny checkpoint as the version that describes the whole catalog."""
    checkpoint = save_tiny_checkpoint(scratch / "tiny")
    files = package_publish(checkpoint, "tiny")
    given = {
        "name": "tiny-1",
        "directory": "tiny",
        "files": files,
        "weights_sha256": files["model.safetensors"],
        "licence": "MIT",
        "state": ModelVersionState.CANDIDATE,
        **values,
    }
    version = ModelVersion.objects.create(**given)
    model_version_activate(version=version, actor=None)
    return version


def approved_captions(count: int, *, author: User | None = None, **product) -> list:
    """So many products of two categories, each with a photo and an approved text of a person."""
    author = author or UserFactory()
    categories = [CategoryFactory(name="Shirts"), CategoryFactory(name="Shoes")]
    found = []
    for number in range(count):
        colour, category = COLOURS[number % len(COLOURS)], categories[number % 2]
        image = ProductImageFactory(
            product__category=category,
            **{f"product__{name}": value for name, value in product.items()},
        )
        found.append(
            DescriptionFactory(
                product=image.product,
                image=image,
                standard=f"{colour} {category.name.lower()} number {number}.",
                generated_standard="",
                state=DescriptionState.APPROVED,
                created_by=author,
                reviewed_by=author,
            )
        )
    return found
