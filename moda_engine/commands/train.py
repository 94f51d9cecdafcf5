"""Teach projector and language model the captions of one or several imagefolders: photos beside a
`metadata.jsonl` with `file_name`, `text` and, if wanted, `facts`. The encoder stays as it is, so
each photo is encoded once and found in the cache by later runs. The output folder holds the best
checkpoint, `metrics.jsonl` and `loss_curve.png`. Several GPUs: `accelerate launch -m moda_engine
train …`."""

import argparse
import sys
from pathlib import Path

from moda_engine.checkpoint import STARTER_DIRECTORY
from moda_engine.training.recipe import RECIPES


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--data", nargs="+", type=Path, required=True, metavar="DIR")
    parser.add_argument("--validation", type=Path, metavar="DIR", help="chooses the best epoch")
    parser.add_argument("--output", type=Path, required=True, metavar="DIR", help="a new folder")
    parser.add_argument(
        "--model",
        type=Path,
        metavar="DIR",
        default=STARTER_DIRECTORY,
        help="checkpoint to begin from (default: the starter)",
    )
    parser.add_argument("--recipe", choices=sorted(RECIPES), default="default")
    parser.add_argument("--resume", action="store_true", help="go on with the run in --output")
    parser.add_argument(
        "--strict", action="store_true", help="refuse a set with a line that cannot be used"
    )
    parser.add_argument(
        "--save-every", type=int, metavar="STEPS", help="save inside epochs too, every STEPS steps"
    )
    parser.add_argument("--cache", type=Path, metavar="DIR", help="where features are kept")


def run(arguments: argparse.Namespace) -> int:
    from transformers.utils import logging

    from moda_engine.training.callbacks import best_epoch
    from moda_engine.training.run import RunRequest, train_folders

    logging.disable_progress_bar()
    request = RunRequest(
        data=arguments.data,
        output=arguments.output,
        validation=arguments.validation,
        model=arguments.model,
        recipe=RECIPES[arguments.recipe],
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
