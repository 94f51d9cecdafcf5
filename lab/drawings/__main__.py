"""Draw product shots as an imagefolder: `python -m lab.drawings --output DIR`.

Draws the demo catalog, or random products with `--random`.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

from lab.drawings import demo_catalog, random_catalog, write_imagefolder


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        prog="python -m lab.drawings", description="Draw the demo catalog as an imagefolder."
    )
    parser.add_argument("--output", type=Path, required=True, metavar="DIR", help="folder to write")
    parser.add_argument("--random", type=int, metavar="N", help="draw N random products instead")
    parser.add_argument("--seed", type=int, default=0, help="random seed of --random (default: 0)")
    parser.add_argument("--size", type=int, default=768, help="pixels per side (default: 768)")
    parsed = parser.parse_args(arguments)
    products = (
        demo_catalog() if parsed.random is None else random_catalog(parsed.random, parsed.seed)
    )
    write_imagefolder(products, parsed.output, size=parsed.size)
    print(f"{parsed.output}: {len(products)} drawings.")


if __name__ == "__main__":
    main()
