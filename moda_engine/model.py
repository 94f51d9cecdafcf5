"""The captioner: frozen encoder, projector, language model.

The sequence is `[visual token][facts, if any][text]`. Images enter as `pixel_values`, or, where
they were encoded before, as `image_features`.
"""

import copy
from typing import Any

import torch
from torch import Tensor, nn
from transformers import (
    AutoModel,
    AutoModelForCausalLM,
    AutoModelForImageTextToText,
    GenerationConfig,
    GenerationMixin,
    PreTrainedModel,
)
from transformers.modeling_outputs import CausalLMOutputWithPast
from transformers.models.auto.modeling_auto import MODEL_FOR_IMAGE_TEXT_TO_TEXT_MAPPING_NAMES

from moda_engine.checkpoint import check_format
from moda_engine.configuration import DualEncoderConfig, ModaConfig
from moda_engine.dual_encoder import DualEncoder
from moda_engine.heads import LabelHeads

IGNORED_LABEL = -100


class Projector(nn.Module):
    """From the encoder's space to one visual token of the language model.

    Linear(features → expansion·width) → GELU → Linear(expansion·width → width).
    """

    def __init__(self, feature_size: int, language_size: int, expansion: int = 4) -> None:
        super().__init__()
        hidden = expansion * language_size
        self.expand = nn.Linear(feature_size, hidden)
        self.activation = nn.GELU()
        self.contract = nn.Linear(hidden, language_size)

    def forward(self, features: Tensor) -> Tensor:
        """(batch, feature_size) → (batch, language_size)."""
        projected: Tensor = self.contract(self.activation(self.expand(features)))
        return projected


class ModaForCaptioning(PreTrainedModel, GenerationMixin):
    """Describes images; see the module's header for the sequence."""

    config_class = ModaConfig
    base_model_prefix = "moda"
    main_input_name = "input_ids"
    _supports_sdpa = True
    _no_split_modules: list[str] = []
    supports_gradient_checkpointing = True
    # Probabilities near 0 and 1 need the digits.
    _keep_in_fp32_modules_strict = ["heads"]

    def __init__(self, config: ModaConfig) -> None:
        check_format(config.format_version)
        super().__init__(config)
        self.encoder = AutoModel.from_config(config.encoder_config, trust_remote_code=False)
        self.projector = Projector(
            config.feature_size, config.language_size, config.projector_expansion
        )
        self.language_model = AutoModelForCausalLM.from_config(
            config.language_config, trust_remote_code=False
        )
        #: `None` for a checkpoint without them.
        self.heads = LabelHeads(config.heads, config.feature_size) if config.heads else None
        # The names that were tied are the language model's own, seen from here.
        self._tied_weights_keys = {
            f"language_model.{name}": f"language_model.{source}"
            for name, source in (self.language_model._tied_weights_keys or {}).items()
        }
        self.post_init()
        self.freeze_encoder()

    @classmethod
    def from_parts(
        cls,
        config: ModaConfig,
        *,
        encoder: PreTrainedModel,
        projector: Projector,
        language_model: PreTrainedModel,
    ) -> "ModaForCaptioning":
        """The model whose three slots hold what is given, as it is. No weights are drawn."""
        with torch.device("meta"):
            model = cls(config)
        model.encoder, model.projector, model.language_model = encoder, projector, language_model
        model.freeze_encoder()
        return model

    @classmethod
    def from_pretrained(cls, *arguments: Any, **options: Any) -> Any:
        """As of any model; the encoder that the loader made is frozen too."""
        loaded = super().from_pretrained(*arguments, **options)
        model = loaded[0] if isinstance(loaded, tuple) else loaded  # or with the loader's report
        model.freeze_encoder()
        return loaded

    def freeze_encoder(self) -> None:
        """Captions never train the encoder: its features are cached, its scores relied on.

        Nor do they train its heads.
        """
        self.encoder.requires_grad_(False)
        self.encoder.eval()
        if self.heads is not None:
            self.heads.requires_grad_(False)

    def train(self, mode: bool = True) -> "ModaForCaptioning":  # noqa: FBT001 (torch's signature)
        """As usual, but the encoder's normalisation layers stay as they were trained."""
        super().train(mode)
        self.encoder.eval()
        return self

    def get_input_embeddings(self) -> nn.Module:
        table: nn.Module = self.language_model.get_input_embeddings()
        return table

    def set_input_embeddings(self, value: nn.Module) -> None:
        self.language_model.set_input_embeddings(value)

    def get_output_embeddings(self) -> nn.Module:
        head: nn.Module = self.language_model.get_output_embeddings()
        return head

    def set_output_embeddings(self, new_embeddings: nn.Module) -> None:
        self.language_model.set_output_embeddings(new_embeddings)

    def resize_token_embeddings(self, *arguments: Any, **options: Any) -> nn.Embedding:
        """As of any model: the language model's table, and what its configuration says of it."""
        table: nn.Embedding = self.language_model.resize_token_embeddings(*arguments, **options)
        self.config.language_config.vocab_size = len(table.weight)
        return table

    @torch.no_grad()
    def encode_images(self, pixel_values: Tensor) -> Tensor:
        """(batch, 3, height, width) → (batch, feature_size), outside the gradient."""
        pixel_values = pixel_values.to(self.encoder.device, self.encoder.dtype)
        output = self.encoder.get_image_features(pixel_values=pixel_values)
        return output if isinstance(output, Tensor) else output.pooler_output

    def visual_token(
        self, pixel_values: Tensor | None = None, image_features: Tensor | None = None
    ) -> Tensor:
        """The one embedding, (batch, 1, width), that stands for the photo.

        Raises `ValueError` unless exactly one of the two inputs is given.
        """
        if pixel_values is not None and image_features is None:
            image_features = self.encode_images(pixel_values)
        elif pixel_values is not None or image_features is None:
            raise ValueError("Give either pixel_values or image_features.")
        features = image_features.to(self.projector.expand.weight.dtype)
        token: Tensor = self.projector(features).unsqueeze(1)
        return token

    def forward(
        self,
        input_ids: Tensor | None = None,
        attention_mask: Tensor | None = None,
        pixel_values: Tensor | None = None,
        image_features: Tensor | None = None,
        labels: Tensor | None = None,
        inputs_embeds: Tensor | None = None,
        **kwargs: Any,
    ) -> CausalLMOutputWithPast:
        """One pass over `[visual token][input_ids]`, or a generation step where images are absent.

        Args:
            input_ids: (batch, tokens), facts and text; right-padded in training.
            attention_mask: (batch, tokens), without the visual token.
            labels: (batch, tokens), -100 on facts and padding.

        Returns the language model's output; logits are (batch, 1 + tokens, vocabulary).
        """
        if pixel_values is not None or image_features is not None:
            visual = self.visual_token(pixel_values, image_features)
            inputs_embeds, attention_mask = self.prefixed(input_ids, attention_mask, visual)
            input_ids = None
            if labels is not None:
                labels = nn.functional.pad(labels, (1, 0), value=IGNORED_LABEL)
        output: CausalLMOutputWithPast = self.language_model(
            input_ids=input_ids,
            attention_mask=attention_mask,
            inputs_embeds=inputs_embeds,
            labels=labels,
            **kwargs,
        )
        return output

    def prefixed(
        self, input_ids: Tensor | None, attention_mask: Tensor | None, visual: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Embeddings and mask of `[visual token][tokens]`; (batch, 1 + tokens, width) and mask.

        Facts are padded on the left for generation, so a padded row keeps its visual token at the
        front, before the padding: position ids follow the mask, not the column.
        """
        embeds = visual
        if input_ids is not None:
            tokens = self.get_input_embeddings()(input_ids)
            embeds = torch.cat([visual.to(tokens.dtype), tokens], dim=1)
        ones = torch.ones(visual.shape[:2], dtype=torch.long, device=visual.device)
        if attention_mask is None:
            return embeds, torch.ones(embeds.shape[:2], dtype=torch.long, device=visual.device)
        return embeds, torch.cat([ones, attention_mask], dim=1)

    @torch.no_grad()
    def generate(  # type: ignore[override]
        self,
        input_ids: Tensor | None = None,
        attention_mask: Tensor | None = None,
        pixel_values: Tensor | None = None,
        image_features: Tensor | None = None,
        labels: Tensor | None = None,
        generation_config: GenerationConfig | None = None,
        **kwargs: Any,
    ) -> Any:
        """Transformers' own generation, begun from the visual token and the facts.

        Args:
            labels: of texts that were given to the processor, as a pipeline gives its prompts:
                `input_ids` then hold the texts, right-padded, and generation goes on with them.
            kwargs: any option of `GenerationMixin.generate`.

        Returns what `GenerationMixin.generate` returns; sequences hold new tokens only.
        """
        if generation_config is None:
            generation_config = copy.deepcopy(self.generation_config)
            kwargs = generation_config.update(**kwargs)
        if labels is not None and input_ids is not None and attention_mask is not None:
            input_ids, attention_mask = _unended(
                input_ids, attention_mask, generation_config.eos_token_id
            )
        visual = self.visual_token(pixel_values, image_features)
        embeds, mask = self.prefixed(input_ids, attention_mask, visual)
        return self.language_model.generate(
            inputs_embeds=embeds,
            attention_mask=mask,
            generation_config=generation_config,
            **kwargs,
        )


def _unended(input_ids: Tensor, mask: Tensor, end: int | list[int] | None) -> tuple[Tensor, Tensor]:
    """Texts to go on with: without their end tokens, padded on the left; both (batch, tokens)."""
    ends = torch.tensor([] if end is None else end, device=input_ids.device).flatten()
    lengths = mask.sum(1)  # (batch,)
    rows = torch.arange(len(input_ids), device=input_ids.device)
    last = input_ids[rows, (lengths - 1).clamp(min=0)]
    lengths = lengths - ((lengths > 0) & torch.isin(last, ends)).long()
    width = int(lengths.max())
    columns = torch.arange(width, device=input_ids.device)
    places = columns - (width - lengths).unsqueeze(1)  # negative where there is padding
    return input_ids.gather(1, places.clamp(min=0)), (places >= 0).long()


AutoModel.register(DualEncoderConfig, DualEncoder, exist_ok=True)
AutoModel.register(ModaConfig, ModaForCaptioning, exist_ok=True)
AutoModelForImageTextToText.register(ModaConfig, ModaForCaptioning, exist_ok=True)
# A pipeline warns of models whose names it does not find here.
MODEL_FOR_IMAGE_TEXT_TO_TEXT_MAPPING_NAMES[ModaConfig.model_type] = ModaForCaptioning.__name__
