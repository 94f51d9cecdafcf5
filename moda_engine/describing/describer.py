"""Photos in, sentences out. What everything outside the engine uses; knows nothing of training."""

import dataclasses
import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NoReturn

import torch
from PIL import Image
from safetensors import SafetensorError
from torch import Tensor

from moda_engine.adapter import adapter_load
from moda_engine.checkpoint import (
    STARTER_DIRECTORY,
    check_adapter,
    check_checkpoint,
    check_sums,
    damaged_weights,
    parameter_count,
    weights_files,
    weights_sha256,
)
from moda_engine.describing.description import DescribeOptions, Description
from moda_engine.describing.fit import FitScorer
from moda_engine.describing.reading import Known, product_of
from moda_engine.describing.stream import DescriptionStream
from moda_engine.describing.wordings import Wordings
from moda_engine.devices import default_device, fast_precision, return_free_memory
from moda_engine.exceptions import CheckpointError, PhotoError
from moda_engine.inference.linear import FusedLinear, QuantizedLinear
from moda_engine.inference.operators import VARIABLE, has_int8, is_plain
from moda_engine.inference.vision import ImageEncoder
from moda_engine.inference.weights import copy_buffers_from_file, copy_from_file
from moda_engine.inference.writer import Writer
from moda_engine.model import ModaForCaptioning
from moda_engine.parts.published import checkpoint_folder
from moda_engine.photos import Photo
from moda_engine.processor import ModaProcessor

#: Parameters from which on a CPU gains by bfloat16 more than is lost by it.
_LARGE = 50_000_000

__all__ = ["DescribeOptions", "Describer", "Description"]


class Describer:
    """A loaded checkpoint that describes photos, greedily: the same photo, the same words.

    Args:
        int8: let the language model multiply whole numbers; its own weights are float32 then.

    Raises `CheckpointError` where int8 is asked for and the language model, or its generation
    settings, are left to transformers.
    """

    def __init__(
        self,
        model: ModaForCaptioning,
        processor: ModaProcessor,
        directory: Path | None = None,
        *,
        int8: bool = False,
    ) -> None:
        self.model = model.eval()
        self.processor = processor
        #: The checkpoint that was loaded; `None` for a model made in memory.
        self.directory = directory
        self._fit = FitScorer(self.model, processor)
        self._encode = ImageEncoder(self.model)
        self._is_int8 = int8
        self._writer = Writer(self.model, QuantizedLinear if int8 else FusedLinear)
        if int8 and self._writer.decoder() is None:
            raise CheckpointError(
                f"{directory or 'The model'} cannot be run in int8: transformers writes with it. "
                f"Take float32 or bfloat16."
            )
        self._process = os.getpid()
        mode = "int8" if int8 else str(self.model.dtype).removeprefix("torch.")
        self._wordings = Wordings(self.model, processor, self._writer, self._fit, mode)

    def __reduce__(self) -> NoReturn:
        """Refuses to be copied or pickled: some of its weights are laid out for this processor."""
        raise TypeError(
            "A Describer cannot be copied or pickled. Load another one with "
            "Describer.from_pretrained, or make one of a copy of its model: "
            "Describer(copy.deepcopy(describer.model), describer.processor)."
        )

    @classmethod
    def from_pretrained(
        cls,
        path: str | Path | None = None,
        device: str | torch.device | None = None,
        dtype: torch.dtype | None = None,
        *,
        text_tower: bool = True,
        serving: bool = False,
        revision: str | None = None,
    ) -> "Describer":
        """Load a checkpoint, a folder or a name on the hub; without `path`, the starter.

        Args:
            device: default is CUDA where there is one, else the CPU.
            dtype: of the arithmetic. Default is bfloat16 where the hardware multiplies it, for
                models of 50 million parameters and more on a CPU: smaller ones gain little there,
                and in float32 texts are the same to the letter whatever their batch. The dtype in
                which a checkpoint is stored never matters. `torch.int8` is for one photo, and
                somebody waiting: the language model's weights have 8 bits, the encoder computes as
                it does by default, and photos are described one after the other, whatever the
                batch.
            text_tower: without it no `fit` is given, whatever the options say, and its memory is
                saved; details are scored all the same.
            serving: keep the weights in the processor's order alone. That saves their memory; the
                model can then be neither trained nor saved.
            revision: branch, tag or commit on the hub; default is its main branch.

        Raises `CheckpointError` when the folder is no checkpoint that this program can run, or not
        in the `dtype` that is wanted, `ValueError` for int8 on a device that has no such products.
        """
        directory = check_checkpoint(
            STARTER_DIRECTORY if path is None else checkpoint_folder(path, revision)
        )
        check_sums(directory)
        device = torch.device(device or default_device())
        usual = _default_dtype(directory, device)
        int8 = dtype == torch.int8
        if int8 and not has_int8(device):
            asked = f" with {VARIABLE}=plain" if is_plain() else ""
            raise ValueError(f"int8 runs on x86 processors alone, not on {device}{asked}.")
        model, processor = _loaded(directory, torch.float32 if int8 else dtype or usual, device)
        if int8:
            model.encoder.to(usual)
        describer = cls(model, processor, directory, int8=int8)
        if not text_tower:
            describer._fit.drop_text_tower()
        if serving and not model.config.slots:  # transformers draws the texts of slots
            describer._keep_fused_alone()
        return describer

    def describe(
        self,
        images: Sequence[Photo],
        known: Sequence[Known] | None = None,
        options: DescribeOptions | None = None,
    ) -> list[Description]:
        """One description a photo, in order.

        Args:
            known: what is known of each item: a product, facts as text, or `None`.

        Raises `PhotoError` at the first path that is no readable photo, `ValueError` when there
        are not as many known products as photos.
        """
        if known is None:
            known = [None] * len(images)
        if len(known) != len(images):
            raise ValueError(f"{len(images)} photos but {len(known)} facts.")
        return list(self.describe_stream(zip(images, known, strict=True), options))

    def describe_stream(
        self,
        pairs: Iterable[tuple[Photo, Known]],
        options: DescribeOptions | None = None,
    ) -> Iterator[Description]:
        """Descriptions of any iterable of (photo, what is known), in order, batched here.

        Photos are read ahead of the one that is described, by a few batches at most; the iterable
        runs in a thread of its own, and where it is slow, what it gave is described meanwhile.

        Raises `PhotoError` at the first that cannot be described, after the descriptions before it.
        """
        for found in self.describe_each(pairs, options):
            if isinstance(found, PhotoError):
                raise found
            yield found

    def describe_each(
        self,
        pairs: Iterable[tuple[Photo, Known]],
        options: DescribeOptions | None = None,
    ) -> Iterator[Description | PhotoError]:
        """As `describe_stream`; whatever is wrong with a photo stands in its place, as an error."""
        self._check_process()
        stream = DescriptionStream(
            self.processor,
            self._encode,
            self._writer,
            self._wordings,
            self._possible(options),
        )
        return stream.run(pairs)

    @torch.inference_mode()
    def encode(self, images: Sequence[Image.Image]) -> Tensor:
        """Image features, (photos, feature_size), for `describe_features`."""
        self._check_process()
        return self._encode(self.processor(images=images)["pixel_values"])

    @torch.inference_mode()
    def describe_features(
        self,
        features: Tensor,
        known: Sequence[Known] | None = None,
        options: DescribeOptions | None = None,
    ) -> list[Description]:
        """As `describe`, of photos that were encoded before.

        Args:
            features: (photos, feature_size), as the encoder of this checkpoint gives them.
        """
        self._check_process()
        options = self._possible(options)
        features = features.to(self.model.device, self.model.dtype)
        products = [product_of(one) for one in known or [None] * len(features)]
        photos = self._wordings.encoded(features, products, options)
        written = self._wordings.written(photos, options)
        described: list[Description] = []
        for start in range(0, len(photos), options.batch_size):
            part = slice(start, start + options.batch_size)
            found, undecided = self._wordings.descriptions(photos[part], written[part], options)
            for row in undecided if options.batch_size > 1 and len(photos) > 1 else []:
                alone = [photos[start + row]]
                again = self._wordings.written(alone, options)
                [found[row]], _ = self._wordings.descriptions(alone, again, options)
            described += found
        return described

    def load_adapter(self, directory: Path | str, name: str) -> None:
        """Load an adapter beside those that are there; `DescribeOptions.adapter` chooses it.

        Raises `CheckpointError` when the folder holds none, or one of another checkpoint.
        """
        folder = Path(directory)
        base = check_adapter(folder).get("base_sha256")
        check_sums(folder)
        own = None if base is None or self.directory is None else weights_sha256(self.directory)
        if base is not None and own is not None and base != own:
            raise CheckpointError(
                f"{folder} was trained on the checkpoint {base[:12]}, and runs on no other."
            )
        adapter_load(self.model, folder, name)

    def _check_process(self) -> None:
        """Raises `RuntimeError` in a fork: torch's threads are not there, and it would hang."""
        if self._process != os.getpid():
            raise RuntimeError(
                "This Describer was loaded before the process forked, and torch's threads do not "
                "survive that. Load it in each process, or start processes by spawn."
            )

    def _possible(self, options: DescribeOptions | None) -> DescribeOptions:
        """In int8 rows of one text alone may be multiplied together.

        Raises `ValueError` for an adapter that is not there.
        """
        options = options or DescribeOptions()
        loaded = sorted(getattr(self.model, "peft_config", {}))
        if options.adapter is not None and options.adapter not in loaded:
            there = f"there are {', '.join(loaded)}" if loaded else "none is loaded"
            raise ValueError(
                f"There is no adapter {options.adapter!r}: {there}. Load it with load_adapter."
            )
        return dataclasses.replace(options, batch_size=1) if self._is_int8 else options

    def _keep_fused_alone(self) -> None:
        """Let go of the weights that are held in the processor's order as well."""
        files = [] if self.directory is None else weights_files(self.directory)
        file = files[0] if len(files) == 1 else None
        self._writer.keep_fused_alone(file)
        self._encode.keep_fused_alone()
        copy_from_file(self.model.projector)
        return_free_memory()


def _loaded(
    directory: Path, dtype: torch.dtype, device: torch.device
) -> tuple[ModaForCaptioning, ModaProcessor]:
    """Model and processor of a checkpoint folder; they fit each other."""
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
        raise damaged_weights(directory, error) from error
    except (OSError, ValueError, RuntimeError, KeyError) as error:
        raise CheckpointError(f"{directory} cannot be loaded: {error}") from error
    if missing := sorted(report["missing_keys"]):
        raise CheckpointError(
            f"{directory} cannot be loaded: its weights lack {len(missing)} tensors, "
            f"{missing[0]} for one."
        )
    processor.check_fits(model.config)
    copy_buffers_from_file(model)
    return model.to(device), processor


def _default_dtype(directory: Path, device: torch.device) -> torch.dtype:
    """What the device is fast at, where the model is large enough to gain by it."""
    if device.type == "cpu" and parameter_count(directory) < _LARGE:
        return torch.float32
    precision: torch.dtype = getattr(torch, fast_precision(device))
    return precision
