"""Train projector and language model on the captions of one or more imagefolders: photos with a
`metadata.jsonl` that has `file_name`, `text` and optionally `facts`. The encoder is frozen, so each
photo is encoded once and its features are cached for later runs. The output folder holds the best
checkpoint, `metrics.jsonl` and `loss_curve.png`. On several GPUs: `accelerate launch -m moda_engine
train …`."""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

from moda_engine.checkpoint import STARTER_DIRECTORY
from moda_engine.exceptions import TrainingError
from moda_engine.training.recipe import RECIPES


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--data", nargs="+", type=Path, required=True, metavar="DIR", help="imagefolders"
    )
    parser.add_argument("--validation", type=Path, metavar="DIR", help="selects the best epoch")
    parser.add_argument("--output", type=Path, required=True, metavar="DIR", help="a new folder")
    parser.add_argument(
        "--model",
        type=Path,
        metavar="DIR",
        default=STARTER_DIRECTORY,
        help="checkpoint to start from (default: the starter)",
    )
    parser.add_argument(
        "--recipe", choices=sorted(RECIPES), default="default", help="seed: as published"
    )
    parser.add_argument(
        "--epochs",
        type=_number_of("epochs"),
        metavar="N",
        help="instead of as many as the recipe has for a set of this size",
    )
    parser.add_argument(
        "--learning-rate",
        type=_rate,
        metavar="RATE",
        help="instead of the recipe's for a set of this size",
    )
    parser.add_argument(
        "--batch-size",
        type=_number_of("captions"),
        metavar="N",
        help="captions of an optimiser step, instead of the recipe's for a set of this size",
    )
    parser.add_argument("--resume", action="store_true", help="continue the run in --output")
    parser.add_argument(
        "--strict", action="store_true", help="refuse a folder with an unusable line"
    )
    parser.add_argument(
        "--save-every",
        type=int,
        metavar="STEPS",
        help="also save every STEPS steps within an epoch",
    )
    parser.add_argument("--cache", type=Path, metavar="DIR", help="folder of cached features")


def _number_of(things: str) -> Callable[[str], int]:
    def parse(text: str) -> int:
        if not text.isdecimal() or int(text) < 1:
            raise argparse.ArgumentTypeError(f"{text!r} is no number of {things} from 1 on.")
        return int(text)

    return parse


def _rate(text: str) -> float:
    try:
        rate = float(text)
    except ValueError:
        rate = 0.0
    if not 0 < rate < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no rate between 0 and 1.")
    return rate


def run(arguments: argparse.Namespace) -> int:
    from transformers.utils import logging

    from moda_engine.training.callbacks import best_epoch
    from moda_engine.training.checkpoints import RUN_FILE
    from moda_engine.training.run import RunRequest, train_folders

    logging.disable_progress_bar()
    if arguments.resume and not (arguments.output / RUN_FILE).is_file():
        raise TrainingError(
            f"{arguments.output} holds no run to go on with: check --output, or omit --resume."
        )
    request = RunRequest(
        data=arguments.data,
        output=arguments.output,
        validation=arguments.validation,
        model=arguments.model,
        recipe=RECIPES[arguments.recipe],
        epochs=arguments.epochs,
        learning_rate=arguments.learning_rate,
        batch_size=arguments.batch_size,
        resume=arguments.resume,
        strict=arguments.strict,
        save_every=arguments.save_every,
        cache=arguments.cache,
    )
    try:
        curve = train_folders(request)
    except KeyboardInterrupt:
        print(f"moda_engine: stopped; --resume goes on in {arguments.output}.", file=sys.stderr)
        return 130
    print(f"{arguments.output}: epoch {best_epoch(curve).epoch} of {len(curve)} is kept.")
    return 0
