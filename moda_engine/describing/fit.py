"""How well a text fits a photo, by the encoder's two towers; knows nothing of generation."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from moda_engine.model import ModaForCaptioning
from moda_engine.processor import ModaProcessor

_BATCH_SIZE = 128


class FitScorer:
    """Scores texts against image features of one model."""

    def __init__(self, model: ModaForCaptioning, processor: ModaProcessor) -> None:
        self._model = model
        self._processor = processor

    @torch.inference_mode()
    def sentence_scores(self, features: Tensor, texts: Sequence[str]) -> list[float]:
        """Cosine of each photo and its own text.

        Args:
            features: the encoder's image features, (batch, feature_size).
        """
        encoded = self._encoded(texts)
        pairs = nn.functional.normalize(features, dim=-1) * encoded
        return pairs.sum(-1).float().tolist()

    def drop_text_tower(self) -> None:
        """Let the text tower go."""
        del self._model.encoder.text_model

    @property
    def has_text_tower(self) -> bool:
        """Whether sentences can be scored: not with more tokens than the text tower learned."""
        encoder = self._model.encoder
        return (
            hasattr(encoder, "text_model")
            and len(self._processor.encoder_tokenizer) <= encoder.config.text_config.vocab_size
        )

    def _encoded(self, texts: Sequence[str]) -> Tensor:
        """Unit vectors, (texts, feature_size)."""
        encoder = self._model.encoder
        length = encoder.config.text_config.max_position_embeddings
        parts = []
        for start in range(0, len(texts), _BATCH_SIZE):
            inputs = self._processor.encoder_text(texts[start : start + _BATCH_SIZE], length)
            output = encoder.get_text_features(**inputs.to(self._model.device))
            parts.append(output if isinstance(output, Tensor) else output.pooler_output)
        return nn.functional.normalize(torch.cat(parts), dim=-1)
