"""What greedy generation gave, taken apart: texts, how sure each token was, and near ties."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from transformers import PreTrainedTokenizerBase

from moda_engine.language.rewording import without_cut_word
from moda_engine.ties import near_ties


@dataclass(frozen=True)
class Generated:
    """A batch's texts, one a row.

    `log_probabilities` are those of a row's tokens, its end included. `undecided` are the rows
    whose words the batch they were in may have decided.
    """

    texts: list[str]
    log_probabilities: list[list[float]]
    undecided: list[int]

    def with_rows(self, rows: Sequence[int], again: "Generated") -> "Generated":
        """These, but for `rows`, which are those of `again` in their order."""
        texts, log_probabilities = list(self.texts), list(self.log_probabilities)
        for place, row in enumerate(rows):
            texts[row] = again.texts[place]
            log_probabilities[row] = again.log_probabilities[place]
        undecided = {*self.undecided, *(rows[place] for place in again.undecided)}
        return Generated(texts, log_probabilities, sorted(undecided))


def generated(output: Any, tokenizer: PreTrainedTokenizerBase, dtype: torch.dtype) -> Generated:
    """`output` is of `generate` with `output_logits`; `dtype` that of the arithmetic."""
    logits = torch.stack(output.logits, dim=1).float()  # (batch, tokens, vocabulary)
    chosen = output.sequences[:, -logits.shape[1] :]
    counted = _until_end(chosen, tokenizer.eos_token_id)
    log_probabilities = logits.log_softmax(-1).gather(-1, chosen.unsqueeze(-1)).squeeze(-1)
    rows = zip(log_probabilities, counted.bool(), strict=True)
    return Generated(
        texts=_texts(output.sequences, tokenizer),
        log_probabilities=[row[until].tolist() for row, until in rows],
        undecided=near_ties(logits, counted, dtype),
    )


def _texts(sequences: Tensor, tokenizer: PreTrainedTokenizerBase) -> list[str]:
    """A text that never came to its end loses its last, cut word."""
    texts = tokenizer.batch_decode(sequences, skip_special_tokens=True)
    ended = (sequences == tokenizer.eos_token_id).any(-1).tolist()
    return [
        text.strip() if whole else without_cut_word(text.strip())
        for text, whole in zip(texts, ended, strict=True)
    ]


def _until_end(tokens: Tensor, end: int) -> Tensor:
    """1 up to and with the first end token, 0 after it; (batch, tokens)."""
    ends = (tokens == end).long()
    return (ends.cumsum(1) - ends == 0).float()
