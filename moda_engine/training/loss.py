"""The loss: cross-entropy of each caption's tokens, by hard or soft labels.

Logits are computed only at positions that predict a token of a caption, never for padding, facts
and the last position.
"""

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext

import torch
from accelerate.utils import send_to_device
from torch import Tensor, nn
from torch.nn.attention import SDPBackend, sdpa_kernel

from moda_engine.model import IGNORED_LABEL, ModaForCaptioning
from moda_engine.training.captions import CaptionSequences, micro_batches


class CaptionLoss(nn.Module):
    """Summed loss a caption; a module of its own, so that data-parallel training can wrap it.

    Args:
        dtype: of the arithmetic; weights and losses stay float32.
    """

    def __init__(
        self, model: ModaForCaptioning, dtype: torch.dtype, label_smoothing: float = 0.0
    ) -> None:
        super().__init__()
        self.model = model
        self.dtype = dtype
        self.label_smoothing = label_smoothing
        self.has_plain_head = _has_plain_head(model)

    def forward(
        self,
        image_features: Tensor,
        input_ids: Tensor,
        attention_mask: Tensor,
        labels: Tensor,
        soft_ids: Tensor | None = None,
        soft_probabilities: Tensor | None = None,
    ) -> Tensor:
        """Nats a caption, summed over its tokens: (rows,), float32.

        Args:
            image_features: (rows, feature_size).
            input_ids, attention_mask, labels: (rows, tokens), right-padded.
            soft_ids, soft_probabilities: (rows, tokens, few), learned in place of the labels.
        """
        logits, counted = self.counted_logits(image_features, input_ids, attention_mask, labels)
        if soft_ids is not None and soft_probabilities is not None:
            found = logits.float().log_softmax(-1).gather(-1, soft_ids[counted])
            losses = -(found * soft_probabilities[counted]).sum(-1)
        else:
            losses = nn.functional.cross_entropy(
                logits.float(),
                labels[counted],
                reduction="none",
                label_smoothing=self.label_smoothing if self.training else 0.0,
            )
        rows = counted.nonzero()[:, 0]
        return torch.zeros(len(labels), device=losses.device).index_add(0, rows, losses)

    def counted_logits(
        self, image_features: Tensor, input_ids: Tensor, attention_mask: Tensor, labels: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Logits of the tokens that count, (counted, vocabulary), and which do, (rows, tokens)."""
        device = labels.device.type
        mixed = self.dtype != torch.float32
        with torch.autocast(device, dtype=self.dtype, enabled=mixed), _short_attention(device):
            visual = self.model.visual_token(image_features=image_features)
            embeds, mask = self.model.prefixed(input_ids, attention_mask, visual)
            counted = labels != IGNORED_LABEL
            return self._logits(embeds, mask, counted), counted

    def _logits(self, embeds: Tensor, mask: Tensor, counted: Tensor) -> Tensor:
        """Logits of the counted tokens: after the visual token, column i predicts token i."""
        language_model = self.model.language_model
        inputs = {"inputs_embeds": embeds, "attention_mask": mask, "use_cache": False}
        if self.has_plain_head:
            hidden = language_model.get_decoder()(**inputs).last_hidden_state
            logits: Tensor = language_model.get_output_embeddings()(hidden[:, :-1][counted])
        else:
            logits = language_model(**inputs).logits[:, :-1][counted]
        return logits


@torch.inference_mode()
def summed_losses(loss: CaptionLoss, sequences: CaptionSequences, rows: Sequence[int]) -> Tensor:
    """Nats a caption for `rows`, 0 for the others: (captions,)."""
    losses = torch.zeros(len(sequences))
    for part in micro_batches(rows, sequences.lengths):
        batch = send_to_device(sequences.batch(part), loss.model.device)
        losses[part] = loss(**batch).float().cpu()
    return losses


def _short_attention(device_type: str) -> AbstractContextManager[None]:
    """Attention as plain products on a CPU, whose fused kernel is slow at a caption's length."""
    return sdpa_kernel(SDPBackend.MATH) if device_type == "cpu" else nullcontext()


@torch.no_grad()
def _has_plain_head(model: ModaForCaptioning) -> bool:
    """Whether logits are the output layer on the decoder's states, and nothing more.

    Some language models scale or cap their logits; for those all logits are computed.
    """
    was_training = model.training
    model.eval()
    width = model.config.language_size
    probe = {
        "inputs_embeds": torch.linspace(-1, 1, 2 * width, device=model.device).view(1, 2, width)
    }
    language_model = model.language_model
    whole = language_model(**probe).logits
    hidden = language_model.get_decoder()(**probe).last_hidden_state
    plain = torch.allclose(whole, language_model.get_output_embeddings()(hidden))
    model.train(was_training)
    return plain
