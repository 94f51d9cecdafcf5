"""Loading a checkpoint for a command, without transformers' progress bars on the terminal."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from moda_engine.exceptions import EngineError

if TYPE_CHECKING:
    from moda_engine.describing.describer import Describer

_PRECISIONS = ("float32", "bfloat16", "int8")


def add_precision(parser: argparse.ArgumentParser, default: str) -> None:
    """Add the option `--precision`; `default` describes its default in the help."""
    parser.add_argument(
        "--precision",
        choices=_PRECISIONS,
        help=f"arithmetic (default: {default}); int8 is fast for one photo and slow for many",
    )


def quiet_describer(model: Path | None, precision: str | None = None) -> "Describer":
    """The describer of a checkpoint folder, or of the starter; see `Describer.from_pretrained`."""
    import torch
    from transformers.utils import logging

    from moda_engine.describing.describer import Describer

    logging.disable_progress_bar()
    dtype = None if precision is None else getattr(torch, precision)
    try:
        return Describer.from_pretrained(model, dtype=dtype)
    except ValueError as error:  # a precision that this machine does not support
        raise EngineError(str(error)) from error
