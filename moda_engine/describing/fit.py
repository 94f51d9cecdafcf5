"""How well a text fits a photo, by the encoder's two towers; knows nothing of generation.

Each label that the text states is held against its alternatives ("navy blue" against all other
colours), so that a wrong word can be pointed at. The tables of phrases are encoded once.
"""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from moda_engine.describing.description import Detail
from moda_engine.language.reading import Mention, mentions
from moda_engine.language.vocabulary import ALTERNATIVES, phrase
from moda_engine.model import ModaForCaptioning
from moda_engine.processor import ModaProcessor

#: Under this a detail is called doubtful, and the alternative that fits best is named.
DOUBTFUL = 0.2
_BATCH_SIZE = 128


class FitScorer:
    """Scores texts against image features of one model."""

    def __init__(self, model: ModaForCaptioning, processor: ModaProcessor) -> None:
        self._model = model
        self._processor = processor
        self._phrases: dict[str, Tensor] | None = None

    @torch.inference_mode()
    def sentence_scores(self, features: Tensor, texts: Sequence[str]) -> list[float]:
        """Cosine of each photo and its own text.

        Args:
            features: the encoder's image features, (batch, feature_size).
        """
        encoded = self._encoded(texts)
        pairs = nn.functional.normalize(features, dim=-1) * encoded
        return pairs.sum(-1).float().tolist()

    @torch.inference_mode()
    def label_logits(self, features: Tensor) -> dict[str, Tensor]:
        """Scaled cosines of photos and phrases, kind → (batch, labels of `ALTERNATIVES`)."""
        table = self._phrase_table()
        scale = self._model.encoder.logit_scale.clamp(max=4.6052).exp()
        images = nn.functional.normalize(features, dim=-1) * scale
        return {kind: (images @ phrases.T).float() for kind, phrases in table.items()}

    def details(self, features: Tensor, texts: Sequence[str]) -> list[list[Detail]]:
        """What each text states of its photo, in order, each with its score.

        Without scores where the text tower was taught whole texts alone: asked about a phrase, it
        would point at right words.
        """
        if not self._model.config.phrases:
            return [_unscored(text) for text in texts]
        logits = self.label_logits(features)
        return [
            _details(text, {kind: values[row] for kind, values in logits.items()})
            for row, text in enumerate(texts)
        ]

    def drop_text_tower(self) -> None:
        """Let the text tower go, once the phrases are encoded: details are scored without it."""
        if self._model.config.phrases:
            self._phrase_table()
        del self._model.encoder.text_model

    @property
    def has_text_tower(self) -> bool:
        """Whether sentences can be scored."""
        return hasattr(self._model.encoder, "text_model")

    @torch.inference_mode()
    def _phrase_table(self) -> dict[str, Tensor]:
        """Unit vectors of all phrases, kind → (labels of `ALTERNATIVES`, feature_size)."""
        if self._phrases is None:
            self._phrases = {
                kind: self._encoded([phrase(kind, label) for label in labels])
                for kind, labels in ALTERNATIVES.items()
            }
        return self._phrases

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


def _unscored(text: str) -> list[Detail]:
    return [
        Detail(text[found.start : found.end], found.start, found.end, found.kind, found.label, None)
        for found in mentions(text)
    ]


def _details(text: str, logits: dict[str, Tensor]) -> list[Detail]:
    found = [mention for mention in mentions(text) if mention.kind in ALTERNATIVES]
    return [_detail(text, mention, found, logits[mention.kind]) for mention in found]


def _detail(text: str, mention: Mention, found: Sequence[Mention], logits: Tensor) -> Detail:
    """The mention against all labels of its kind that the text does not state as well."""
    labels = ALTERNATIVES[mention.kind]
    said = {other.label for other in found if other.kind == mention.kind} - {mention.label}
    words = text[mention.start : mention.end]
    if mention.label not in labels:
        return Detail(words, mention.start, mention.end, mention.kind, mention.label, None)
    others = torch.tensor([label not in said for label in labels], device=logits.device)
    shares = logits.masked_fill(~others, -torch.inf).softmax(-1)
    score = float(shares[labels.index(mention.label)])
    best = labels[int(shares.argmax())]
    doubted = score < DOUBTFUL and best != mention.label
    reason = f"The photo looks more like {phrase(mention.kind, best)}." if doubted else ""
    return Detail(words, mention.start, mention.end, mention.kind, mention.label, score, reason)
