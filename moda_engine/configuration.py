"""What a MODA checkpoint is made of. Knows the shape of the model, nothing of its arithmetic."""

import math
from collections.abc import Sequence
from importlib import import_module
from typing import Any

from transformers import AutoConfig, PreTrainedConfig

from moda_engine.checkpoint import FORMAT_VERSION

#: Variant → width and depth, in units of Lite0's, and the pixels a side that it was trained at.
LITE_VARIANTS = {
    "lite0": (1.0, 1.0, 224),
    "lite1": (1.0, 1.1, 240),
    "lite2": (1.1, 1.2, 260),
}


class EfficientNetLiteConfig(PreTrainedConfig):
    """EfficientNet-Lite, in the terms of transformers' `EfficientNetConfig`.

    Sequences have an entry a stage. Width and depth of the variants are multiples of Lite0's; stem,
    top, and the depth of the first and the last stage are always Lite0's.

    Args:
        in_channels: of Lite0; the first is the stem's width.
        out_channels: of Lite0.
        batch_norm_momentum: share of the new batch in the running statistics.
        drop_connect_rate: of the last block's photos, so many skip it in training.
    """

    model_type = "efficientnet_lite"

    def __init__(
        self,
        num_channels: int = 3,
        image_size: int = 224,
        width_coefficient: float = 1.0,
        depth_coefficient: float = 1.0,
        depth_divisor: int = 8,
        kernel_sizes: Sequence[int] = (3, 3, 5, 3, 5, 5, 3),
        in_channels: Sequence[int] = (32, 16, 24, 40, 80, 112, 192),
        out_channels: Sequence[int] = (16, 24, 40, 80, 112, 192, 320),
        strides: Sequence[int] = (1, 2, 2, 2, 1, 2, 1),
        num_block_repeats: Sequence[int] = (1, 2, 2, 3, 3, 4, 1),
        expand_ratios: Sequence[int] = (1, 6, 6, 6, 6, 6, 6),
        hidden_dim: int = 1280,
        hidden_act: str = "relu6",
        batch_norm_eps: float = 1e-3,
        batch_norm_momentum: float = 0.01,
        drop_connect_rate: float = 0.2,
        **kwargs: Any,
    ) -> None:
        self.num_channels = num_channels
        self.image_size = image_size
        self.width_coefficient = width_coefficient
        self.depth_coefficient = depth_coefficient
        self.depth_divisor = depth_divisor
        self.kernel_sizes = list(kernel_sizes)
        self.in_channels = list(in_channels)
        self.out_channels = list(out_channels)
        self.strides = list(strides)
        self.num_block_repeats = list(num_block_repeats)
        self.expand_ratios = list(expand_ratios)
        self.hidden_dim = hidden_dim
        self.hidden_act = hidden_act
        self.batch_norm_eps = batch_norm_eps
        self.batch_norm_momentum = batch_norm_momentum
        self.drop_connect_rate = drop_connect_rate
        super().__init__(**kwargs)

    @classmethod
    def of_variant(cls, variant: str) -> "EfficientNetLiteConfig":
        """The configuration of `lite0`, `lite1` or `lite2`."""
        width, depth, side = LITE_VARIANTS[variant]
        return cls(width_coefficient=width, depth_coefficient=depth, image_size=side)

    @property
    def hidden_sizes(self) -> list[int]:
        """Channels behind each stage, and those of the pooled output."""
        return [*map(self._widened, self.out_channels), self.hidden_dim]

    @property
    def depths(self) -> list[int]:
        """Blocks of each stage."""
        last = len(self.num_block_repeats) - 1
        return [
            repeats if stage in (0, last) else math.ceil(self.depth_coefficient * repeats)
            for stage, repeats in enumerate(self.num_block_repeats)
        ]

    def _widened(self, channels: int) -> int:
        """A multiple of the divisor that lacks no more than a tenth of the channels asked for."""
        wanted = channels * self.width_coefficient
        half = self.depth_divisor / 2
        rounded = max(
            self.depth_divisor, int(wanted + half) // self.depth_divisor * self.depth_divisor
        )
        return rounded if rounded >= 0.9 * wanted else rounded + self.depth_divisor


class DualEncoderConfig(PreTrainedConfig):
    """A small dual encoder: any vision backbone and a CLIP text tower, projected to one space.

    Args:
        vision_config: configuration of a Hugging Face vision model with a pooled output.
        text_config: configuration of a `CLIPTextModel`.
        projection_dim: width of the common space.
    """

    model_type = "moda_dual_encoder"
    sub_configs = {"vision_config": AutoConfig, "text_config": AutoConfig}

    def __init__(
        self,
        vision_config: PreTrainedConfig | dict[str, Any] | None = None,
        text_config: PreTrainedConfig | dict[str, Any] | None = None,
        projection_dim: int = 512,
        logit_scale_init_value: float = 2.6592,
        **kwargs: Any,
    ) -> None:
        self.vision_config = _sub_config(vision_config, "resnet")
        self.text_config = _sub_config(text_config, "clip_text_model")
        self.projection_dim = projection_dim
        self.logit_scale_init_value = logit_scale_init_value
        super().__init__(**kwargs)


class ModaConfig(PreTrainedConfig):
    """Image encoder, projector and language model of one captioner.

    Args:
        encoder_config: a dual encoder with `get_image_features` and `get_text_features`:
            `CLIPConfig` (FashionCLIP) or `DualEncoderConfig`.
        language_config: any causal language model.
        projector_expansion: width of the projector's hidden layer, in units of the language
            model's width.
        parts: where encoder and language model came from, and the projector's seed, as
            `moda_engine.parts.assembly` records them; nothing where they were trained here.
        confidence: the calibration that `describing.confidence` reads; nothing without one.
        heads: what `moda_engine.heads` reads; nothing where the encoder has no heads.
        says_all: whether its texts must state all that they are told; false where people taught it
            to leave something out.
        slots: texts of a page that its language model writes, several candidates each; nothing
            where it writes the standard text alone.
    """

    model_type = "moda"
    sub_configs = {"encoder_config": AutoConfig, "language_config": AutoConfig}

    def __init__(
        self,
        encoder_config: PreTrainedConfig | dict[str, Any] | None = None,
        language_config: PreTrainedConfig | dict[str, Any] | None = None,
        projector_expansion: int = 4,
        format_version: int = FORMAT_VERSION,
        parts: dict[str, Any] | None = None,
        confidence: dict[str, Any] | None = None,
        heads: dict[str, Any] | None = None,
        says_all: bool = True,  # noqa: FBT001 (transformers passes all by name)
        slots: Sequence[str] = (),
        **kwargs: Any,
    ) -> None:
        self.encoder_config = _sub_config(encoder_config, "clip")
        self.language_config = _sub_config(language_config, "opt")
        self.projector_expansion = projector_expansion
        self.format_version = format_version
        self.parts = parts
        self.confidence = confidence
        self.heads = heads
        self.says_all = says_all
        self.slots = list(slots)
        kwargs.setdefault("is_encoder_decoder", False)
        super().__init__(**kwargs)
        # By name, since the model is made of its configuration and not the other way round.
        import_module("moda_engine.model")

    def get_text_config(self, *args: Any, **kwargs: Any) -> PreTrainedConfig:
        """The configuration that generation asks for layers and heads: the language model's."""
        return self.language_config

    @property
    def feature_size(self) -> int:
        """Width of the encoder's image features."""
        return int(self.encoder_config.projection_dim)

    @property
    def language_size(self) -> int:
        """Width of the language model's input embeddings.

        OPT-350M embeds at another width than it computes; everything else says `hidden_size`.
        """
        config = self.language_config
        return int(getattr(config, "word_embed_proj_dim", None) or config.hidden_size)


def _sub_config(
    config: PreTrainedConfig | dict[str, Any] | None, default_type: str
) -> PreTrainedConfig:
    """`config` as an object; a dictionary names its own `model_type`."""
    if isinstance(config, PreTrainedConfig):
        return config
    values = dict(config or {})
    return AutoConfig.for_model(values.pop("model_type", default_type), **values)


AutoConfig.register(EfficientNetLiteConfig.model_type, EfficientNetLiteConfig, exist_ok=True)
AutoConfig.register(DualEncoderConfig.model_type, DualEncoderConfig, exist_ok=True)
AutoConfig.register(ModaConfig.model_type, ModaConfig, exist_ok=True)
