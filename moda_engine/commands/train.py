"""Teach projector and language model the captions of one or several imagefolders: photos beside a
`metadata.jsonl` with `file_name` and `text`. The encoder stays as it is."""

import argparse
import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from moda_engine.commands.loading import quiet_describer
from moda_engine.training.recipe import RECIPES

if TYPE_CHECKING:
    from moda_engine.describer import Describer
    from moda_engine.training.examples import EncodedCaptions


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--data", nargs="+", type=Path, required=True, metavar="DIR")
    parser.add_argument("--validation", type=Path, metavar="DIR", help="chooses the best epoch")
    parser.add_argument("--output", type=Path, required=True, metavar="DIR")
    parser.add_argument("--model", type=Path, help="checkpoint to begin from (default: starter)")
    parser.add_argument("--recipe", choices=sorted(RECIPES), default="default")


def run(arguments: argparse.Namespace) -> int:
    from moda_engine.checkpoint import checkpoint_write
    from moda_engine.training.trainer import EpochFigures, train

    def show(figures: EpochFigures) -> None:
        print(json.dumps(asdict(figures)), flush=True)

    recipe = RECIPES[arguments.recipe]
    describer = quiet_describer(arguments.model)
    training = _encoded(describer, arguments.data)
    validation = _encoded(describer, [arguments.validation]) if arguments.validation else None
    curve = train(describer.model, describer.processor, training, recipe, validation, show)
    record = {"recipe": asdict(recipe), "curve": [asdict(figures) for figures in curve]}
    checkpoint_write(
        arguments.output, model=describer.model, processor=describer.processor, record=record
    )
    print(f"{arguments.output}: trained on {len(training)} captions.")
    return 0


def _encoded(describer: "Describer", folders: list[Path]) -> "EncodedCaptions":
    """The folders' examples as one set; what had to be left out is named on standard error."""
    from moda_engine.training.examples import encode_examples, read_imagefolder

    examples, refused = [], []
    for folder in folders:
        found, left_out = read_imagefolder(folder)
        examples += found
        refused += left_out
    encoded, unreadable = encode_examples(describer.model, describer.processor, examples)
    for line in [*refused, *unreadable]:
        print(f"moda_engine: left out: {line}", file=sys.stderr)
    return encoded
