"""Photos in, sentences out. What everything outside the engine uses; knows nothing of training."""

import copy
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import torch
from PIL import Image
from safetensors import SafetensorError
from torch import Tensor
from transformers import GenerationConfig

from moda_engine import STARTER_DIRECTORY
from moda_engine.adapter import adapter_load, adapter_use
from moda_engine.checkpoint import check_adapter, check_checkpoint, weights_sha256
from moda_engine.devices import default_device
from moda_engine.exceptions import CheckpointError
from moda_engine.model import ModaForCaptioning
from moda_engine.photos import open_photo, upright_rgb
from moda_engine.processor import ModaProcessor
from moda_engine.ties import near_ties

Photo = Image.Image | Path | str


@dataclass(frozen=True)
class Description:
    """A sentence and the probability, 0 to 1, that the model gives to all of it."""

    text: str
    confidence: float
    #: The numeric mode that wrote it: "float32" or "bfloat16".
    mode: str


@dataclass(frozen=True)
class DescribeOptions:
    """How to generate: tokens at most, photos at a time, the adapter to use, if any."""

    max_new_tokens: int = 64
    batch_size: int = 16
    #: A name that was given to `Describer.load_adapter`; one a call, so no batch mixes adapters.
    adapter: str | None = None


class Describer:
    """A loaded checkpoint that describes photos, greedily: the same photo, the same words."""

    def __init__(
        self, model: ModaForCaptioning, processor: ModaProcessor, directory: Path | None = None
    ) -> None:
        self.model = model.eval()
        self.processor = processor
        #: The checkpoint that was loaded; `None` for a model made in memory.
        self.directory = directory

    @classmethod
    def from_pretrained(
        cls,
        path: str | Path | None = None,
        device: str | torch.device | None = None,
        dtype: torch.dtype | None = None,
    ) -> "Describer":
        """Load a checkpoint folder; without `path`, the starter.

        Args:
            device: default is CUDA where there is one, else the CPU.
            dtype: of the arithmetic; default float32 on a CPU, bfloat16 on CUDA. Given
                explicitly always, because a checkpoint stored in half precision would otherwise
                compute in half precision.

        Raises `CheckpointError` when the folder is no checkpoint that this program can run.
        """
        directory = check_checkpoint(Path(path) if path is not None else STARTER_DIRECTORY)
        device = torch.device(device or default_device())
        dtype = dtype or (torch.bfloat16 if device.type == "cuda" else torch.float32)
        load: Any = ModaForCaptioning.from_pretrained  # its annotation knows no second value
        try:
            processor = ModaProcessor.from_pretrained(directory, local_files_only=True)
            model, report = load(
                directory,
                dtype=dtype,
                use_safetensors=True,
                local_files_only=True,
                output_loading_info=True,
            )
        except SafetensorError as error:
            raise CheckpointError(
                f"{directory} cannot be loaded: its weights are damaged or cut short ({error}). "
                f"Copy the checkpoint anew."
            ) from error
        except (OSError, ValueError, RuntimeError, KeyError) as error:
            raise CheckpointError(f"{directory} cannot be loaded: {error}") from error
        if missing := sorted(report["missing_keys"]):
            raise CheckpointError(
                f"{directory} cannot be loaded: its weights lack {len(missing)} tensors, "
                f"{missing[0]} for one."
            )
        processor.check_fits(model.config)
        return cls(model.to(device), processor, directory)

    def describe(
        self,
        images: Sequence[Photo],
        facts: Sequence[str | None] | None = None,
        options: DescribeOptions | None = None,
    ) -> list[Description]:
        """One description a photo, in order.

        Raises `PhotoError` at the first path that is no readable photo, `ValueError` when there
        are not as many facts as photos.
        """
        if facts is None:
            facts = [None] * len(images)
        if len(facts) != len(images):
            raise ValueError(f"{len(images)} photos but {len(facts)} facts.")
        return list(self.describe_stream(zip(images, facts, strict=True), options))

    def describe_stream(
        self,
        pairs: Iterable[tuple[Photo, str | None]],
        options: DescribeOptions | None = None,
    ) -> Iterator[Description]:
        """Descriptions of any iterable of (photo, facts), batched here, one at a time out."""
        options = options or DescribeOptions()
        remaining = iter(pairs)
        while batch := list(islice(remaining, options.batch_size)):
            yield from self._describe_batch(batch, options)

    def describe_features(
        self,
        features: Tensor,
        facts: Sequence[str | None] | None = None,
        options: DescribeOptions | None = None,
    ) -> list[Description]:
        """As `describe`, of photos that were encoded before.

        Args:
            features: (photos, feature_size), as the encoder of this checkpoint gives them.
        """
        options = options or DescribeOptions()
        known = facts if facts is not None else [None] * len(features)
        described: list[Description] = []
        for start in range(0, len(features), options.batch_size):
            part, said = (rows[start : start + options.batch_size] for rows in (features, known))
            written, undecided = self._written(part, said, options)
            for row in undecided:
                written[row] = self._written(part[row : row + 1], [said[row]], options)[0][0]
            described += written
        return described

    def load_adapter(self, directory: Path | str, name: str) -> None:
        """Load an adapter beside those that are there; `DescribeOptions.adapter` chooses it.

        Raises `CheckpointError` when the folder holds none, or one of another checkpoint.
        """
        folder = Path(directory)
        base = check_adapter(folder)["base_sha256"]
        if self.directory is not None and base != weights_sha256(self.directory):
            raise CheckpointError(
                f"{folder} was trained on the checkpoint {base[:12]}, and runs on no other."
            )
        adapter_load(self.model, folder, name)

    @torch.inference_mode()
    def _describe_batch(
        self, batch: Sequence[tuple[Photo, str | None]], options: DescribeOptions
    ) -> list[Description]:
        """The batch's descriptions; a photo whose words its batch may have decided, alone."""
        images = [self._image(photo) for photo, _ in batch]
        pixels = self.processor(images=images)["pixel_values"]
        features = self.model.encode_images(pixels.to(self.model.device, self.model.dtype))
        written, undecided = self._written(features, [facts for _, facts in batch], options)
        for row in undecided:
            [written[row]] = self._describe_batch([(images[row], batch[row][1])], options)
        return written

    @torch.inference_mode()
    def _written(
        self, features: Tensor, facts: Sequence[str | None], options: DescribeOptions
    ) -> tuple[list[Description], list[int]]:
        """Descriptions of encoded photos, (batch, feature_size), and the rows to describe alone."""
        adapter_use(self.model, options.adapter)
        output = self.model.generate(
            image_features=features.to(self.model.device, self.model.dtype),
            generation_config=self._greedy(options),
            **self.processor(facts=facts).to(self.model.device),
        )
        texts = self.processor.tokenizer.batch_decode(output.sequences, skip_special_tokens=True)
        logits = torch.stack(output.logits, dim=1).float()  # (batch, tokens, vocabulary)
        chosen = output.sequences[:, -logits.shape[1] :]
        counted = self._until_end(chosen)
        confidences = _confidences(logits, chosen, counted)
        mode = str(self.model.dtype).removeprefix("torch.")
        descriptions = [
            Description(text.strip(), confidence, mode)
            for text, confidence in zip(texts, confidences, strict=True)
        ]
        alone = len(descriptions) == 1
        return descriptions, [] if alone else near_ties(logits, counted, self.model.dtype)

    def _greedy(self, options: DescribeOptions) -> GenerationConfig:
        config = copy.deepcopy(self.model.generation_config)
        config.update(
            max_new_tokens=options.max_new_tokens,
            do_sample=False,
            output_logits=True,
            return_dict_in_generate=True,
        )
        return config

    def _image(self, photo: Photo) -> Image.Image:
        return upright_rgb(photo) if isinstance(photo, Image.Image) else open_photo(photo)

    def _until_end(self, tokens: Tensor) -> Tensor:
        """1 up to and with the first end token, 0 after it; (batch, tokens)."""
        ends = (tokens == self.processor.tokenizer.eos_token_id).long()
        return (ends.cumsum(1) - ends == 0).float()


def _confidences(logits: Tensor, chosen: Tensor, counted: Tensor) -> list[float]:
    """Product of the probabilities of a row's tokens, its end included; (batch,) floats."""
    log_probabilities = logits.log_softmax(-1).gather(-1, chosen.unsqueeze(-1)).squeeze(-1)
    return (log_probabilities * counted).sum(1).exp().clamp(0, 1).tolist()
