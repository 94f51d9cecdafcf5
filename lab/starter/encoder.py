"""Fine-tunes the starter's image tower, by labels and by words of titles and prose.

Each label kind has a linear head on the projected image features, by which captions are written
later (`label_heads`); those of words are thrown away. The text tower learns on features that no
longer change (`text_tower`).
"""

import math
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn
from transformers import CLIPTextConfig

from lab.starter.augmentation import (
    as_floats,
    mixed,
    plain_views,
    random_views,
)
from lab.starter.corpus import Corpus
from lab.starter.cut_outs import PALE
from lab.starter.encoder_recipe import EncoderRecipe, schedule
from lab.starter.encoder_state import EncoderStates, Kept
from lab.starter.label_space import MISSING, LabelSpace
from lab.starter.words import WordTargets, title_and_prose
from moda_engine.configuration import DualEncoderConfig
from moda_engine.devices import has_fast_bfloat16
from moda_engine.dual_encoder import DualEncoder
from moda_engine.parts.published import PublishedPart

#: Pixels a side that the finished encoder sees.
SIDE = 160
Progress = Callable[[dict[str, float]], None]


def pretrained_encoder(
    backbone: PublishedPart, vocabulary_size: int, end_token: int
) -> DualEncoder:
    """The backbone with its published weights, and a new small text tower."""
    text = CLIPTextConfig(
        vocab_size=vocabulary_size,
        hidden_size=192,
        intermediate_size=768,
        num_hidden_layers=3,
        num_attention_heads=4,
        max_position_embeddings=64,
        projection_dim=512,
        bos_token_id=1,
        pad_token_id=0,
        eos_token_id=end_token,
    )
    encoder = DualEncoder(DualEncoderConfig(backbone.config, text, projection_dim=512))
    encoder.vision_model.load_state_dict(backbone.tensors())
    return encoder


class LabelledEncoder(nn.Module):
    """The encoder with a head a label kind, as it is trained."""

    def __init__(
        self,
        encoder: DualEncoder,
        space: LabelSpace,
        words: Mapping[str, WordTargets],
        dropout: float,
    ) -> None:
        super().__init__()
        self.encoder = encoder
        self.dropout = nn.Dropout(dropout)
        self.heads = nn.ModuleDict(
            {
                kind: nn.Linear(encoder.config.projection_dim, len(names))
                for kind, names in space.classes.items()
                if names
            }
        )
        self.word_heads = nn.ModuleDict(
            {
                kind: nn.Linear(encoder.config.projection_dim, len(targets.vocabulary))
                for kind, targets in words.items()
                if targets.vocabulary
            }
        )

    def forward(self, pixels: Tensor) -> tuple[dict[str, Tensor], dict[str, Tensor]]:
        """Logits of labels and of words, kind → (batch, classes or words)."""
        features = self.dropout(self.encoder.image_features(pixels))
        labels = {kind: head(features) for kind, head in self.heads.items()}
        return labels, {kind: head(features) for kind, head in self.word_heads.items()}


def train_encoder(
    encoder: DualEncoder,
    corpus: Corpus,
    space: LabelSpace,
    recipe: EncoderRecipe,
    states: EncoderStates | None = None,
    validation: Corpus | None = None,
    progress: Progress = lambda figures: None,
) -> tuple[LabelledEncoder, list[dict[str, float]]]:
    """Encoder and heads with averaged weights, taught `corpus`, and the figures of every epoch.

    Args:
        states: keeps one an epoch; where it has one, it is gone on with.
    """
    torch.manual_seed(recipe.seed)
    words = title_and_prose(corpus.titles, corpus.prose)
    model = LabelledEncoder(encoder, space, words, recipe.dropout)
    school = _School(model, recipe, len(corpus), words)
    targets = space.targets(corpus.labels)
    pictures = torch.from_numpy(corpus.pictures)
    dark = torch.tensor([label.colour not in PALE for label in corpus.labels])
    curve = states.load(school.kept) if states is not None else []
    for epoch, side in list(enumerate(recipe.sides, start=1))[len(curve) :]:
        started = time.monotonic()
        school.begin(epoch)
        losses = []
        for rows in _batches(len(corpus), recipe.batch_size, school.generator):
            views = random_views(
                as_floats(pictures[rows]),
                side,
                school.generator,
                school.on_grounds(epoch, dark[rows]),
            )
            wanted = {kind: numbers[rows] for kind, numbers in targets.items()}
            losses.append(school.step(views, wanted, rows))
        figures = {"epoch": epoch, "loss": sum(losses) / len(losses)}
        figures["seconds"] = time.monotonic() - started
        if validation is not None and (epoch % 4 == 0 or epoch == len(recipe.sides)):
            figures |= label_accuracies(school.averaged_model, validation, space)
        curve.append(figures)
        if states is not None:
            states.save(school.kept, curve)
        progress(figures)
    return school.averaged_model, curve


class _School:
    """The model with all that teaching it needs: optimiser, schedule, averaged weights."""

    def __init__(
        self,
        model: LabelledEncoder,
        recipe: EncoderRecipe,
        count: int,
        words: Mapping[str, WordTargets],
    ) -> None:
        self.recipe = recipe
        self.words = words
        self.generator = torch.Generator()
        # Channels last is how the CPU's convolutions want their memory; torch does not annotate it.
        self.model = model.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.averaged = AveragedModel(
            model, multi_avg_fn=get_ema_multi_avg_fn(recipe.average_decay), use_buffers=True
        )
        self.optimizer = torch.optim.AdamW(
            _parameter_groups(model, recipe), lr=recipe.learning_rate, fused=True
        )
        self.schedule = schedule(self.optimizer, recipe, math.ceil(count / recipe.batch_size))
        self.steps = 0

    @property
    def kept(self) -> Kept:
        """What a state holds."""
        return Kept(self.model, self.averaged, self.optimizer, self.schedule)

    def begin(self, epoch: int) -> None:
        """Chance follows from seed and epoch alone, so that a run that goes on is the same run."""
        number = self.recipe.seed * 10_000 + epoch
        self.generator.manual_seed(number)
        torch.manual_seed(number)  # dropout, and blocks that are skipped
        self.steps = 0
        if epoch == self.recipe.first_epochs + 1:
            self.model.load_state_dict(self.averaged.module.state_dict())

    def on_grounds(self, epoch: int, dark: Tensor) -> Tensor | None:
        """Which pictures of a batch to put on another ground; none in the first cycle.

        Args:
            dark: (batch,) of booleans: no pale items, which cannot be cut out of white.
        """
        if epoch <= self.recipe.first_epochs:
            return None
        return dark & (torch.rand(len(dark), generator=self.generator) < self.recipe.grounds_share)

    @property
    def averaged_model(self) -> LabelledEncoder:
        """The model with averaged weights."""
        model = self.averaged.module
        assert isinstance(model, LabelledEncoder)  # noqa: S101 (what it was made from)
        return model

    def step(self, views: Tensor, wanted: dict[str, Tensor], rows: Tensor) -> float:
        """Learn the batch of the items at `rows`; its loss before."""
        model = self.model.train()
        chance = float(torch.rand((), generator=self.generator))
        pair = mixed(views, self.generator) if chance < self.recipe.mixed_share else None
        views = views if pair is None else pair.views
        with torch.autocast("cpu", torch.bfloat16, enabled=has_fast_bfloat16(views.device)):
            logits, words = model(views.contiguous(memory_format=torch.channels_last))
            loss = self._label_losses(logits, words, wanted, rows)
            if pair is not None:
                others = {kind: numbers[pair.partners] for kind, numbers in wanted.items()}
                other = self._label_losses(logits, words, others, rows[pair.partners])
                loss = pair.share * loss + (1 - pair.share) * other
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        self.optimizer.step()
        self.schedule.step()
        self.steps += 1
        if self.steps % self.recipe.average_every == 0:
            self.averaged.update_parameters(model)
        return loss.item()

    def _label_losses(
        self,
        logits: dict[str, Tensor],
        words: dict[str, Tensor],
        wanted: dict[str, Tensor],
        rows: Tensor,
    ) -> Tensor:
        """The loss against labels and words of the items at `rows`."""
        loss = label_loss(logits, wanted, self.recipe.label_smoothing)
        for kind, values in words.items():
            loss = loss + self.recipe.word_weight * word_loss(values, self.words[kind], rows)
        return loss


@torch.inference_mode()
def label_accuracies(model: LabelledEncoder, corpus: Corpus, space: LabelSpace) -> dict[str, float]:
    """Share of right labels, a kind, where the label is known; unknown classes count as wrong."""
    model.eval()
    targets = space.targets(corpus.labels)
    pictures = torch.from_numpy(corpus.pictures)
    right: dict[str, int] = dict.fromkeys(model.heads, 0)
    for start in range(0, len(corpus), 128):
        rows = slice(start, start + 128)
        logits, _ = model(plain_views(as_floats(pictures[rows]), SIDE))
        for kind, values in logits.items():
            right[kind] += int((values.argmax(-1) == targets[kind][rows]).sum())
    return {
        kind: right[kind] / max(1, sum(_has_label(item, kind) for item in corpus.labels))
        for kind in right
    }


def _has_label(item: object, kind: str) -> bool:
    details = getattr(item, "details", {})
    return bool(details.get(kind) or getattr(item, kind, None))


def _parameter_groups(model: nn.Module, recipe: EncoderRecipe) -> list[dict[str, Any]]:
    """Weight decay on matrices only."""
    decayed = [p for p in model.parameters() if p.ndim > 1]
    plain = [p for p in model.parameters() if p.ndim <= 1]
    return [
        {"params": decayed, "weight_decay": recipe.weight_decay},
        {"params": plain, "weight_decay": 0.0},
    ]


def _batches(count: int, size: int, generator: torch.Generator) -> Iterator[Tensor]:
    yield from torch.randperm(count, generator=generator).split(size)


def label_loss(logits: dict[str, Tensor], targets: dict[str, Tensor], smoothing: float) -> Tensor:
    """Sum over kinds of the cross-entropy, each weighted by its share of labelled rows."""
    total = torch.zeros(())
    for kind, values in logits.items():
        wanted = targets[kind]
        known = wanted != MISSING
        if known.any():
            loss = nn.functional.cross_entropy(
                values.float()[known], wanted[known], label_smoothing=smoothing
            )
            total = total + loss * known.float().mean()
    return total


def word_loss(logits: Tensor, words: WordTargets, rows: Tensor) -> Tensor:
    """Mean binary cross-entropy over words and known texts, weighted by the share of the known."""
    known = words.known[rows]
    if not known.any():
        return torch.zeros(())
    loss = nn.functional.binary_cross_entropy_with_logits(
        logits.float()[known], words.hot[rows][known].float()
    )
    return loss * known.float().mean()
