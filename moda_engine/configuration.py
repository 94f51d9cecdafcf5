"""What a MODA checkpoint is made of. Knows the shape of the model, nothing of its arithmetic."""

from typing import Any

from transformers import AutoConfig, PreTrainedConfig

from moda_engine.checkpoint import FORMAT_VERSION


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
        phrases: whether the text tower was taught single phrases, so that details can be scored.
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
        phrases: bool = False,  # noqa: FBT001 (transformers passes all by name)
        **kwargs: Any,
    ) -> None:
        self.encoder_config = _sub_config(encoder_config, "clip")
        self.language_config = _sub_config(language_config, "opt")
        self.projector_expansion = projector_expansion
        self.format_version = format_version
        self.parts = parts
        self.confidence = confidence
        self.phrases = phrases
        kwargs.setdefault("is_encoder_decoder", False)
        super().__init__(**kwargs)

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


AutoConfig.register(DualEncoderConfig.model_type, DualEncoderConfig, exist_ok=True)
AutoConfig.register(ModaConfig.model_type, ModaConfig, exist_ok=True)
