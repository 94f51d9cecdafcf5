"""A table that is looked up stays in its file: in memory are only the pages that were needed."""

from pathlib import Path

from safetensors import safe_open
from torch import nn


def look_up_in_file(model: nn.Module, table: nn.Module, file: Path) -> None:
    """Let the weights of `table`, a part of `model`, be those in the file: mapped, not read.

    Nothing is done where the file has them in another precision, or they are not on the processor.
    """
    names = [name for name, value in model.named_parameters() if value is table.weight]
    with safe_open(file, framework="pt") as tensors:
        if table.weight.device.type != "cpu" or names[0] not in tensors.keys():  # noqa: SIM118
            return
        found = tensors.get_tensor(names[0])
    if (found.dtype, found.shape) == (table.weight.dtype, table.weight.shape):
        table.weight.data = found
