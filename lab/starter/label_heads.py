"""The encoder's label heads, kept after its lessons to say what it sees in features.

The encoder knows its own photos by heart, so a captioner that learned their true labels would
trust its features too much. Captions are therefore written from labels drawn as likely as the heads
find them, of views and of blends, and the other likely labels have their share at the word that is
theirs (`likelihoods`): what is learned is to say what the features show, as surely as they show it
(Hinton et al. 2015 call it distillation).
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from lab.starter.label_space import LabelSpace, label_of, with_label
from moda_engine.language.labels import ItemLabels
from moda_engine.language.vocabulary import details_of_type

WEIGHTS_FILE, CLASSES_FILE = "heads.safetensors", "heads.json"
#: Label smoothing makes heads less sure than they are right: after the starter's recipe the loss of
#: each kind on `catalog-extra/review` is least between .7 and .9.
TEMPERATURE = 0.8
#: Among which `calibrated` chooses.
_TEMPERATURES = [number / 20 for number in range(4, 25)]
#: Labels that are less likely are passed over, and so are those behind the first few.
LEAST_SHARE = 0.03
MOST_LIKELY = 6


@dataclass(frozen=True)
class Alternative:
    """What an item would be with another label of one kind, and how likely that label is."""

    kind: str
    share: float
    labels: ItemLabels


@dataclass(frozen=True)
class LabelHeads:
    """A linear head a label kind."""

    classes: Mapping[str, tuple[str, ...]]
    #: Kind → (classes, feature_size).
    weights: Mapping[str, Tensor]
    #: Kind → (classes,).
    biases: Mapping[str, Tensor]
    #: Logits are divided by it.
    temperature: float = TEMPERATURE

    @classmethod
    def of(cls, space: LabelSpace, heads: nn.ModuleDict) -> "LabelHeads":
        """The heads as they were trained: linear layers by kind."""
        return cls(
            {kind: space.classes[kind] for kind in heads},
            {kind: head.get_parameter("weight").detach() for kind, head in heads.items()},
            {kind: head.get_parameter("bias").detach() for kind, head in heads.items()},
        )

    def save(self, folder: Path) -> None:
        """Write both files into `folder`."""
        tensors = {f"{kind}.weight": value.contiguous() for kind, value in self.weights.items()}
        tensors |= {f"{kind}.bias": value.contiguous() for kind, value in self.biases.items()}
        save_file(tensors, folder / WEIGHTS_FILE)
        (folder / CLASSES_FILE).write_text(json.dumps(self.classes, indent=1), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path, temperature: float = TEMPERATURE) -> "LabelHeads":
        """The heads that `save` wrote."""
        tensors = load_file(folder / WEIGHTS_FILE)
        text = (folder / CLASSES_FILE).read_text(encoding="utf-8")
        classes = {kind: tuple(names) for kind, names in json.loads(text).items()}
        return cls(
            classes,
            {kind: tensors[f"{kind}.weight"] for kind in classes},
            {kind: tensors[f"{kind}.bias"] for kind in classes},
            temperature,
        )

    def calibrated(
        self, features: Tensor, labels: Sequence[ItemLabels], kinds: Sequence[str]
    ) -> "LabelHeads":
        """The same with the temperature at which known labels of `kinds` are likeliest.

        Args:
            features: (items, feature_size), of items that the encoder has not learned.
            labels: one an item.
        """
        targets = LabelSpace(dict(self.classes)).targets(labels)

        def loss(heads: LabelHeads) -> float:
            return sum(_loss(heads._shares(features, kind), targets[kind]) for kind in kinds)

        return min((replace(self, temperature=one) for one in _TEMPERATURES), key=loss)

    def drawn(
        self, features: Tensor, known: Sequence[ItemLabels], generator: torch.Generator
    ) -> list[ItemLabels]:
        """Labels of the kinds that are known of each item, drawn by what its features show.

        A label that no head knows stays. Details that an item of the drawn type cannot have go.

        Args:
            features: (items, feature_size).
            known: one an item.
        """
        seen: dict[str, list[str]] = {}
        for kind, names in self.classes.items():
            shares = self._shares(features, kind)
            numbers = torch.multinomial(shares, 1, generator=generator).flatten().tolist()
            seen[kind] = [names[number] for number in numbers]
        return [
            self._with(item, {kind: labels[row] for kind, labels in seen.items()})
            for row, item in enumerate(known)
        ]

    def alternatives(
        self, features: Tensor, labels: Sequence[ItemLabels]
    ) -> list[list[Alternative]]:
        """The other likely labels of each item, in the kinds that are known of it.

        Args:
            features: (items, feature_size).
            labels: one an item, as `drawn` gives them.
        """
        found: list[list[Alternative]] = [[] for _ in labels]
        for kind, names in self.classes.items():
            likeliest = self._shares(features, kind).topk(min(MOST_LIKELY, len(names)), dim=1)
            rows = zip(likeliest.values.tolist(), likeliest.indices.tolist(), strict=True)
            for item, others, (shares, numbers) in zip(labels, found, rows, strict=True):
                own = label_of(item, kind)
                if own in names:
                    others.extend(
                        Alternative(kind, share, possible(with_label(item, kind, names[number])))
                        for share, number in zip(shares, numbers, strict=True)
                        if share >= LEAST_SHARE and names[number] != own
                    )
        return found

    def _shares(self, features: Tensor, kind: str) -> Tensor:
        """How likely each class of `kind` is, (items, classes)."""
        logits = features @ self.weights[kind].T + self.biases[kind]
        return torch.softmax(logits / self.temperature, dim=1)

    def _with(self, item: ItemLabels, seen: Mapping[str, str]) -> ItemLabels:
        for kind, label in seen.items():
            if label_of(item, kind) in self.classes[kind]:
                item = with_label(item, kind, label)
        return possible(item)


def _loss(shares: Tensor, targets: Tensor) -> float:
    """Nats of the targets, summed over the known ones."""
    return float(nn.functional.nll_loss(shares.log(), targets, reduction="sum"))


def possible(item: ItemLabels) -> ItemLabels:
    """The item without details that one of its type cannot have."""
    kinds = details_of_type(item.product_type)
    return replace(item, details={k: label for k, label in item.details.items() if k in kinds})
