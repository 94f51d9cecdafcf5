"""Draw product shots as an imagefolder: the demo catalog, or random ones with `--random`."""

import argparse
from pathlib import Path


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--output", type=Path, required=True, metavar="DIR")
    parser.add_argument("--random", type=int, metavar="N", help="N random drawings instead")
    parser.add_argument("--seed", type=int, default=0, help="of the random drawings")
    parser.add_argument("--size", type=int, default=768, help="pixels a side")


def run(arguments: argparse.Namespace) -> int:
    from moda_engine.drawings import demo_catalog, random_catalog, write_imagefolder

    products = (
        demo_catalog()
        if arguments.random is None
        else random_catalog(arguments.random, arguments.seed)
    )
    write_imagefolder(products, arguments.output, size=arguments.size)
    print(f"{arguments.output}: {len(products)} drawings.")
    return 0
