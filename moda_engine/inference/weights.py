"""Where weights are held: laid out for the processor, in memory, or in their file alone."""

import hashlib
from pathlib import Path

import torch
from safetensors import safe_open
from torch import Tensor, nn

#: Whole numbers by their bytes.
_WHOLE = {1: torch.int8, 2: torch.int16, 4: torch.int32, 8: torch.int64}


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


def weights_digest(*modules: nn.Module) -> bytes:
    """Differs once any weight or buffer differs, whatever changed it. Adapters do not count.

    It is made of the contents, since `Parameter._version` misses what a fused optimiser does and
    what is done through `.data`. The bits of each row are added up as whole numbers. That reads the
    weights once, which takes a few hundredths of the time in which a text is written.
    """
    digest = hashlib.blake2b()
    for module in modules:
        for name, value in (*module.named_parameters(), *module.named_buffers()):
            if ".lora_" not in name:
                bare = name.replace(".base_layer.", ".")
                digest.update(f"{bare} {value.dtype} {value.device} {list(value.shape)}".encode())
                digest.update(_row_sums(value.detach()).cpu().numpy().tobytes())
    return digest.digest()


def _row_sums(value: Tensor) -> Tensor:
    """The bits of each row, added up; (rows,)."""
    if value.numel() == 0:
        return value.new_empty(0, dtype=torch.long)
    rows = value.reshape(len(value) if value.dim() else 1, -1).contiguous()
    aligned = rows[0].nbytes % 8 == rows.storage_offset() * rows.element_size() % 8 == 0
    whole = _WHOLE[8 if aligned else rows.element_size()]
    return rows.view(whole).sum(-1, dtype=torch.long)


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
