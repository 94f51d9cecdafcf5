"""Add to a checkpoint the heads that say what its encoder sees: `moda_engine.heads`.

    python -m lab.starter.heads --checkpoint DIR --data ../shared/data

The encoder stays as it is. Heads learn labels from features of random views of the training photos;
tables learn from labels alone what each says about the others; `catalog-extra/review` decides how
sure both are, and from which probability on a kind is said. Further details are learned from prose
(`lab.starter.further_heads`). Takes some ten minutes on two cores.
"""

import argparse
import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from lab.starter.calibration import calibrated, calibration_errors
from lab.starter.checkpoint_parts import heads_write
from lab.starter.cleaning import cleaned_labels
from lab.starter.confidence import STORED_SHARE, HeldOut, confidence_write
from lab.starter.corpus import (
    Corpus,
    drawing_corpus,
    nameable,
    photo_corpus,
    records_without_photos,
)
from lab.starter.further_heads import Told, fit_further, further_config, kinds_to_learn
from lab.starter.label_space import LabelSpace
from lab.starter.label_tables import fit_tables
from lab.starter.linear_heads import Examples, HeadsRecipe, fit_linear_heads
from lab.starter.other_pictures import (
    grounds_of,
    made_pictures,
    on_other_grounds,
    other_pictures,
)
from lab.starter.recognition import fit_recognition, threshold_of, unseen_auroc
from lab.starter.title_words import title_words_add
from lab.starter.views import view_features
from moda_engine.describing.describer import Describer

DRAWING_COUNT, DRAWING_SEED = 1_600, 2_906
_HELD_OUT_DRAWINGS = 400
#: Pictures made here beside those of the folder.
_MADE = 4_000
#: Training photos that are put on other grounds as well.
_ON_OTHER_GROUNDS = 2_000
#: Views a photo from which recognition learns.
_VIEWS = 3


class HeadsBuilder:
    """Fits heads for the encoder of one checkpoint."""

    def __init__(self, checkpoint: Path, data: Path, recipe: HeadsRecipe) -> None:
        describer = Describer.from_pretrained(checkpoint, "cpu", torch.float32)
        self._model = describer.model
        self._side = int(describer.processor.image_processor.size["height"])
        self._stored = round(STORED_SHARE * self._side)
        self._recipe = recipe
        self._data = data
        children = nameable(photo_corpus(data / "fashion-2906" / "train", self._stored))
        adults = nameable(photo_corpus(data / "catalog-extra" / "train", self._stored))
        drawings = drawing_corpus(DRAWING_COUNT, DRAWING_SEED, self._stored)
        self._photos = children.cleaned + adults.cleaned
        self._corpora = (children, adults)
        self._sets = [
            # The first set alone has children's clothes, and is the smaller by far: twice.
            self._examples(children, recipe.views, weight=2),
            self._examples(adults, recipe.views),
            self._examples(drawings, 2),
        ]
        every = max(1, (len(children) + len(adults)) // _ON_OTHER_GROUNDS)
        self._some_photos = np.concatenate([children.pictures, adults.pictures])[::every]
        self.held_out = HeldOut.of(describer, data)

    def labels(self) -> tuple[dict[str, Any], dict[str, Tensor], dict[str, float]]:
        """Configuration and weights of all but the recognition, and errors of calibration."""
        known = [label for one in self._sets for label in one.labels for _ in range(one.weight)]
        space = LabelSpace.from_labels(known)
        linear = fit_linear_heads(self._sets, space, self._recipe)
        others = map(cleaned_labels, records_without_photos(self._data))
        items = [*self._photos, *others]
        tables = fit_tables(items, space, self._recipe)
        held_out = self.held_out.features, self.held_out.labels
        config, state = calibrated(linear, tables, *held_out)
        return config, state, calibration_errors(linear, *held_out)

    def recognition(
        self, folder: Path | None
    ) -> tuple[dict[str, Any], dict[str, Tensor], dict[str, float]]:
        """Configuration and weights of the recognition, and AUROC on sources it did not learn.

        Args:
            folder: of other pictures, a subfolder a source; without it those made here must do.
        """
        pictures = other_pictures(folder, self._stored) if folder is not None else {}
        pictures["made"] = made_pictures(_MADE, self._recipe.seed, self._stored)
        grounds = np.concatenate([grounds_of(found) for found in pictures.values()])
        mounted = on_other_grounds(self._some_photos, grounds, self._recipe.seed)
        photos = [
            one.features[:_VIEWS].flatten(0, 1) for one in self._sets for _ in range(one.weight)
        ]
        items = torch.cat([*photos, self._features(mounted, 2).flatten(0, 1)])
        others = {name: self._features(found, 2) for name, found in pictures.items()}
        learned = {name: found.flatten(0, 1) for name, found in others.items()}
        unseen = unseen_auroc(items, learned, self.held_out.features, self._recipe)
        layers = fit_recognition(items, torch.cat([*learned.values()]), self._recipe)
        drawings = drawing_corpus(_HELD_OUT_DRAWINGS, DRAWING_SEED + 1, self._stored)
        held_out = torch.cat([self.held_out.features, self._features(drawings.pictures, 1)[0]])
        config = {"hidden": layers[0].out_features, "threshold": threshold_of(layers, held_out)}
        return config, layers.state_dict(), unseen

    def further(self) -> tuple[dict[str, Any], dict[str, Tensor], dict[str, float]]:
        """Configuration and weights of the further details, and what was measured of them."""
        children, adults = map(_texts, self._corpora)
        types, titles, prose = (
            children[0] + adults[0],
            children[1] + adults[1],
            children[2] + adults[2],
        )
        kinds = kinds_to_learn(types, titles, prose)
        sets = [
            (examples.features, Told.of(*_texts(corpus), kinds).details)
            for examples, corpus in zip(self._sets, self._corpora, strict=False)
        ]
        layers = fit_further(sets, self._recipe)
        told = Told.of(*_texts(self.held_out), kinds)
        return further_config(layers, kinds, self.held_out.features, told)

    def _examples(self, corpus: Corpus, views: int, weight: int = 1) -> Examples:
        return Examples(self._features(corpus.pictures, views), corpus.cleaned, weight)

    def _features(self, pictures: np.ndarray, views: int) -> Tensor:
        """(views, pictures, feature_size); the first view is the plain one."""
        return view_features(self._model, torch.from_numpy(pictures), views, 0, self._side)


def heads_add(
    checkpoint: Path, data: Path, others: Path | None, recipe: HeadsRecipe | None = None
) -> None:
    """Fit heads for the encoder of `checkpoint` on the photo sets in `data`, and keep them there.

    All but `config.json`, the weights and the record of training stays as it was.

    Args:
        others: folder of pictures without a fashion item, a subfolder a source.
    """
    recipe = recipe or HeadsRecipe()
    builder = HeadsBuilder(checkpoint, data, recipe)
    config, state, errors = builder.labels()
    config["recognition"], layers, unseen = builder.recognition(others)
    state |= {f"recognition.{name}": value for name, value in layers.items()}
    config["further"], details, measured = builder.further()
    state |= {f"further.{name}": value for name, value in details.items()}
    record = {
        "recipe": asdict(recipe),
        "calibration_errors": errors,
        "auroc_of_unseen_sources": unseen,
        "further_details": measured,
    }
    print(json.dumps(record, indent=1))
    heads_write(checkpoint, config, state, record)
    title_words_add(checkpoint, data, builder.held_out, recipe.seed)
    confidence_write(checkpoint, builder.held_out)


def _texts(corpus: Corpus | HeldOut) -> tuple[list[str | None], list[str], list[str]]:
    """Types, titles and prose of the photos."""
    types = [labels.product_type for labels in corpus.labels]
    return types, list(corpus.titles), list(corpus.prose)


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
    parser.add_argument(
        "--other-pictures",
        type=Path,
        metavar="DIR",
        help="pictures without a fashion item, a subfolder a source; docs/starter.md names ours",
    )
    options = parser.parse_args(arguments)
    heads_add(options.checkpoint, options.data, options.other_pictures)


if __name__ == "__main__":
    main()
