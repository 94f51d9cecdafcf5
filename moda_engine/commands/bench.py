"""Measure how fast photos are described on this machine: at full size with random weights, beside
transformers' plain `generate` and beside what the machine's matrix products allow. Sides of a
ratio are taken in turn; medians are compared. Some minutes; nothing else should run meanwhile."""

import argparse
import json
from typing import Any

PARTS = ("throughput", "real_lengths", "latency", "files", "int8", "captions", "memory", "growth")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="one JSON object")
    parser.add_argument("--rounds", type=int, default=5, help="rounds that are counted (5)")
    parser.add_argument(
        "--only", nargs="+", choices=PARTS, default=list(PARTS), help="measure these alone"
    )


def run(arguments: argparse.Namespace) -> int:
    from moda_engine.speed.bench import bench

    figures = bench(arguments.rounds, arguments.only)
    if arguments.json:
        print(json.dumps(figures))
        return 0
    for part, values in figures.items():
        _print(part, values)
    return 0


def _print(part: str, values: Any) -> None:
    if isinstance(values, dict):
        print(part)
        for name, value in values.items():
            print(f"  {name:28} {_short(value)}")
    elif isinstance(values, list):
        print(part)
        for row in values:
            print("  " + "   ".join(f"{name} {_short(value)}" for name, value in row.items()))
    else:
        print(f"{part:30} {_short(values)}")


def _short(value: object) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)
