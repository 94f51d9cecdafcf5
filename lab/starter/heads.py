"""Add to a checkpoint the heads that say what its encoder sees: `moda_engine.heads`.

    python -m lab.starter.heads --checkpoint DIR --data ../shared/data

The encoder stays as it is. Heads learn labels from features of random views of the training photos;
tables learn from labels alone what each says about the others; `catalog-extra/review` decides how
sure both are, and from which probability on a kind is said. Takes some eight minutes on two cores.
"""

import argparse
import gzip
import json
import shutil
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from lab.starter.calibration import calibrated
from lab.starter.cleaning import cleaned_labels
from lab.starter.corpus import Corpus, drawing_corpus, nameable, photo_corpus
from lab.starter.label_space import LabelSpace
from lab.starter.label_tables import fit_tables
from lab.starter.linear_heads import Examples, HeadsRecipe, fit_linear_heads
from lab.starter.views import plain_features, view_features
from moda_engine.checkpoint import TRAINING_FILE, WEIGHTS_FILE, written_whole
from moda_engine.describing.describer import Describer
from moda_engine.language.labels import ItemLabels
from moda_engine.model import ModaForCaptioning

DRAWING_COUNT, DRAWING_SEED = 1_600, 2_906
#: Pixels a side in memory beside what the encoder sees: views are as soft as those it learned from.
STORED_SHARE = 1.2


def heads_add(checkpoint: Path, data: Path, recipe: HeadsRecipe | None = None) -> None:
    """Fit heads for the encoder of `checkpoint` on the photo sets in `data`, and keep them there.

    All but `config.json`, the weights and the record of training stays as it was.
    """
    recipe = recipe or HeadsRecipe()
    describer = Describer.from_pretrained(checkpoint, "cpu", torch.float32)
    model = describer.model
    side = int(describer.processor.image_processor.size["height"])
    stored = round(STORED_SHARE * side)
    children = nameable(photo_corpus(data / "fashion-2906" / "train", stored))
    adults = nameable(photo_corpus(data / "catalog-extra" / "train", stored))
    drawings = drawing_corpus(DRAWING_COUNT, DRAWING_SEED, stored)
    pictures = [
        # The first set alone has children's clothes, and is the smaller by far: twice.
        _examples(model, children, recipe.views, side, weight=2),
        _examples(model, adults, recipe.views, side),
        _examples(model, drawings, min(2, recipe.views), side),
    ]
    photos = children.cleaned + adults.cleaned
    space = LabelSpace.from_labels(children.cleaned + photos + drawings.cleaned)
    linear = fit_linear_heads(pictures, space, recipe)
    tables = fit_tables(photos + _labels_without_photos(data), space, recipe)
    review = photo_corpus(data / "catalog-extra" / "review", stored)
    features = plain_features(model, torch.from_numpy(review.pictures), side)
    config, state = calibrated(linear, tables, features, review.labels)
    heads_write(checkpoint, config, state, {"recipe": asdict(recipe)})


def _examples(
    model: ModaForCaptioning, corpus: Corpus, views: int, side: int, weight: int = 1
) -> Examples:
    features = view_features(model, torch.from_numpy(corpus.pictures), views, 0, side)
    return Examples(features, corpus.cleaned, weight)


def _labels_without_photos(data: Path) -> list[ItemLabels]:
    """Labels of the same retailer's other items; none of the photos that measure."""
    with gzip.open(data / "product-text.jsonl.gz", "rt", encoding="utf-8") as lines:
        return [cleaned_labels(json.loads(line)) for line in lines]


def heads_write(
    checkpoint: Path, config: dict[str, Any], state: dict[str, Tensor], record: dict[str, Any]
) -> None:
    """Put heads into a checkpoint folder, in half precision, in the place of those it has.

    Args:
        config, state: of `moda_engine.heads.LabelHeads`.
        record: what `training.json` says about them.
    """
    with written_whole(checkpoint) as folder:
        shutil.copytree(checkpoint, folder, dirs_exist_ok=True)
        weights = {
            name: value
            for name, value in load_file(checkpoint / WEIGHTS_FILE).items()
            if not name.startswith("heads.")
        }
        weights |= {f"heads.{name}": value.half().contiguous() for name, value in state.items()}
        save_file(weights, folder / WEIGHTS_FILE, {"format": "pt"})
        _add_to_json(folder / "config.json", config, indent=2)
        _add_to_json(folder / TRAINING_FILE, record, indent=1)


def _add_to_json(path: Path, heads: dict[str, Any], indent: int) -> None:
    """Let `heads` be that of the object in the file, which need not exist."""
    value = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    text = json.dumps(value | {"heads": heads}, indent=indent)
    path.write_text(text + "\n", encoding="utf-8")


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        prog="python -m lab.starter.heads",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--checkpoint", type=Path, required=True, metavar="DIR")
    parser.add_argument(
        "--data", type=Path, required=True, metavar="DIR", help="folder of the photo sets"
    )
    options = parser.parse_args(arguments)
    heads_add(options.checkpoint, options.data)


if __name__ == "__main__":
    main()
