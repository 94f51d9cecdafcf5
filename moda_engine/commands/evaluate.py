"""Measure a checkpoint on an imagefolder whose `metadata.jsonl` has the columns `colour`, `usage`,
`product_type` and `gender`. The measure of a missing column is null; `loss` is in nats per token of
`text`. A record that cannot be used is reported on standard error and skipped."""

import argparse
import json
import sys
from pathlib import Path

from moda_engine.commands.loading import add_precision, quiet_describer
from moda_engine.imagefolder import RefusedLine


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--data", type=Path, required=True, metavar="DIR", help="an imagefolder")
    parser.add_argument(
        "--model", type=Path, metavar="DIR", help="checkpoint folder (default: the starter)"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument(
        "--report", type=Path, metavar="DIR", help="also write tables and plots to DIR"
    )
    parser.add_argument("--strict", action="store_true", help="refuse a folder with a bad record")
    add_precision(parser, "float32, so that machines can be compared")


def run(arguments: argparse.Namespace) -> int:
    from moda_engine.evaluation.evaluate import evaluate

    left_out: list[RefusedLine] = []

    def leave_out(refusal: RefusedLine) -> None:
        left_out.append(refusal)
        print(f"moda_engine: left out: {refusal}", file=sys.stderr)

    describer = quiet_describer(arguments.model, arguments.precision or "float32")
    evaluated = evaluate(describer, arguments.data, None if arguments.strict else leave_out)
    measures = evaluated.measures()
    if left_out:
        count = f"{len(left_out)} record{'s' if len(left_out) > 1 else ''}"
        print(f"moda_engine: {count} left out of {arguments.data}.", file=sys.stderr)
    if arguments.report:
        from moda_engine.evaluation.report import write_report

        write_report(evaluated, arguments.report)
    if arguments.json:
        print(json.dumps(measures))
        return 0
    for name, value in measures.items():
        shown = "–" if value is None else f"{value:.3f}" if isinstance(value, float) else value
        print(f"{name:24} {shown}")
    return 0
