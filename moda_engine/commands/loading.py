"""Loading a checkpoint for a command, without transformers' progress bars on the terminal."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from moda_engine.exceptions import EngineError

if TYPE_CHECKING:
    from moda_engine.describing.describer import Describer

#: The built-in model that writes copy; a folder of that name counts more.
COPYWRITER = "copywriter"
_PRECISIONS = ("float32", "bfloat16", "int8")


def add_precision(parser: argparse.ArgumentParser, default: str) -> None:
    """Add the option `--precision`; `default` describes its default in the help."""
    parser.add_argument(
        "--precision",
        choices=_PRECISIONS,
        help=f"arithmetic (default: {default}); int8 is fast for one photo and slow for many",
    )


def describer_of(model: Path | None, precision: str | None = None) -> "Describer":
    """The describer of a checkpoint folder, of the starter, or of the built-in "copywriter".

    Raises `EngineError` as `quiet_describer`, and where this version has no copywriter.
    """
    if model is None or str(model) != COPYWRITER or model.exists():
        return quiet_describer(model, precision)
    from moda_engine.parts.copywriter import copywriter_identity, copywriter_write
    from moda_engine.training.features import default_cache_directory

    name = f"{COPYWRITER}-{copywriter_identity()}"
    return quiet_describer(copywriter_write(default_cache_directory() / name), precision)


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
