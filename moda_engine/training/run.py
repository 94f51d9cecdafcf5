"""A training run from folders of photos to a checkpoint folder.

`python -m moda_engine train` for callers in Python. With several processes, which
`moda_engine.training.distributed` starts by `accelerate launch`, each process calls this.
"""

import sys
from collections.abc import Callable, Sequence
from contextlib import closing
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
from moda_engine.training.briefs import conditioned, described, exchanged, mostly_unsaid
from moda_engine.training.callbacks import Callbacks, EpochFigures
from moda_engine.training.captions import require_captions
from moda_engine.training.checkpoints import RunFolder
from moda_engine.training.dataset import (
    CaptionSet,
    fingerprint,
    joined,
    load_captions,
    set_warnings,
)
from moda_engine.training.features import (
    EmbeddingCache,
    default_cache_directory,
    encoder_key,
)
from moda_engine.training.recipe import DEFAULT, Recipe
from moda_engine.training.rehearsal import RejectedPhrases, load_rehearsal_set
from moda_engine.training.reporting import Reporter
from moda_engine.training.soft_labels import with_soft_labels
from moda_engine.training.trainer import train

Say = Callable[[str], None]
#: Rehearsal captions that are mixed in even with a few new ones.
LEAST_REHEARSAL_CAPTIONS = 1_000
#: New captions that a model with heads learns at least, copies with exchanged labels included.
LEAST_TAUGHT = 400
#: Processes wait while the first one encodes photos, and while the launcher stores files. The
#: launcher notices a process that dies, so this wait need not end by itself.
LONGEST_WAIT = timedelta(days=7)
#: Rehearsal captions for each new one at most; fewer new captions are repeated.
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
    #: Instead of as many as the recipe has for a set of this size.
    epochs: int | None = None
    #: Instead of the recipe's for a set of this size; captions of an optimiser step.
    learning_rate: float | None = None
    batch_size: int | None = None
    #: An adapter of `model` to fine-tune; with a recipe of the way "adapter" only.
    adapter: Path | None = None
    #: Photos to rehearse, see `moda_engine.training.rehearsal`.
    rehearsal_set: Path | None = None
    #: Photos that are described after each epoch.
    samples: Sequence[Path] = ()
    #: Resume the run in `output`, if there is one.
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
    """For all processes but the first, which says it already."""


def train_folders(
    request: RunRequest, say: Say = _to_standard_error, callbacks: Callbacks | None = None
) -> list[EpochFigures]:
    """Train as `request` says; the figures of all epochs. The output folder holds the rest.

    Args:
        say: called with a sentence for each thing left out, and each warning.

    Raises `DatasetError`, `CheckpointError` or `TrainingError`, and `TrainingStopped` when
    `callbacks.should_stop` says so; what was saved before stays.
    """
    # `cpu=True` makes several processes share the work where there is no accelerator.
    processes = PartialState(cpu=not torch.accelerator.is_available(), timeout=LONGEST_WAIT)
    say = say if processes.is_main_process else _to_nobody
    # Weights are trained in float32, whatever the precision of the arithmetic.
    device = processes.device
    describer = Describer.from_pretrained(request.model, device=device, dtype=torch.float32)
    _check_way(request, describer)
    with processes.main_process_first():  # the others read its features from the cache
        sets = _load_sets(request, describer)
    training, validation = sets[0], sets[1] if len(sets) > 1 else None
    _check_sets(request, sets, say)
    request = replace(request, recipe=_recipe(request, len(training)))
    folder = _open_folder(request, describer, sets, processes)
    if folder.is_finished:
        say(f"{request.output} is finished: there is nothing to go on with.")
        return folder.past()[1]
    if request.recipe.way == "adapter" and request.adapter is None:
        adapter_add(describer.model, request.recipe.seed)
    calls = callbacks or Callbacks()
    with closing(
        Reporter(folder, request.recipe, describer, request.samples, len(training), calls)
    ) as reporter:
        curve = train(
            describer.model,
            describer.processor,
            training.captions,
            request.recipe,
            None if validation is None else validation.captions,
            checkpoints=folder,
            save_every=request.save_every,
            precision=folder.run["precision"],
            on_step=reporter.on_step,
            on_epoch=reporter.on_epoch,
            should_stop=reporter.should_stop,
        )
    if processes.is_main_process:
        folder.finish(curve)
    return curve


def _open_folder(
    request: RunRequest,
    describer: Describer,
    sets: Sequence[CaptionSet],
    processes: PartialState,
) -> RunFolder:
    with processes.main_process_first():
        return RunFolder.open(
            request.output,
            describer.processor,
            _description(request, sets, processes),
            resume=request.resume or not processes.is_main_process,
        )


def _recipe(request: RunRequest, count: int) -> Recipe:
    """The request's recipe for so many captions."""
    recipe = request.recipe.for_count(count)
    if request.batch_size is not None:
        recipe = replace(recipe, batch_size=request.batch_size, accumulation=1)
    if request.learning_rate is not None:
        recipe = replace(recipe, learning_rate=request.learning_rate)
    return recipe if request.epochs is None else replace(recipe, epochs=request.epochs)


def _check_way(request: RunRequest, describer: Describer) -> None:
    """Load the adapter to fine-tune. Raises `TrainingError` if the recipe trains none."""
    if request.adapter is None:
        return
    if request.recipe.way != "adapter":
        raise TrainingError(
            f"{request.adapter} is an adapter: train it further as one, or begin from the "
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
    if describer.model.heads is not None:
        sets = _under_briefs(request, describer, cache, sets)
    elif request.recipe.rehearsal_share > 0 or request.recipe.soft_label_share > 0:
        sets = _with_soft_labels(request, describer, cache, sets)
    cache.close()
    return sets


def _under_briefs(
    request: RunRequest, describer: Describer, cache: EmbeddingCache, sets: Sequence[CaptionSet]
) -> list[CaptionSet]:
    """The sets as a model with heads learns them, the first with rehearsal captions mixed in."""
    adapter = None if request.adapter is None else LEARNED
    drafts = [described(describer, one, adapter) for one in sets]
    unsaid = mostly_unsaid(sets[0], drafts[0])
    if unsaid:
        describer.model.config.says_all = False
    rehearsed = _rehearsed(request, describer, cache, sets, [one.text for one in drafts[0]])
    # A style that nothing is rehearsed beside is meant for all items.
    everywhere = not len(rehearsed)
    times = max(_times(len(sets[0]), len(rehearsed)), LEAST_TAUGHT // max(1, len(sets[0])))
    new = [conditioned(sets[0], drafts[0], unsaid, turn=turn) for turn in range(max(1, times))]
    new[1::2] = [
        exchanged(one, turn=turn, everywhere=everywhere) for turn, one in enumerate(new[1::2])
    ]
    others = zip(sets[1:], drafts[1:], strict=True)
    return [
        replace(joined([*new, rehearsed]), refused=[*sets[0].refused, *rehearsed.refused]),
        *(conditioned(one, draft, unsaid) for one, draft in others),
    ]


def _with_soft_labels(
    request: RunRequest, describer: Describer, cache: EmbeddingCache, sets: Sequence[CaptionSet]
) -> list[CaptionSet]:
    """The sets with soft labels, the first with rehearsal captions mixed in."""
    adapter = None if request.adapter is None else LEARNED
    written = [draft.text for one in sets for draft in described(describer, one, adapter)]
    rehearsed = _rehearsed(request, describer, cache, sets, written[: len(sets[0])])
    if request.recipe.soft_label_share > 0:
        sets = with_soft_labels(describer, sets, written, request.recipe.soft_label_share)
    new = sets[0]
    times = _times(len(new), len(rehearsed))
    repeated = replace(new.of([*range(len(new))] * times), refused=new.refused)
    return [joined([repeated, rehearsed]), *sets[1:]]


def _times(new: int, rehearsed: int) -> int:
    """How often a few new captions are repeated, so that the rehearsal does not drown them."""
    return max(1, round(rehearsed / (OUTNUMBERED_AT_MOST * max(1, new))))


def _rehearsed(
    request: RunRequest,
    describer: Describer,
    cache: EmbeddingCache,
    sets: Sequence[CaptionSet],
    drafts: Sequence[str],
) -> CaptionSet:
    """Captions to rehearse, none where the request asks for none.

    Args:
        drafts: what the model writes of the photos of the first set.
    """
    if request.rehearsal_set is None or request.recipe.rehearsal_share == 0:
        return CaptionSet.empty(describer.model, [])
    new = sets[0]
    edits = zip(new.categories, drafts, new.captions.texts, strict=True)
    return load_rehearsal_set(
        request.rehearsal_set,
        describer,
        cache,
        count=max(round(request.recipe.rehearsal_share * len(new)), LEAST_REHEARSAL_CAPTIONS),
        seed=request.recipe.seed,
        apart_from=[key for one in sets for key in one.photo_hashes],
        is_rejected=RejectedPhrases(edits).occur_in,
        adapter=None if request.adapter is None else LEARNED,
    )


def _check_sets(request: RunRequest, sets: Sequence[CaptionSet], say: Say) -> None:
    """Say what was left out, and warn; refuse sets that cannot be learned."""
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
    """All that decides the run's result; precision and processes only change its rounding."""
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
