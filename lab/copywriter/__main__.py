"""Teach the copywriter: `python -m lab.copywriter --data ../shared/data`.

The work folder keeps the base, the features of the photos and the state of the run. A second run
with the same work folder goes on where the first one stopped, however it stopped; `--minutes` stops
one. Delete the folder to begin anew. The adapter goes to `--output` after the last epoch.
"""

import argparse
import gzip
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, replace
from itertools import islice
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from lab.copywriter.lessons import CopyLesson, lessons_of
from lab.copywriter.publishing import adapter_publish
from moda_engine.adapter import adapter_add
from moda_engine.checkpoint import weights_sha256
from moda_engine.describing.describer import Describer
from moda_engine.devices import fast_precision
from moda_engine.exceptions import TrainingStopped
from moda_engine.imagefolder import read_imagefolder_records
from moda_engine.parts.copywriter import COPYWRITER_DIRECTORY, copywriter_base
from moda_engine.training.callbacks import StepFigures
from moda_engine.training.captions import EncodedCaptions
from moda_engine.training.checkpoints import RunFolder
from moda_engine.training.features import EmbeddingCache, encode_photos, encoder_key, photo_hash
from moda_engine.training.recipe import Recipe
from moda_engine.training.trainer import train

RECIPE = Recipe(
    name="copywriter",
    epochs=2,
    batch_size=32,
    accumulation=1,
    learning_rate=4e-4,
    weight_decay=0.01,
    schedule="cosine",
    warm_up_share=0.03,
    clip_norm=1.0,
    way="adapter",
)
LESSONS = 24_000
HELD_OUT_LESSONS = 400
SAVE_EVERY = 25
TRAINING_FOLDERS = ("fashion-2906/train", "catalog-extra/train")
HELD_OUT_FOLDER = "catalog-extra/review"
PROSE = "product-text.jsonl.gz"


def main() -> None:
    arguments = _arguments()
    arguments.work.mkdir(parents=True, exist_ok=True)
    base = copywriter_base(arguments.work / "base")
    describer = Describer.from_pretrained(base, dtype=torch.float32, text_tower=False)
    training, held_out = _sets(describer, arguments)
    folder = _folder(describer, base, (training, held_out), arguments)
    adapter_add(describer.model, RECIPE.seed)
    try:
        curve = train(
            describer.model,
            describer.processor,
            training,
            replace(RECIPE, epochs=arguments.epochs),
            held_out,
            checkpoints=folder,
            save_every=SAVE_EVERY,
            precision=folder.run["precision"],
            on_step=_show(time.monotonic()),
            on_epoch=lambda figures: print(figures, flush=True),
            should_stop=_alarm(arguments.minutes),
        )
    except TrainingStopped as stopped:
        print(f"{stopped} The same command goes on.", flush=True)
        return
    folder.finish(curve)
    adapter_publish(folder.directory, base, arguments.output)


def _folder(
    describer: Describer,
    base: Path,
    sets: tuple[EncodedCaptions, EncodedCaptions],
    arguments: argparse.Namespace,
) -> RunFolder:
    run: dict[str, Any] = {
        "recipe": asdict(replace(RECIPE, epochs=arguments.epochs)),
        "way": RECIPE.way,
        "base": weights_sha256(base),
        "counts": [len(one) for one in sets],
        "precision": fast_precision(describer.model.device),
    }
    directory = arguments.work / "run"
    return RunFolder.open(directory, describer.processor, run, resume=True)


def _sets(
    describer: Describer, arguments: argparse.Namespace
) -> tuple[EncodedCaptions, EncodedCaptions]:
    """The lessons, and those on photos that nothing is learned from."""
    key = encoder_key(describer.model, describer.processor)
    cache = EmbeddingCache(key, arguments.work / "features")
    data, most = arguments.data, arguments.photos
    records, features = [], []
    for name in TRAINING_FOLDERS:
        found, seen = _photos(describer, cache, data / name, most)
        records += found
        features.append(seen)
    photos = torch.cat(features)
    told = [*records, *islice(_prose(data / PROSE), most)]
    rows = [*range(len(records)), *[None] * (len(told) - len(records))]
    lessons = list(lessons_of(told, arguments.lessons, RECIPE.seed, rows))
    held_records, held_photos = _photos(describer, cache, data / HELD_OUT_FOLDER, most)
    held_count = min(HELD_OUT_LESSONS, arguments.lessons)
    held = lessons_of(held_records, held_count, RECIPE.seed + 1, range(len(held_records)))
    cache.close()
    return _captions(lessons, photos), _captions(list(held), held_photos)


def _captions(lessons: list[CopyLesson], photos: Tensor) -> EncodedCaptions:
    """Lessons without a photo have the features of none in particular: the mean."""
    mean = photos.mean(0)
    features = [mean if one.row is None else photos[one.row] for one in lessons]
    return EncodedCaptions(
        torch.stack(features), [one.text for one in lessons], [one.facts for one in lessons]
    )


def _photos(
    describer: Describer, cache: EmbeddingCache, folder: Path, most: int | None
) -> tuple[list[dict[str, Any]], Tensor]:
    """The records of a folder whose photos can be read, and (records, feature_size)."""
    records, _refused = read_imagefolder_records(folder)
    hashes = [(photo_hash(record.path), record) for record in records[:most]]
    paths = {key: record.path for key, record in hashes}
    features, _unreadable = encode_photos(describer.model, describer.processor, paths, cache)
    kept = [(key, dict(record.fields)) for key, record in hashes if key in features]
    return [fields for _, fields in kept], torch.stack([features[key] for key, _ in kept])


def _prose(file: Path) -> Iterator[dict[str, Any]]:
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def _show(begun: float) -> Callable[[StepFigures], None]:
    """Prints each tenth step, and the seconds that a step of this run took."""
    taken = 0

    def show(figures: StepFigures) -> None:
        nonlocal taken
        taken += 1
        if figures.step % 10 == 0 or taken <= 3:
            pace = (time.monotonic() - begun) / taken
            print(
                f"step {figures.step} of {figures.steps}: loss {figures.loss:.3f}, "
                f"{figures.tokens} tokens, {pace:.1f} s a step",
                flush=True,
            )

    return show


def _alarm(minutes: float | None) -> Callable[[], bool]:
    end = None if minutes is None else time.monotonic() + 60 * minutes
    return lambda: end is not None and time.monotonic() > end


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m lab.copywriter", description=__doc__)
    for name, kind, default, words in (
        ("data", Path, None, "folder of the photo sets and the prose"),
        ("work", Path, Path("build/copywriter"), "work folder"),
        ("output", Path, COPYWRITER_DIRECTORY, "folder of the adapter"),
        ("minutes", float, None, "stop after so many minutes; the same command goes on"),
        ("epochs", int, RECIPE.epochs, "passes over the lessons"),
        ("lessons", int, LESSONS, "texts to learn"),
        ("photos", int, None, "records of each folder at most (default: all)"),
    ):
        parser.add_argument(
            f"--{name}", type=kind, default=default, required=name == "data", help=words
        )
    return parser.parse_args()


if __name__ == "__main__":
    main()
