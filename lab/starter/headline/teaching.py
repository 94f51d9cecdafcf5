"""Teaches encoder and captioner: once what all splits may learn, then each split's own photos."""

from dataclasses import asdict, dataclass, replace
from pathlib import Path

import torch
from transformers import CLIPTextConfig, PreTrainedTokenizerFast, ResNetConfig

from lab.starter.captioner import new_captioner
from lab.starter.corpus import Corpus
from lab.starter.encoder_folder import encoder_record, encoder_teach
from lab.starter.encoder_recipe import EncoderRecipe
from lab.starter.headline.captioner import SHAPE
from lab.starter.headline.captions import writers_of
from lab.starter.headline.photos import Photos, Split
from lab.starter.label_heads import LabelHeads
from lab.starter.likelihoods import likely_captions
from lab.starter.views import image_processor, plain_features, seen_views
from moda_engine.checkpoint import checkpoint_write
from moda_engine.configuration import DualEncoderConfig
from moda_engine.dual_encoder import DualEncoder
from moda_engine.model import ModaForCaptioning
from moda_engine.processor import ModaProcessor
from moda_engine.training.captions import EncodedCaptions
from moda_engine.training.recipe import Recipe
from moda_engine.training.trainer import train

#: Entries of the text tower, which has no part in this and stays as small as it can be.
TOWER_WORDS = 4
#: Views of a photo, each learned once more blended with another.
VIEWS = 2
#: Pixels a side from the last lessons on: what the encoder was refined at it tells best.
SIDE = 112
#: The labels that the authors' captions name.
NAMED = ("product_type", "colour", "gender", "usage")

BASE_ENCODER = EncoderRecipe(
    stages=((24, 80), (16, 96), (10, SIDE)),
    batch_size=128,
    learning_rate=3e-3,
    dropout=0.2,
    average_decay=0.98,
)
ENCODER = replace(BASE_ENCODER, stages=((8, SIDE),), learning_rate=1e-3, seed=1)
BASE_CAPTIONER = Recipe(
    name="headline-base",
    epochs=2,
    batch_size=32,
    accumulation=4,
    learning_rate=1e-3,
    weight_decay=0.1,
    schedule="cosine",
    warm_up_share=0.1,
    clip_norm=1.0,
)
CAPTIONER = replace(BASE_CAPTIONER, name="headline", epochs=4)


@dataclass(frozen=True)
class School:
    """Teaches models, each kept in `work` beside its encoder and not taught a second time.

    Args:
        unlearned: labelled pictures that nothing learns or is measured by: they say how sure heads
            may be.
    """

    tokenizer: PreTrainedTokenizerFast
    unlearned: Corpus
    work: Path

    def teach_base(self, photos: Photos) -> Path:
        """The checkpoint of a model that learned `photos` from nothing."""
        checkpoint = self._checkpoint("base")
        if not checkpoint.is_dir():
            encoder = encoder_teach(_new_encoder, photos.corpus, BASE_ENCODER, self.work / "base")
            model = new_captioner(
                encoder, self.tokenizer, SHAPE, BASE_CAPTIONER.seed, max_new_tokens=32
            )
            self._teach_captions("base", model, BASE_CAPTIONER, photos)
        return checkpoint

    def teach(self, split: Split, others: Photos) -> Path:
        """The checkpoint of the base model, gone on with the split's training photos.

        The encoder learns them among `others`, lest it forget those.
        """
        checkpoint = self._checkpoint(split.name)
        if not checkpoint.is_dir():
            learned = (split.training + split.training + others).corpus
            base = self.work / "base"
            encoder = encoder_teach(
                lambda: DualEncoder.from_pretrained(base), learned, ENCODER, self.work / split.name
            )
            model = ModaForCaptioning.from_pretrained(self._checkpoint("base"))
            model.encoder.load_state_dict(encoder.state_dict())
            self._teach_captions(split.name, model, CAPTIONER, split.training, split.validation)
        return checkpoint

    def _checkpoint(self, name: str) -> Path:
        return self.work / f"{name}-checkpoint"

    def _teach_captions(
        self,
        name: str,
        model: ModaForCaptioning,
        recipe: Recipe,
        photos: Photos,
        validation: Photos | None = None,
    ) -> None:
        processor = ModaProcessor(image_processor(SIDE), self.tokenizer)
        unlearned = plain_features(model, torch.from_numpy(self.unlearned.pictures), SIDE)
        heads = LabelHeads.load(self.work / name).calibrated(
            unlearned, self.unlearned.labels, NAMED
        )
        figures = train(
            model,
            processor,
            _seen(model, processor, heads, photos),
            recipe,
            _plain(model, validation) if validation else None,
            on_epoch=lambda figures: print(figures, flush=True),
        )
        record = {
            "recipe": asdict(recipe),
            "curve": [asdict(one) for one in figures],
            "temperature": heads.temperature,
            "encoder": encoder_record(self.work / name),
            "parameters": model.num_parameters(),
        }
        checkpoint_write(self._checkpoint(name), model=model, processor=processor, record=record)


def _new_encoder() -> DualEncoder:
    """A residual CNN with random weights: nothing here is pretrained."""
    vision = ResNetConfig(
        # Narrow where the picture is large: the early stages cost the most and learn the least.
        embedding_size=48,
        hidden_sizes=[48, 96, 256, 448],
        depths=[1, 2, 2, 2],
        layer_type="basic",
    )
    text = CLIPTextConfig(
        vocab_size=TOWER_WORDS,
        hidden_size=192,
        num_hidden_layers=1,
        num_attention_heads=4,
        bos_token_id=1,
        pad_token_id=0,
        eos_token_id=TOWER_WORDS - 1,
    )
    return DualEncoder(DualEncoderConfig(vision, text, projection_dim=512))


def _plain(model: ModaForCaptioning, photos: Photos) -> EncodedCaptions:
    return EncodedCaptions(plain_features(model, photos.pictures, SIDE), photos.captions)


def _seen(
    model: ModaForCaptioning, processor: ModaProcessor, heads: LabelHeads, photos: Photos
) -> EncodedCaptions:
    """Features of views of the photos and of their blends, and captions of what they show."""
    known = photos.corpus.labels
    features, seen = seen_views(
        model, heads, photos.pictures, known, VIEWS, BASE_CAPTIONER.seed, SIDE
    )
    writers = writers_of(photos, len(seen))
    return likely_captions(processor, heads, features, seen, writers)
