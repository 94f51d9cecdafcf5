"""Command line of the engine: `python -m moda_engine --help`."""

import argparse
import os
import sys
from importlib import import_module

from moda_engine import __version__
from moda_engine.exceptions import EngineError

COMMANDS = {
    "describe": "describe photos, one line each",
    "init": "assemble a new checkpoint from an encoder and a language model",
    "train": "train a checkpoint on your captions",
    "evaluate": "measure a checkpoint on labelled photos",
    "sheet": "make one image of many photos with their descriptions",
}
EXAMPLES = """\
examples:
  python -m moda_engine describe --json photos/*.jpg
  python -m moda_engine train --data my-photos --output my-model

`python -m moda_engine COMMAND --help` lists options; moda_engine/README.md is the guide.

exit status:
  0    all was done
  1    something was refused; standard error says what, and what was possible is done
  2    wrong usage
  130  interrupted
  141  nobody reads the output any longer, as behind `| head`
"""


def main(arguments: list[str] | None = None) -> int:
    """Run one command; returns the exit status, as `EXAMPLES` lists them."""
    parser = argparse.ArgumentParser(
        prog="python -m moda_engine",
        description="MODA describes fashion items from a photo.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"moda_engine {__version__}")
    subparsers = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, summary in COMMANDS.items():
        command = import_module(f"moda_engine.commands.{name}")
        subparser = subparsers.add_parser(name, help=summary, description=command.__doc__)
        command.add_arguments(subparser)
        subparser.set_defaults(run=command.run)
    parsed = parser.parse_args(arguments)
    try:
        status: int = parsed.run(parsed)
    except EngineError as error:
        print(f"moda_engine: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("moda_engine: interrupted.", file=sys.stderr)
        return 130
    except BrokenPipeError:
        # Python would try once more when it ends, and say so.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141
    return status


if __name__ == "__main__":
    sys.exit(main())
