"""Teach the language model of a checkpoint to follow briefs: `lab.starter.lessons`.

    python -m lab.starter.briefs --checkpoint DIR --output DIR --data ../shared/data

Encoder, projector, heads and text tower stay as they are. What the checkpoint writes of a photo
alone is learned beside the lessons, as surely as it writes it, so that it is not forgotten. Takes
some ten minutes on two quiet cores.
"""

import argparse
import random
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import torch
from torch import Tensor

from lab.starter.captions import MODEL_CARD, lesson_captions
from lab.starter.corpus import nameable, photo_corpus
from lab.starter.lessons import lesson
from lab.starter.views import blended, plain_features
from moda_engine.checkpoint import checkpoint_write, training_record
from moda_engine.describing.describer import DescribeOptions, Describer
from moda_engine.training.captions import EncodedCaptions
from moda_engine.training.recipe import Recipe
from moda_engine.training.rehearsal import own_soft_labels
from moda_engine.training.trainer import train

RECIPE = Recipe(
    name="starter-briefs",
    epochs=1,
    batch_size=128,
    accumulation=1,
    learning_rate=7e-4,
    weight_decay=0.1,
    schedule="cosine",
    warm_up_share=0.05,
    clip_norm=1.0,
    projector_rate_share=0.0,
)
LESSONS = 32_000
#: Photos that are described alone.
ALONE = 3_000


def briefs_teach(checkpoint: Path, output: Path, data: Path, recipe: Recipe = RECIPE) -> None:
    """Write `checkpoint` to `output` with a language model that follows briefs."""
    describer = Describer.from_pretrained(checkpoint, "cpu", torch.float32)
    model, processor = describer.model, describer.processor
    corpora = [nameable(photo_corpus(data / name / "train")) for name in _SETS]
    corpus = corpora[0] + corpora[1]
    side = int(processor.image_processor.size["height"])
    features = plain_features(model, torch.from_numpy(corpus.pictures), side)
    chance = random.Random(recipe.seed)
    rows = [chance.randrange(len(corpus)) for _ in range(LESSONS)]
    lessons = [lesson(corpus.cleaned[row], chance) for row in rows]
    seen = features[rows]
    # Half of them blended with others: neither one item nor the other.
    generator = torch.Generator().manual_seed(recipe.seed)
    seen = torch.cat([seen[: LESSONS // 2], blended(seen[LESSONS // 2 :], generator)])
    alone = features[torch.randperm(len(features), generator=generator)[:ALONE]]
    captions = lesson_captions(seen, lessons, _written_alone(describer, alone))
    train(model, processor, captions, recipe, on_step=lambda figures: print(figures, flush=True))
    record = training_record(checkpoint) | {"briefs": {"recipe": asdict(recipe)}}
    checkpoint_write(
        output, model=model.half(), processor=processor, record=record, model_card=MODEL_CARD
    )


_SETS = ("fashion-2906", "catalog-extra")


def _written_alone(describer: Describer, features: Tensor) -> EncodedCaptions:
    """What the checkpoint writes of the photos, heads aside, with its own probabilities."""
    found = describer.describe_features(features, options=DescribeOptions(fit=False, heads=False))
    captions = EncodedCaptions(features, [one.text for one in found])
    return EncodedCaptions(features, captions.texts, None, own_soft_labels(describer, captions))


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        prog="python -m lab.starter.briefs",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--checkpoint", type=Path, required=True, metavar="DIR")
    parser.add_argument("--output", type=Path, required=True, metavar="DIR", help="a new folder")
    parser.add_argument(
        "--data", type=Path, required=True, metavar="DIR", help="folder of the photo sets"
    )
    options = parser.parse_args(arguments)
    briefs_teach(options.checkpoint, options.output, options.data)


if __name__ == "__main__":
    main()
