"""Draws product shots as an imagefolder: `python -m lab.drawings --output DIR`.

The demo catalog, or random drawings with `--random`.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

from lab.drawings import demo_catalog, random_catalog, write_imagefolder


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        prog="python -m lab.drawings", description="Draw product shots as an imagefolder."
    )
    parser.add_argument("--output", type=Path, required=True, metavar="DIR")
    parser.add_argument("--random", type=int, metavar="N", help="N random drawings instead")
    parser.add_argument("--seed", type=int, default=0, help="of the random drawings")
    parser.add_argument("--size", type=int, default=768, help="pixels a side")
    parsed = parser.parse_args(arguments)
    products = (
        demo_catalog() if parsed.random is None else random_catalog(parsed.random, parsed.seed)
    )
    write_imagefolder(products, parsed.output, size=parsed.size)
    print(f"{parsed.output}: {len(products)} drawings.")


if __name__ == "__main__":
    main()
