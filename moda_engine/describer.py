"""Photos in, sentences out. What everything outside the engine uses; knows nothing of training."""

import copy
import math
import zlib
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
from moda_engine.confidence import calibrated, evidence
from moda_engine.devices import default_device
from moda_engine.exceptions import CheckpointError
from moda_engine.fit import Detail, FitScorer
from moda_engine.generated import Generated, generated
from moda_engine.language.facts import KnownFacts, known_facts, unstated
from moda_engine.language.rewording import Wording, own_text, reworded
from moda_engine.model import ModaForCaptioning
from moda_engine.photos import open_photo, upright_rgb
from moda_engine.processor import ModaProcessor

Photo = Image.Image | Path | str


@dataclass(frozen=True)
class Description:
    """What the model says of a photo, and how far to trust it."""

    #: The standard text. `details` are of this one.
    text: str
    #: Probability, 0 to 1, that all of it is true; see `moda_engine.confidence`.
    confidence: float
    #: The numeric mode that wrote it: "float32" or "bfloat16".
    mode: str
    #: Up to 125 characters where the model writes as the starter does; else the text itself.
    alt_text: str = ""
    #: All that is known, in several sentences; empty where that is no more than the text.
    detailed: str = ""
    #: How well photo and text fit, by the encoder's two towers: a cosine, -1 to 1.
    fit: float | None = None
    details: tuple[Detail, ...] = ()
    #: What the confidence was reckoned from; see `moda_engine.confidence`.
    evidence: tuple[float, ...] = ()
    #: Facts (kind, value) that the text does not state: the model has no words for them.
    unstated: tuple[tuple[str, str], ...] = ()


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
        self._fit = FitScorer(self.model, processor)

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
        """As `describe`, of photos that were encoded before; the order of words is the model's own.

        Args:
            features: (photos, feature_size), as the encoder of this checkpoint gives them.
        """
        options = options or DescribeOptions()
        known = facts if facts is not None else [None] * len(features)
        described: list[Description] = []
        for start in range(0, len(features), options.batch_size):
            rows = slice(start, start + options.batch_size)
            part, said = features[rows], known[rows]
            as_found = [None] * len(said)
            written, undecided = self._written(part, said, as_found, options)
            for row in undecided if len(written) > 1 else []:
                alone = slice(row, row + 1)
                [written[row]], _ = self._written(part[alone], said[alone], [None], options)
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
        # The order of words varies from photo to photo, and is the same for the same photo.
        styles = [zlib.crc32(photo.numpy()) for photo in pixels]
        features = self.model.encode_images(pixels.to(self.model.device, self.model.dtype))
        known = [facts for _, facts in batch]
        written, undecided = self._written(features, known, styles, options)
        for row in undecided if len(batch) > 1 else []:
            [written[row]] = self._describe_batch([(images[row], known[row])], options)
        return written

    @torch.inference_mode()
    def _written(
        self,
        features: Tensor,
        facts: Sequence[str | None],
        styles: Sequence[int | None],
        options: DescribeOptions,
    ) -> tuple[list[Description], list[int]]:
        """Descriptions of encoded photos, (batch, feature_size), and the rows to describe alone."""
        adapter_use(self.model, options.adapter)
        features = features.to(self.model.device, self.model.dtype)
        found = self._generated(features, facts, options)
        known = [known_facts(given) for given in facts]
        wordings = [
            reworded(text, given, style)
            for text, given, style in zip(found.texts, known, styles, strict=True)
        ]
        fits = self._fit.sentence_scores(features, [wording.plain for wording in wordings])
        details = self._fit.details(features, [wording.standard for wording in wordings])
        rows = zip(wordings, known, found.log_probabilities, details, fits, strict=True)
        return [self._description(*row) for row in rows], found.undecided

    def _generated(
        self, features: Tensor, facts: Sequence[str | None], options: DescribeOptions
    ) -> Generated:
        """Facts are read by the model only where its text cannot be said anew with them."""
        found = self._generate(features, [None] * len(facts), options)
        told = [
            row for row, given in enumerate(facts) if given and own_text(found.texts[row]) is None
        ]
        if not told:
            return found
        again = self._generate(features[told], [facts[row] for row in told], options)
        return found.with_rows(told, again)

    def _generate(
        self, features: Tensor, facts: Sequence[str | None], options: DescribeOptions
    ) -> Generated:
        output = self.model.generate(
            image_features=features,
            generation_config=self._greedy(options),
            **self.processor(facts=facts).to(self.model.device),
        )
        return generated(output, self.processor.tokenizer, self.model.dtype)

    def _description(
        self,
        wording: Wording,
        facts: KnownFacts,
        words: list[float],
        details: list[Detail],
        fit: float,
    ) -> Description:
        """Of one photo; `words` are the log-probabilities of its tokens."""
        seen = [detail for detail in details if detail.kind not in facts.labels]
        found = evidence(words, seen)  # what is given needs none
        calibration = self.model.config.confidence
        return Description(
            text=wording.standard,
            confidence=calibrated(calibration, found) if calibration else math.exp(sum(words)),
            mode=str(self.model.dtype).removeprefix("torch."),
            alt_text=wording.alt_text,
            detailed=wording.detailed,
            fit=fit,
            details=tuple(details),
            evidence=tuple(found),
            unstated=tuple(unstated(facts, wording.standard)),
        )

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
