"""Measure a checkpoint on an imagefolder whose `metadata.jsonl` has `colour`, `usage`,
`product_type` and `gender`. A measure is null where the folder has no such column; `loss` is in
nats a token on `text`."""

import argparse
import json
from pathlib import Path

from moda_engine.commands.loading import quiet_describer


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--data", type=Path, required=True, metavar="DIR")
    parser.add_argument("--model", type=Path, help="checkpoint folder (default: the starter)")
    parser.add_argument("--json", action="store_true", help="one JSON object")


def run(arguments: argparse.Namespace) -> int:
    from moda_engine.evaluation.evaluate import evaluate

    measures = evaluate(quiet_describer(arguments.model), arguments.data)
    if arguments.json:
        print(json.dumps(measures))
        return 0
    for name, value in measures.items():
        shown = "–" if value is None else f"{value:.3f}" if isinstance(value, float) else value
        print(f"{name:24} {shown}")
    return 0
