"""The model that is measured: FashionCLIP's and OPT-125M's shapes, random weights."""

import copy
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

import torch
from tokenizers import Tokenizer, models, pre_tokenizers
from torch import Tensor
from transformers import (
    CLIPConfig,
    CLIPImageProcessorPil,
    GenerationConfig,
    OPTConfig,
    PreTrainedTokenizerFast,
)

from moda_engine.configuration import ModaConfig
from moda_engine.inference.linear import FusedLinear, QuantizedLinear
from moda_engine.inference.prompts import Prompt, Written
from moda_engine.inference.vision import ImageEncoder
from moda_engine.inference.writer import Writer
from moda_engine.model import ModaForCaptioning
from moda_engine.processor import ModaProcessor

VOCABULARY_SIZE = 50_265
#: New tokens a photo, where nothing else is said.
TOKENS = 40


def full_size_model(device: torch.device | str = "cpu") -> ModaForCaptioning:
    """In float32; its texts end at their greatest length alone."""
    with torch.device(device):
        model = ModaForCaptioning(ModaConfig(CLIPConfig(), OPTConfig()))
    model.generation_config = GenerationConfig(pad_token_id=1, bos_token_id=2)
    model.eval()
    return model


def full_size_processor() -> ModaProcessor:
    """CLIP's photos, and words instead of OPT's tokens; texts are opened as OPT's are."""
    special = ["<pad>", "</s>", "<unk>"]
    # Every other entry is a word, so that a text has as many tokens as words.
    entries = [*special, *(f"w{number}" for number in range(len(special), VOCABULARY_SIZE))]
    vocabulary = {entry: number for number, entry in enumerate(entries)}
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token=special[2]))
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    fast = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        pad_token=special[0],
        bos_token=special[1],
        eos_token=special[1],
    )
    return ModaProcessor(CLIPImageProcessorPil(), fast)


class Subject:
    """A model with both ways of writing with it: this engine's, and plain `generate`.

    Args:
        dtype: of the arithmetic.
        int8: let the language model multiply whole numbers instead.
    """

    def __init__(self, model: ModaForCaptioning, dtype: torch.dtype, *, int8: bool = False) -> None:
        self.model: Any = copy.deepcopy(model).to(dtype)  # type: ignore[arg-type]  # torch's own
        if int8:
            self.model.projector.float()
            self.model.language_model.float()
        self.dtype = dtype
        self.encode = ImageEncoder(self.model)
        self.writer = Writer(self.model, QuantizedLinear if int8 else FusedLinear)
        self._opening = torch.tensor([2], device=self.model.device)

    def pixels(self, photos: int) -> Tensor:
        """Noise, as the encoder wants photos; (photos, 3, 224, 224)."""
        side = self.model.config.encoder_config.vision_config.image_size
        noise = torch.randn(photos, 3, side, side, generator=torch.Generator().manual_seed(0))
        return noise.to(self.model.device, self.dtype)

    def describe(
        self, photos: Iterable[Tensor], batch: int, limits: Sequence[int] | int = TOKENS
    ) -> list[Written]:
        """What this engine writes of photos, (3, height, width) each, by their order.

        Args:
            limits: tokens of each, or of all.
        """
        return self.writer.write_all(_Photos(self, photos, batch, limits), batch)

    def prompts(self, pixels: Tensor, limits: Sequence[int]) -> list[Prompt]:
        """The prompts of photos that are encoded now."""
        openings = [self._opening] * len(pixels)
        made = self.writer.prompts(self.encode(pixels), openings, max(limits))
        return [Prompt(prompt.embeds, limit) for prompt, limit in zip(made, limits, strict=True)]

    @torch.inference_mode()
    def plain(self, pixels: Tensor, tokens: int = TOKENS, end: int | None = None) -> Tensor:
        """What transformers' `generate` writes of a batch; (photos, tokens)."""
        settings = GenerationConfig(
            max_new_tokens=tokens, do_sample=False, eos_token_id=end, pad_token_id=1
        )
        opening = self._opening.expand(len(pixels), 1)
        written: Tensor = self.model.generate(
            input_ids=opening, pixel_values=pixels, generation_config=settings
        )
        return written


class _Photos:
    """A source of prompts that encodes a batch of photos when the writer has room."""

    def __init__(
        self, subject: Subject, photos: Iterable[Tensor], batch: int, limits: Sequence[int] | int
    ) -> None:
        self._subject = subject
        self._photos = iter(photos)
        self._batch = batch
        self._limits: Iterator[int] | int = limits if isinstance(limits, int) else iter(limits)
        self.encoded: list[Prompt] = []
        self.is_exhausted = False

    def take(self, room: int) -> list[Prompt]:
        while len(self.encoded) < room and (photos := list(islice(self._photos, self._batch))):
            limits = self._limits
            wanted = (
                [limits] * len(photos)
                if isinstance(limits, int)
                else list(islice(limits, len(photos)))
            )
            self.encoded += self._subject.prompts(torch.stack(photos), wanted)
        taken, self.encoded = self.encoded[:room], self.encoded[room:]
        self.is_exhausted = len(taken) < room
        return taken
