"""Where weights are held: laid out for the processor, in memory, or in their file alone."""

from pathlib import Path

from safetensors import safe_open
from torch import nn


def copy_from_file(module: nn.Module) -> None:
    """Copy what is left of the weights out of the mapped file, whose pages stay resident else."""
    for value in module.parameters():
        value.data = value.data.clone()
    copy_buffers_from_file(module)


def copy_buffers_from_file(module: nn.Module) -> None:
    """Copy the buffers alone: where weights were converted, a counter keeps the whole file mapped.

    Each is exchanged for its copy, since a view keeps what it was made of even with other data.
    """
    for owner in module.modules():
        for name, buffer in owner.named_buffers(recurse=False):
            setattr(owner, name, buffer.clone())


def weights_state(module: nn.Module) -> object:
    """Differs from what it was once weights were changed or moved; adapters do not count."""
    return [
        (name.replace(".base_layer.", "."), value.data_ptr(), value._version)
        for name, value in module.named_parameters()
        if ".lora_" not in name
    ]


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
