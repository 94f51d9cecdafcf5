"""Compares the default training recipe with the published one, at the starter's size.

    python -m benchmarks.recipes [--data ../shared/data] [--json] [--curve FILE.png]

Both start from the starter and learn the published captions of `fashion-2906/train`, with the
authors' ending; `fashion-2906/test` judges each epoch. Target: the default recipe reaches the
published one's best validation loss in at most half of its optimiser steps.
"""

import argparse
import json
import sys
from dataclasses import asdict, replace
from pathlib import Path

import torch

from moda_engine import Describer
from moda_engine.training.callbacks import EpochFigures, best_epoch
from moda_engine.training.captions import EncodedCaptions
from moda_engine.training.dataset import load_captions
from moda_engine.training.features import (
    EmbeddingCache,
    default_cache_directory,
    encoder_key,
)
from moda_engine.training.recipe import DEFAULT, SEED, Recipe
from moda_engine.training.reporting import draw_curve
from moda_engine.training.trainer import train

#: What the authors put behind every caption; it counts in their loss.
ENDING = " <\\s>"
#: (epoch, loss) that the authors printed, FashionCLIP and OPT-125M, another split and vocabulary.
AUTHORS_TRAINING = (
    (1, 6.653), (2, 3.080), (3, 1.889), (5, 0.646), (10, 0.283), (15, 0.218), (20, 0.185),
)  # fmt: skip
AUTHORS_VALIDATION = (
    (1, 4.150), (2, 2.313), (3, 1.390), (5, 0.509), (10, 0.270), (15, 0.224), (20, 0.203),
)  # fmt: skip


def main() -> None:
    arguments = _arguments()
    curves = {recipe.name: _run(recipe, arguments.data) for recipe in (SEED, DEFAULT)}
    result = comparison(curves, captions=2_322)
    if arguments.curve:
        others = {"authors, training": AUTHORS_TRAINING, "authors, validation": AUTHORS_VALIDATION}
        draw_curve(curves["seed"], arguments.curve, others)
    if arguments.json:
        print(json.dumps(result))
        return
    for name in ("seed", "default"):
        for figures in curves[name]:
            print(
                f"{name:8} epoch {figures.epoch:2}  training {figures.training_loss:.4f}  "
                f"validation {figures.validation_loss:.4f}"
            )
    print(
        f"seed's best validation loss: {result['seed_best']:.4f} of {result['seed_steps']} steps; "
        f"default reaches it after {result['default_steps']}"
    )


def comparison(curves: dict[str, list[EpochFigures]], captions: int) -> dict[str, object]:
    """The figures asked for: best loss of the seed, steps of both to get there."""
    best = best_epoch(curves["seed"])
    reached = [
        figures.epoch
        for figures in curves["default"]
        if (figures.validation_loss or 0.0) <= (best.validation_loss or 0.0)
    ]
    return {
        "seed_best": best.validation_loss,
        "seed_steps": SEED.epochs * SEED.steps_of_epoch(captions),
        "seed_steps_to_best": best.epoch * SEED.steps_of_epoch(captions),
        "default_best": best_epoch(curves["default"]).validation_loss,
        "default_steps": reached[0] * DEFAULT.steps_of_epoch(captions) if reached else None,
        "curves": {name: [asdict(one) for one in curve] for name, curve in curves.items()},
    }


def _run(recipe: Recipe, data: Path) -> list[EpochFigures]:
    describer = Describer.from_pretrained(device="cpu", dtype=torch.float32)
    cache = EmbeddingCache(
        encoder_key(describer.model, describer.processor), default_cache_directory()
    )
    training, validation = (
        _with_ending(
            load_captions(
                [data / "fashion-2906" / part], describer.model, describer.processor, cache
            ).captions
        )
        for part in ("train", "test")
    )
    return train(
        describer.model,
        describer.processor,
        training,
        recipe,
        validation,
        on_epoch=lambda figures: print(recipe.name, figures, flush=True, file=sys.stderr),
    )


def _with_ending(captions: EncodedCaptions) -> EncodedCaptions:
    return replace(captions, texts=[text + ENDING for text in captions.texts])


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.recipes",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--data", type=Path, default=Path("../shared/data"), metavar="DIR", help="photo sets"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument(
        "--curve", type=Path, metavar="PNG", help="plot the published recipe's curve to PNG"
    )
    return parser.parse_args()


if __name__ == "__main__":
    main()
