"""The starter's image encoder with its text tower; stands where FashionCLIP stands.

The two public methods are CLIP's own, so the captioner never asks which encoder it has.
"""

import torch
from torch import Tensor, nn
from transformers import AutoModel, CLIPTextConfig, CLIPTextModel, PreTrainedModel
from transformers.modeling_outputs import BaseModelOutputWithPooling

from moda_engine.configuration import DualEncoderConfig, EfficientNetLiteConfig
from moda_engine.efficientnet_lite import EfficientNetLiteModel


class DualEncoder(PreTrainedModel):
    """Vision backbone and text tower, each followed by a linear projection."""

    config_class = DualEncoderConfig
    base_model_prefix = "encoder"
    main_input_name = "pixel_values"
    # The text tower's attention; a backbone of convolutions has none.
    _supports_sdpa = True

    def __init__(self, config: DualEncoderConfig) -> None:
        super().__init__(config)
        # Convolutions attend to nothing, and refuse every other way of attention by name.
        self.vision_model = AutoModel.from_config(config.vision_config, attn_implementation="eager")
        if not isinstance(config.text_config, CLIPTextConfig):
            raise ValueError(f"The text tower is a CLIP one, not {config.text_config.model_type}.")
        self.text_model = CLIPTextModel(config.text_config)
        vision_size = config.vision_config.hidden_sizes[-1]
        self.visual_projection = nn.Linear(vision_size, config.projection_dim, bias=False)
        self.text_projection = nn.Linear(
            config.text_config.hidden_size, config.projection_dim, bias=False
        )
        self.logit_scale = nn.Parameter(torch.tensor(config.logit_scale_init_value))
        self.post_init()

    def image_features(self, pixel_values: Tensor) -> Tensor:
        """Projected image features, (batch, projection_dim)."""
        pooled = self.vision_model(pixel_values).pooler_output  # (batch, vision, 1, 1)
        projected: Tensor = self.visual_projection(pooled.flatten(1))
        return projected

    def text_features(self, input_ids: Tensor, attention_mask: Tensor | None = None) -> Tensor:
        """Projected text features, (batch, projection_dim)."""
        hidden = self.text_model(input_ids, attention_mask=attention_mask).last_hidden_state
        if attention_mask is None:
            attention_mask = torch.ones_like(input_ids)
        # The last token of each: `CLIPTextModel` takes another one where the end has the id 2.
        pooled = hidden[torch.arange(len(hidden)), attention_mask.sum(1) - 1]
        projected: Tensor = self.text_projection(pooled)
        return projected

    def get_image_features(self, pixel_values: Tensor) -> BaseModelOutputWithPooling:
        """`image_features` as `pooler_output`; `pixel_values`: (batch, 3, height, width)."""
        return BaseModelOutputWithPooling(pooler_output=self.image_features(pixel_values))

    def get_text_features(
        self, input_ids: Tensor, attention_mask: Tensor | None = None
    ) -> BaseModelOutputWithPooling:
        """`text_features` as `pooler_output`."""
        return BaseModelOutputWithPooling(
            pooler_output=self.text_features(input_ids, attention_mask)
        )

    def similarity(self, image_features: Tensor, text_features: Tensor) -> Tensor:
        """Scaled cosines, (images, texts): the logits of CLIP's contrastive loss."""
        image_features = nn.functional.normalize(image_features, dim=-1)
        text_features = nn.functional.normalize(text_features, dim=-1)
        return image_features @ text_features.T * self.logit_scale.clamp(max=4.6052).exp()


AutoModel.register(EfficientNetLiteConfig, EfficientNetLiteModel, exist_ok=True)
