"""Assembling a checkpoint of the tiny published parts."""

from pathlib import Path
from typing import Any

from moda_engine.parts.assembly import checkpoint_assemble
from moda_engine.parts.published import PartRequest


def assemble(
    parts: dict[str, Path], output: Path, language_model: str = "opt", **options: Any
) -> dict[str, Any]:
    """`checkpoint_assemble` of the CLIP model and the language model of that name."""
    return checkpoint_assemble(
        output,
        encoder=PartRequest(str(parts["clip"])),
        language_model=PartRequest(str(parts[language_model])),
        **options,
    )
