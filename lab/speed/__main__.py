"""Measure how fast this machine describes photos: `python -m lab.speed`.

The model has its full size and random weights. It is compared with transformers' plain `generate`
and with the speed of the machine's matrix products. The sides of a ratio take turns; medians are
compared. This takes some minutes; run nothing else at the same time.
"""

import argparse
import json
from collections.abc import Sequence
from typing import Any

from lab.speed.bench import PARTS, bench


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        prog="python -m lab.speed",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument(
        "--rounds", type=int, default=5, help="rounds after the warm-up (default: 5)"
    )
    parser.add_argument(
        "--only",
        nargs="+",
        choices=PARTS,
        default=list(PARTS),
        metavar="PART",
        help=f"measure only these parts: {', '.join(PARTS)}",
    )
    parsed = parser.parse_args(arguments)
    figures = bench(parsed.rounds, parsed.only)
    if parsed.json:
        print(json.dumps(figures))
        return
    for part, values in figures.items():
        _print(part, values)


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


if __name__ == "__main__":
    main()
