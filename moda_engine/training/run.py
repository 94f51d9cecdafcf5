"""A training run from folders of photos to a checkpoint folder.

What `python -m moda_engine train` does, for callers in Python. Where `accelerate launch` started
several processes, each of them calls this.
"""

import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from accelerate import PartialState
from tqdm import tqdm

from moda_engine import STARTER_DIRECTORY
from moda_engine.checkpoint import weights_sha256
from moda_engine.describer import Describer
from moda_engine.devices import fast_precision
from moda_engine.exceptions import DatasetError
from moda_engine.training.captions import require_captions
from moda_engine.training.dataset import CaptionSet, fingerprint, load_captions, set_warnings
from moda_engine.training.embedding_cache import (
    EmbeddingCache,
    default_cache_directory,
    encoder_key,
)
from moda_engine.training.progress import EpochFigures
from moda_engine.training.recipe import DEFAULT, Recipe
from moda_engine.training.reporting import Reporter
from moda_engine.training.run_folder import RunFolder
from moda_engine.training.trainer import train

Say = Callable[[str], None]


@dataclass(frozen=True)
class RunRequest:
    """What to train, on what, into which folder."""

    data: Sequence[Path]
    output: Path
    validation: Path | None = None
    #: The checkpoint to begin from.
    model: Path = STARTER_DIRECTORY
    recipe: Recipe = DEFAULT
    #: Go on with the run in `output`, if it holds one.
    resume: bool = False
    #: Refuse a set with a line that cannot be used, instead of leaving the line out.
    strict: bool = False
    #: Optimiser steps between two saves inside an epoch; each epoch's end is saved anyway.
    save_every: int | None = None
    cache: Path | None = None


def _to_standard_error(line: str) -> None:
    sys.stderr.write(f"moda_engine: {line}\n")


def train_folders(request: RunRequest, say: Say = _to_standard_error) -> list[EpochFigures]:
    """Train as `request` says; the figures of all epochs. The output folder holds the rest.

    Args:
        say: is told what was left out, and what is odd.

    Raises `DatasetError`, `CheckpointError` or `TrainingError`; what was saved before stays.
    """
    processes = PartialState()
    # Weights learn in single precision, wherever and however the arithmetic runs.
    describer = Describer.from_pretrained(
        request.model, device=processes.device, dtype=torch.float32
    )
    with processes.main_process_first():  # the others find its work in the cache
        sets = _load_sets(request, describer)
    training, validation = sets[0], sets[1] if len(sets) > 1 else None
    _check_sets(request, sets, say if processes.is_main_process else lambda line: None)
    with processes.main_process_first():
        folder = RunFolder.open(
            request.output,
            describer.processor,
            _description(request, sets, processes.device),
            resume=request.resume or not processes.is_main_process,
        )
    if folder.is_finished:
        say(f"{request.output} is finished: there is nothing to go on with.")
        return folder.past()[1]
    reporter = Reporter(folder, request.recipe, len(training))
    try:
        curve = train(
            describer.model,
            describer.processor,
            training.captions,
            request.recipe,
            None if validation is None else validation.captions,
            keeper=folder,
            save_every=request.save_every,
            precision=folder.run["precision"],
            on_step=reporter.on_step,
            on_epoch=reporter.on_epoch,
        )
    finally:
        reporter.close()
    if processes.is_main_process:
        folder.finish(curve)
    return curve


def _load_sets(request: RunRequest, describer: Describer) -> list[CaptionSet]:
    """The training set and, where one is asked for, the validation set."""
    key = encoder_key(describer.model, describer.processor)
    cache = EmbeddingCache(key, request.cache or default_cache_directory())
    groups = [request.data, *([[request.validation]] if request.validation else [])]
    sets = []
    for folders in groups:
        with tqdm(desc="encoding", unit=" photos", disable=None, leave=False) as bar:
            sets.append(
                load_captions(folders, describer.model, describer.processor, cache, bar.update)
            )
    cache.close()
    return sets


def _check_sets(request: RunRequest, sets: Sequence[CaptionSet], say: Say) -> None:
    """Say what was left out and what is odd; refuse what cannot be learned."""
    left_out = [line for one in sets for line in one.refused]
    for line in left_out:
        say(f"left out: {line}")
    if left_out:
        say(f"{len(left_out)} examples are left out.")
    if left_out and request.strict:
        raise DatasetError(f"{len(left_out)} examples cannot be used: mend them, or omit --strict.")
    require_captions(*(one.captions for one in sets))
    for warning in set_warnings(*sets):
        say(f"warning: {warning}")


def _description(
    request: RunRequest, sets: Sequence[CaptionSet], device: torch.device
) -> dict[str, Any]:
    """All that decides what the run results in."""
    return {
        "recipe": asdict(request.recipe),
        "base": weights_sha256(request.model),
        "captions": fingerprint(sets),
        "counts": [len(one) for one in sets],
        "precision": fast_precision(device),
    }
