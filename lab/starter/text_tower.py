"""Teaches the text tower to score words against photos; the image tower stays as it is.

Two lessons a batch. Whole texts: each photo finds its own among those of the batch and their
doubles, in each of which one detail was exchanged (CLIP's contrastive loss, where texts of equal
labels count as one), and tells its own from its double by the score alone. Single phrases: each
photo finds its label among all of the kind. Photos are features, encoded once, as image features
never change here (Zhai et al. 2022).
"""

import math
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from transformers import PreTrainedTokenizerBase

from lab.starter.label_space import MISSING, label_of, with_label
from moda_engine.dual_encoder import DualEncoder
from moda_engine.language.labels import ItemLabels
from moda_engine.language.vocabulary import ALTERNATIVES, phrase
from moda_engine.language.writing import STYLE_COUNT, alt_text, detailed, paraphrase, sentence

Figures = dict[str, float]


@dataclass(frozen=True)
class TextTowerRecipe:
    """How the text tower is taught."""

    epochs: int = 1
    batch_size: int = 128
    #: Of each batch, so many learn from whole texts: those cost ten times what phrases do.
    texts: int = 32
    learning_rate: float = 1e-3
    weight_decay: float = 0.05
    seed: int = 0


def train_text_tower(
    encoder: DualEncoder,
    features: Tensor,
    labels: Sequence[ItemLabels],
    tokenizer: PreTrainedTokenizerBase,
    recipe: TextTowerRecipe,
    progress: Callable[[Figures], None] = lambda figures: None,
) -> None:
    """Train `encoder`'s text tower in place.

    Args:
        features: image features of views, (views, projection_dim).
        labels: one a view, each with a product type that has words.
    """
    torch.manual_seed(recipe.seed)
    chance = random.Random(recipe.seed)
    lesson = _Lesson(encoder, tokenizer, labels)
    learned = [*encoder.text_model.parameters(), *encoder.text_projection.parameters()]
    learned.append(encoder.logit_scale)
    for parameter in learned:
        parameter.requires_grad_(True)
    optimizer = torch.optim.AdamW(
        learned, lr=recipe.learning_rate, weight_decay=recipe.weight_decay, fused=True
    )
    steps = recipe.epochs * math.ceil(len(labels) / recipe.batch_size)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, recipe.learning_rate, total_steps=steps, pct_start=0.1
    )
    for epoch in range(1, recipe.epochs + 1):
        losses = []
        for rows in torch.randperm(len(labels)).split(recipe.batch_size):
            photos = features[rows].float()
            loss = lesson.phrase_loss(photos, rows)
            loss = loss + lesson.text_loss(photos[: recipe.texts], rows[: recipe.texts], chance)
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            nn.utils.clip_grad_norm_(learned, 1.0)
            optimizer.step()
            schedule.step()
            losses.append(loss.item())
        progress({"epoch": epoch, "loss": sum(losses) / len(losses)})
    encoder.requires_grad_(False)


def with_one_exchanged(labels: ItemLabels, chance: random.Random) -> ItemLabels:
    """`labels` with one stated label exchanged for another of its kind.

    A usage is exchanged only where there is nothing else: the noun may say it already.
    """
    kinds = [kind for kind in ALTERNATIVES if label_of(labels, kind) in ALTERNATIVES[kind]]
    stated = [kind for kind in kinds if label_of(labels, kind) != "Solid"]
    kind = chance.choice([kind for kind in stated if kind != "usage"] or stated)
    others = [
        label for label in ALTERNATIVES[kind] if label not in {label_of(labels, kind), "Solid"}
    ]
    return with_label(labels, kind, chance.choice(others))


class _Lesson:
    """The loss of a batch."""

    def __init__(
        self,
        encoder: DualEncoder,
        tokenizer: PreTrainedTokenizerBase,
        labels: Sequence[ItemLabels],
    ) -> None:
        self.encoder, self.tokenizer, self.labels = encoder, tokenizer, labels
        self.phrases = [
            phrase(kind, label) for kind, names in ALTERNATIVES.items() for label in names
        ]
        #: Kind → class numbers, (items,).
        self.targets = {
            kind: torch.tensor(
                [
                    names.index(label) if (label := label_of(item, kind)) in names else MISSING
                    for item in labels
                ]
            )
            for kind, names in ALTERNATIVES.items()
        }

    def text_loss(self, features: Tensor, rows: Tensor, chance: random.Random) -> Tensor:
        """Of photos with `features`, (rows, projection_dim), and their texts."""
        items = [self.labels[row] for row in rows.tolist()]
        doubles = [with_one_exchanged(item, chance) for item in items]
        texts = [_any_text(item, chance) for item in (*items, *doubles)]
        keys = [sentence(item) for item in (*items, *doubles)]
        logits = self.encoder.similarity(features, self._encoded(texts))  # (rows, 2 rows)
        same = torch.tensor([[one == other for other in keys] for one in keys[: len(rows)]]).float()
        own = slice(0, len(rows))
        forth = _soft_cross_entropy(logits, same)
        back = _soft_cross_entropy(logits[:, own].T, same[:, own].T)
        return (forth + back) / 2 + _truth_loss(logits[:, own], logits[:, len(rows) :])

    def phrase_loss(self, features: Tensor, rows: Tensor) -> Tensor:
        """Sum over kinds, each weighted by its share of labelled photos."""
        logits = self.encoder.similarity(features, self._encoded(self.phrases))
        total = torch.zeros(())
        start = 0
        for kind, names in ALTERNATIVES.items():
            of_kind, start = logits[:, start : start + len(names)], start + len(names)
            wanted = self.targets[kind][rows]
            known = wanted != MISSING
            if known.any():
                loss = nn.functional.cross_entropy(of_kind[known], wanted[known])
                total = total + loss * known.float().mean()
        return total

    def _encoded(self, texts: list[str]) -> Tensor:
        """(texts, projection_dim)."""
        end = self.tokenizer.eos_token_id
        ids = [[*self.tokenizer(text)["input_ids"], end] for text in texts]
        length = self.encoder.config.text_config.max_position_embeddings
        rows = [
            torch.tensor([*row[: length - 1], end] if len(row) > length else row) for row in ids
        ]
        padded = nn.utils.rnn.pad_sequence(rows, batch_first=True)
        mask = nn.utils.rnn.pad_sequence([torch.ones_like(row) for row in rows], batch_first=True)
        return self.encoder.text_features(padded, mask)


def _any_text(labels: ItemLabels, chance: random.Random) -> str:
    """One of the ways to say it: in half of the cases one of the ten orders."""
    style = chance.randrange(2 * STYLE_COUNT)
    if style < STYLE_COUNT:
        return paraphrase(labels, style)
    return alt_text(labels) if style % 2 else detailed(labels, style // 2 % 2)


def _truth_loss(own: Tensor, doubles: Tensor) -> Tensor:
    """Each photo's own text above 0 and its double below, whatever the photo (Zhai et al. 2023).

    Contrast alone ranks texts of one photo: a true one may score less than another photo's false
    one.

    Args:
        own, doubles: logits of (photos, texts); each photo's are on the diagonal.
    """
    scores = torch.cat([own.diagonal(), doubles.diagonal()])
    truth = torch.cat([torch.ones(len(own)), torch.zeros(len(doubles))])
    return nn.functional.binary_cross_entropy_with_logits(scores, truth)


def _soft_cross_entropy(logits: Tensor, same: Tensor) -> Tensor:
    """Cross-entropy against all columns that are the same, in equal parts."""
    return nn.functional.cross_entropy(logits, same / same.sum(1, keepdim=True))
