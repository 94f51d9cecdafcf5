"""Loading a checkpoint for a command, without transformers' progress bars on the terminal."""

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch

    from moda_engine.describer import Describer


def quiet_describer(model: Path | None, dtype: "torch.dtype | None" = None) -> "Describer":
    """The describer of a checkpoint folder, or of the starter; see `Describer.from_pretrained`."""
    from transformers.utils import logging

    from moda_engine.describer import Describer

    logging.disable_progress_bar()
    return Describer.from_pretrained(model, dtype=dtype)
