"""Teaches the starter's projector, language model and text tower, and writes the checkpoint."""

import random
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from transformers import PreTrainedTokenizerFast

from lab.starter.captioner import CaptionerShape, new_captioner
from lab.starter.corpus import Corpus
from lab.starter.label_heads import LabelHeads
from lab.starter.lessons import Lesson, lesson
from lab.starter.likelihoods import likely_captions
from lab.starter.text_tower import TextTowerRecipe, train_text_tower
from lab.starter.views import image_processor, plain_features, seen_views
from moda_engine.checkpoint import checkpoint_write
from moda_engine.dual_encoder import DualEncoder
from moda_engine.language.labels import ItemLabels
from moda_engine.language.vocabulary import PRODUCT_TYPES
from moda_engine.language.writing import sentence
from moda_engine.model import ModaForCaptioning
from moda_engine.processor import ModaProcessor
from moda_engine.training.captions import EncodedCaptions
from moda_engine.training.recipe import Recipe
from moda_engine.training.trainer import train

RECIPE = Recipe(
    name="starter",
    epochs=3,
    batch_size=128,
    accumulation=1,
    learning_rate=1.2e-3,
    weight_decay=0.1,
    schedule="cosine",
    warm_up_share=0.05,
    clip_norm=1.0,
)
MODEL_CARD = Path(__file__).with_name("model_card.md")
#: Views a picture, the plain one and random ones, each learned once more blended with another: the
#: captioner sees features as varied, and as doubtful, as those of photos it never saw.
VIEWS = 3
#: Of all captions, how many are of the photo alone; the others follow a brief.
ALONE_SHARE = 0.15


def build_starter(
    *,
    encoder: DualEncoder,
    heads: LabelHeads,
    tokenizer: PreTrainedTokenizerFast,
    corpus: Corpus,
    validation: Corpus,
    encoder_record: dict[str, Any],
    output: Path,
) -> None:
    """Train all but the image tower on `corpus` and write the checkpoint folder `output`.

    Args:
        heads: what `encoder` sees in its features: what is said of them.
        validation: pictures that nothing is trained on; they choose the epoch.
    """
    shape = CaptionerShape(len(tokenizer), width=256, layers=4, positions=256)
    model = new_captioner(encoder, tokenizer, shape, RECIPE.seed, max_new_tokens=64)
    processor = ModaProcessor(image_processor(), tokenizer)
    pictures = torch.from_numpy(corpus.pictures)
    features, labels = seen_views(model, heads, pictures, corpus.cleaned, VIEWS, RECIPE.seed)
    figures = train(
        model,
        processor,
        _captions(processor, heads, features, labels),
        RECIPE,
        _held_out_captions(model, validation),
        on_epoch=lambda figures: print(figures, flush=True),
    )
    tower_curve: list[dict[str, float]] = []
    tower = TextTowerRecipe()
    train_text_tower(model.encoder, features, labels, tokenizer, tower, progress=tower_curve.append)
    record = {
        "recipe": RECIPE.__dict__,
        "curve": [figure.__dict__ for figure in figures],
        "encoder": encoder_record,
        "text_tower": {"recipe": asdict(tower), "curve": tower_curve},
    }
    checkpoint_write(
        output, model=model.half(), processor=processor, record=record, model_card=MODEL_CARD
    )


def _captions(
    processor: ModaProcessor, heads: LabelHeads, features: Tensor, labels: list[ItemLabels]
) -> EncodedCaptions:
    """A lesson for most of the features, for the others the plain sentence of the photo alone.

    The plain sentence is as sure of its words as `heads` are.
    """
    chance = random.Random(RECIPE.seed)
    alone = [row for row in range(len(labels)) if chance.random() < ALONE_SHARE]
    others = sorted(set(range(len(labels))) - set(alone))
    lessons = [lesson(labels[row], chance) for row in others]
    seen = [labels[row] for row in alone]
    plain = likely_captions(processor, heads, features[alone], seen, [sentence] * len(alone))
    return lesson_captions(features[others], lessons, plain)


def lesson_captions(
    features: Tensor, lessons: Sequence[Lesson], alone: EncodedCaptions
) -> EncodedCaptions:
    """The lessons, and behind them the captions of photos alone.

    Args:
        features: (lessons, feature_size).
    """
    return EncodedCaptions(
        torch.cat([features, alone.features]),
        [*(one.text for one in lessons), *alone.texts],
        [*(one.facts for one in lessons), *[None] * len(alone)],
        [*[None] * len(lessons), *(alone.soft_labels or [None] * len(alone))],
    )


def _held_out_captions(model: ModaForCaptioning, validation: Corpus) -> EncodedCaptions:
    chance = random.Random(RECIPE.seed)
    rows = [row for row, item in enumerate(validation.labels) if item.product_type in PRODUCT_TYPES]
    lessons = [lesson(validation.labels[row], chance) for row in rows]
    features = plain_features(model, torch.from_numpy(validation.pictures[rows]))
    return lesson_captions(features, lessons, EncodedCaptions(features[:0], []))
