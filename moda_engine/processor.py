"""Photos and texts to the tensors that the captioner reads, and tokens back to text."""

from collections.abc import Sequence
from typing import Any

import torch
from PIL import Image
from transformers import (
    AutoImageProcessor,
    AutoProcessor,
    BatchFeature,
    PreTrainedTokenizerBase,
    ProcessorMixin,
)

from moda_engine.configuration import DualEncoderConfig, ModaConfig
from moda_engine.image_processor import ModaImageProcessor
from moda_engine.model import IGNORED_LABEL


class ModaProcessor(ProcessorMixin):
    """Image processor and tokenizer of one checkpoint."""

    def __init__(self, image_processor: Any, tokenizer: PreTrainedTokenizerBase) -> None:
        super().__init__(image_processor, tokenizer)
        tokenizer.padding_side = "right"

    def __call__(
        self,
        images: Sequence[Image.Image] | None = None,
        facts: Sequence[str | None] | None = None,
        text: Sequence[str] | None = None,
        facts_length: int = 96,
        **kwargs: Any,
    ) -> BatchFeature:
        """Tensors for `ModaForCaptioning.forward` or, without `text`, for `generate`.

        Args:
            images: photos; `pixel_values` of (batch, 3, height, width).
            facts: what is known of each photo, or `None`; longer facts are cut at `facts_length`.
            text: captions to learn; gives `labels`, -100 on facts and padding.
        """
        data: dict[str, Any] = {}
        if images is not None:
            pixels = self.image_processor(images=list(images), return_tensors="pt")
            data["pixel_values"] = pixels["pixel_values"]
        known = facts if facts is not None else [None] * len(text or [])
        if text is not None:
            data |= self.padded(
                [
                    self.sequence(caption, fact, facts_length)
                    for caption, fact in zip(text, known, strict=True)
                ]
            )
        elif any(known):
            data |= self._prefix_tensors([self._fact_ids(fact, facts_length) for fact in known])
        return BatchFeature(data)

    def sequence(
        self, text: str, fact: str | None = None, facts_length: int = 96
    ) -> tuple[list[int], int]:
        """The tokens of `[fact][text][end]`, and how many of them are the fact's."""
        fact_ids = self._fact_ids(fact, facts_length)
        return fact_ids + self._caption_ids(text), len(fact_ids)

    def _fact_ids(self, fact: str | None, length: int) -> list[int]:
        if not fact:
            return []
        ids: list[int] = self.tokenizer(fact, add_special_tokens=False)["input_ids"][:length]
        return [*ids, self.tokenizer.bos_token_id]

    def _caption_ids(self, caption: str) -> list[int]:
        """The caption's tokens and the end; OPT's tokenizer puts its `</s>` first as well."""
        ids: list[int] = self.tokenizer(caption)["input_ids"]
        end = self.tokenizer.eos_token_id
        return ids if ids and ids[-1] == end else [*ids, end]

    def padded(self, sequences: Sequence[tuple[list[int], int]]) -> dict[str, torch.Tensor]:
        """Right-padded `input_ids`, `attention_mask`, `labels`, each (batch, tokens).

        Args:
            sequences: what `sequence` gives, one a row.
        """
        width = max(len(ids) for ids, _ in sequences)
        shape = (len(sequences), width)
        input_ids = torch.full(shape, self.tokenizer.pad_token_id, dtype=torch.long)
        labels = torch.full(shape, IGNORED_LABEL, dtype=torch.long)
        mask = torch.zeros(shape, dtype=torch.long)
        for index, (row, facts) in enumerate(sequences):
            ids = torch.tensor(row)
            input_ids[index, : len(row)] = ids
            mask[index, : len(row)] = 1
            labels[index, facts : len(row)] = ids[facts:]
        return {"input_ids": input_ids, "attention_mask": mask, "labels": labels}

    def _prefix_tensors(self, fact_ids: Sequence[list[int]]) -> dict[str, torch.Tensor]:
        """Left-padded facts, so that every row's next token is the last column's."""
        width = max(len(row) for row in fact_ids)
        input_ids = torch.full(
            (len(fact_ids), width), self.tokenizer.pad_token_id, dtype=torch.long
        )
        mask = torch.zeros_like(input_ids)
        for index, row in enumerate(fact_ids):
            if row:
                input_ids[index, width - len(row) :] = torch.tensor(row)
                mask[index, width - len(row) :] = 1
        return {"input_ids": input_ids, "attention_mask": mask}


# Here, not beside the class: whoever loads a processor then knows the image processor too.
AutoImageProcessor.register(
    DualEncoderConfig, image_processor_classes={"pil": ModaImageProcessor}, exist_ok=True
)
AutoProcessor.register(ModaConfig, ModaProcessor, exist_ok=True)
