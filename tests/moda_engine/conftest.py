"""Tiny checkpoints, small photos and a hub for the engine's tests."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from huggingface_hub import constants
from PIL import Image
from transformers.utils import logging

from tests.moda_engine.hub import Hub
from tests.moda_engine.published import (
    publish_clip,
    publish_gpt2,
    publish_llama,
    publish_opt,
    publish_qwen,
)
from tests.moda_engine.tiny import save_tiny_checkpoint, tiny_model

logging.disable_progress_bar()


@pytest.fixture(scope="session")
def checkpoint(tmp_path_factory) -> Path:
    """A saved tiny checkpoint; tests only read it."""
    return save_tiny_checkpoint(tmp_path_factory.mktemp("tiny") / "checkpoint")


@pytest.fixture
def model_and_processor():
    """A tiny model of this test alone, with its processor."""
    return tiny_model()


@pytest.fixture(scope="session")
def photos() -> list[Image.Image]:
    """Five different pictures of noise, 40 × 50 pixels."""
    generator = np.random.default_rng(0)
    return [
        Image.fromarray(generator.integers(0, 256, (50, 40, 3), dtype=np.uint8)) for _ in range(5)
    ]


@pytest.fixture
def imagefolder(tmp_path, photos) -> Path:
    """Four labelled photos beside their metadata."""
    folder = tmp_path / "photos"
    (folder / "images").mkdir(parents=True)
    lines = []
    for number, photo in enumerate(photos[:4]):
        photo.save(folder / "images" / f"{number}.png")
        lines.append(
            f'{{"file_name": "images/{number}.png", "text": "Red skirt {number}.", '
            '"colour": "Red", "usage": "Casual", "product_type": "Skirts", "gender": "Girls"}'
        )
    (folder / "metadata.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


@pytest.fixture
def running_hub() -> Iterator[Hub]:
    """A hub that answers at its address."""
    hub = Hub()
    hub.run()
    yield hub
    hub.stop()


@pytest.fixture
def hub(running_hub, tmp_path, monkeypatch) -> Hub:
    """The hub that this process asks, with an empty cache."""
    hub = running_hub
    template = constants.HUGGINGFACE_CO_URL_TEMPLATE.replace(constants.ENDPOINT, hub.address)
    monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", template)
    monkeypatch.setattr(constants, "ENDPOINT", hub.address)
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "cache"))
    return hub


@pytest.fixture(scope="session")
def published_parts(tmp_path_factory):
    """Published models by name; tests only read them."""
    folder = tmp_path_factory.mktemp("published")
    publishers = (publish_clip, publish_opt, publish_llama, publish_gpt2, publish_qwen)
    return {
        publish.__name__.removeprefix("publish_"): publish(folder / publish.__name__)
        for publish in publishers
    }


@pytest.fixture
def spoilable_parts(published_parts, tmp_path):
    """A copy of the parts, to be spoilt."""
    return {name: shutil.copytree(path, tmp_path / name) for name, path in published_parts.items()}
