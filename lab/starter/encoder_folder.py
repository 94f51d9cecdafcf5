"""Encoders kept in folders with heads, recipe and curve: a second run need not teach them."""

import json
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from lab.starter.corpus import Corpus
from lab.starter.encoder import train_encoder
from lab.starter.encoder_recipe import EncoderRecipe
from lab.starter.encoder_state import EncoderStates
from lab.starter.label_heads import LabelHeads
from lab.starter.label_space import LabelSpace
from moda_engine.checkpoint import written_whole
from moda_engine.dual_encoder import DualEncoder

_RECORD_FILE = "record.json"


def encoder_teach(
    begin: Callable[[], DualEncoder],
    corpus: Corpus,
    recipe: EncoderRecipe,
    folder: Path,
    validation: Corpus | None = None,
) -> DualEncoder:
    """The encoder in `folder`, if it holds one; else what `begin` gives, taught and kept there.

    Beside the folder lies a state an epoch until then, from which a second call goes on.

    Raises `TrainingError` when that state is of another recipe.
    """
    if not folder.is_dir():
        space = LabelSpace.from_labels(corpus.labels)
        states = EncoderStates.of(folder.with_name(f"{folder.name}-state"), recipe, len(corpus))
        trained, curve = train_encoder(
            begin(),
            corpus,
            space,
            recipe,
            states,
            validation,
            lambda figures: print(figures, flush=True),
        )
        with written_whole(folder) as temporary:
            trained.encoder.save_pretrained(temporary)
            LabelHeads.of(space, trained.heads).save(temporary)
            record = {"recipe": asdict(recipe), "curve": curve}
            (temporary / _RECORD_FILE).write_text(json.dumps(record, indent=1), encoding="utf-8")
        states.forget()
    encoder: DualEncoder = DualEncoder.from_pretrained(folder)
    return encoder


def encoder_record(folder: Path) -> dict[str, Any]:
    """Recipe and curve of the encoder in `folder`."""
    record: dict[str, Any] = json.loads((folder / _RECORD_FILE).read_text(encoding="utf-8"))
    return record
