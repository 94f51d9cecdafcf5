"""A training run from folders of photos to a checkpoint folder.

What `python -m moda_engine train` does, for callers in Python. Where `accelerate launch` started
several processes, each of them calls this; `moda_engine.training.launch` starts them.
"""

import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import torch
from accelerate import PartialState
from tqdm import tqdm

from moda_engine.adapter import LEARNED, adapter_add, adapter_load
from moda_engine.checkpoint import STARTER_DIRECTORY, weights_sha256
from moda_engine.describing.describer import Describer
from moda_engine.devices import fast_precision
from moda_engine.exceptions import DatasetError, TrainingError
from moda_engine.parts.published import stated_licence
from moda_engine.training.base_set import load_base_set, written_by
from moda_engine.training.captions import require_captions
from moda_engine.training.dataset import (
    CaptionSet,
    fingerprint,
    joined,
    load_captions,
    set_warnings,
)
from moda_engine.training.embedding_cache import (
    EmbeddingCache,
    default_cache_directory,
    encoder_key,
)
from moda_engine.training.progress import EpochFigures
from moda_engine.training.recipe import DEFAULT, Recipe
from moda_engine.training.reporting import Reporter
from moda_engine.training.run_folder import RunFolder
from moda_engine.training.taken_back import TakenBack
from moda_engine.training.trainer import train
from moda_engine.training.unsure import unsure
from moda_engine.training.watch import Watch

Say = Callable[[str], None]
#: Captions of the base set that are mixed in even beside a few new ones.
LEAST_BASE_CAPTIONS = 1_000
#: Processes wait for the first one while it encodes photos or somebody stores what it wrote. One
#: that dies is its launcher's to notice, so this wait has no need to end by itself.
LONGEST_WAIT = timedelta(days=7)
#: Times that the base set may outnumber the new captions; these are repeated before.
OUTNUMBERED_AT_MOST = 3


@dataclass(frozen=True)
class RunRequest:
    """What to train, on what, into which folder."""

    data: Sequence[Path]
    output: Path
    validation: Path | None = None
    #: The checkpoint to begin from.
    model: Path = STARTER_DIRECTORY
    recipe: Recipe = DEFAULT
    #: An adapter of `model` to teach further; by the way "adapter" only.
    adapter: Path | None = None
    #: Photos that keep what was good, see `moda_engine.training.base_set`.
    base_set: Path | None = None
    #: Photos that are described after each epoch.
    examples: Sequence[Path] = ()
    #: Go on with the run in `output`, if it holds one.
    resume: bool = False
    #: Refuse a set with a line that cannot be used, instead of leaving the line out.
    strict: bool = False
    #: Optimiser steps between two saves inside an epoch; each epoch's end is saved anyway.
    save_every: int | None = None
    cache: Path | None = None
    #: "float32" or "bfloat16", of the arithmetic; default: what the device is fast at.
    precision: str | None = None


def _to_standard_error(line: str) -> None:
    sys.stderr.write(f"moda_engine: {line}\n")


def _to_nobody(line: str) -> None:
    """For processes that have nothing to say that the first one does not."""


def train_folders(
    request: RunRequest, say: Say = _to_standard_error, watch: Watch | None = None
) -> list[EpochFigures]:
    """Train as `request` says; the figures of all epochs. The output folder holds the rest.

    Args:
        say: is told what was left out, and what is odd.

    Raises `DatasetError`, `CheckpointError` or `TrainingError`, and `TrainingStopped` when `watch`
    wants it; what was saved before stays.
    """
    # Without an accelerator several processes share the work only if they are told so.
    processes = PartialState(cpu=not torch.accelerator.is_available(), timeout=LONGEST_WAIT)
    say = say if processes.is_main_process else _to_nobody
    # Weights learn in single precision, wherever and however the arithmetic runs.
    describer = Describer.from_pretrained(
        request.model, device=processes.device, dtype=torch.float32
    )
    _check_way(request, describer)
    with processes.main_process_first():  # the others find its work in the cache
        sets = _load_sets(request, describer)
    training, validation = sets[0], sets[1] if len(sets) > 1 else None
    _check_sets(request, sets, say)
    with processes.main_process_first():
        folder = RunFolder.open(
            request.output,
            describer.processor,
            _description(request, sets, processes),
            resume=request.resume or not processes.is_main_process,
        )
    if folder.is_finished:
        say(f"{request.output} is finished: there is nothing to go on with.")
        return folder.past()[1]
    if request.recipe.way == "adapter" and request.adapter is None:
        adapter_add(describer.model, request.recipe.seed)
    reporter = Reporter(folder, request, describer, len(training), watch or Watch())
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
            should_stop=reporter.should_stop,
        )
    finally:
        reporter.close()
    if processes.is_main_process:
        folder.finish(curve)
    return curve


def _check_way(request: RunRequest, describer: Describer) -> None:
    """Load the adapter that is taught further. Raises `TrainingError` if it would be left out."""
    if request.adapter is None:
        return
    if request.recipe.way != "adapter":
        raise TrainingError(
            f"{request.adapter} is an adapter: teach it further as one, or begin from the "
            f"checkpoint that it runs on."
        )
    adapter_load(describer.model, request.adapter, LEARNED, is_trainable=True)


def _load_sets(request: RunRequest, describer: Describer) -> list[CaptionSet]:
    """The training set with what is mixed in, and the validation set where one is asked for."""
    key = encoder_key(describer.model, describer.processor)
    cache = EmbeddingCache(key, request.cache or default_cache_directory())
    groups = [request.data, *([[request.validation]] if request.validation else [])]
    sets = []
    for folders in groups:
        with tqdm(desc="encoding", unit=" photos", disable=None, leave=False) as bar:
            sets.append(
                load_captions(folders, describer.model, describer.processor, cache, bar.update)
            )
    if request.recipe.base_share > 0 or request.recipe.belief_share > 0:
        sets = _beside_the_base(request, describer, cache, sets)
    cache.close()
    return sets


def _beside_the_base(
    request: RunRequest, describer: Describer, cache: EmbeddingCache, sets: Sequence[CaptionSet]
) -> list[CaptionSet]:
    """The sets with what the base believes of them, the first beside what it writes of others."""
    adapter = None if request.adapter is None else LEARNED
    written = [text for one in sets for text in written_by(describer, one.captions, adapter)]
    edits = zip(sets[0].categories, written[: len(sets[0])], sets[0].captions.texts, strict=True)
    if request.recipe.belief_share > 0:
        sets = unsure(describer, sets, written, request.recipe.belief_share)
    if request.base_set is None or request.recipe.base_share == 0:
        return list(sets)
    new = sets[0]
    mixed_in = load_base_set(
        request.base_set,
        describer,
        cache,
        count=max(round(request.recipe.base_share * len(new)), LEAST_BASE_CAPTIONS),
        seed=request.recipe.seed,
        apart_from=[key for one in sets for key in one.photo_hashes],
        is_taken_back=TakenBack(edits).says,
        adapter=adapter,
    )
    # A few edits are said again and again, or nobody would hear them beside the base set.
    times = max(1, round(len(mixed_in) / (OUTNUMBERED_AT_MOST * max(1, len(new)))))
    said = replace(new.of([*range(len(new))] * times), refused=new.refused)
    return [joined([said, mixed_in]), *sets[1:]]


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
    request: RunRequest, sets: Sequence[CaptionSet], processes: PartialState
) -> dict[str, Any]:
    """All that decides what the run results in; precision and processes by rounding alone."""
    licence = stated_licence(request.model, "moda")
    return {
        "recipe": asdict(request.recipe),
        "way": request.recipe.way,
        "base": weights_sha256(request.model),
        "base_licence": asdict(licence) if licence else None,
        "adapter": weights_sha256(request.adapter) if request.adapter else None,
        "captions": fingerprint(sets),
        "counts": [len(one) for one in sets],
        "precision": request.precision or fast_precision(processes.device),
        "processes": processes.num_processes,
    }
