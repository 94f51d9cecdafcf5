"""What the encoder sees in a photo, as calibrated probabilities: labels, and whether it is an item.

Each kind of label has a linear head on the image features. What the catalog tells of an item
informs the others: a saree is for women, so a table adds to the logits of a kind what each known
label of another kind says about it. A known label never informs its own kind: whether the photo
bears it out is what the heads are asked. Where the type is told, what the head of another kind saw
of it is told twice: it counts less then. The words of a title add what they suggest without saying
it (`title_words.py`).

Further details (`language/further.py`) have one head together: how likely prose would name each. An
item that shows one may have prose that is silent about it, so a detail's probability is that it is
named, or silently there: people looked how often that is so.

`config.json` holds under `heads` the classes, temperatures and thresholds; the weights are in
`model.safetensors` under `heads.`. `python -m lab.starter.heads` adds them to a checkpoint.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from moda_engine.brief.claims import Probabilities
from moda_engine.exceptions import CheckpointError
from moda_engine.language.further import FURTHER
from moda_engine.title_words import Evidence, TitleWords

#: Further details that come less near to their thresholds are not kept: most items have none.
FURTHER_KEPT = 0.9


class LabelHeads(nn.Module):
    """Heads on the image features of one checkpoint.

    Args:
        config: `labels`: kind → `classes`, `temperature`, `temperature_told` (where the
            type is told), `threshold`; `known`: kind → the labels
            that inform other kinds; `words`, if it is there: see `TitleWords`;
            `recognition`: `hidden` (units between features and
            answer) and `threshold`, or `None` where none was fitted; `further`, if it is there:
            `hidden`, and `details`: kind → `threshold` and `silent_share` (of items whose prose is
            silent about it, how many show it).

    Raises `CheckpointError` when `config` is not of this form.
    """

    def __init__(self, config: Mapping[str, Any], feature_size: int) -> None:
        super().__init__()
        try:
            self._read(config)
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise CheckpointError(
                f"The checkpoint's config.json describes its heads in a form that this program "
                f"does not know ({error!r}). Build the checkpoint again."
            ) from error
        known_count = len(self._known)
        #: Kind → (feature_size → classes).
        self.labels = nn.ModuleDict(
            {kind: nn.Linear(feature_size, len(names)) for kind, names in self.classes.items()}
        )
        #: Kind → (known labels → classes): what each known label adds to the logits.
        self.known = nn.ModuleDict(
            {
                kind: nn.Linear(known_count, len(names), bias=False)
                for kind, names in self.classes.items()
            }
        )
        #: feature_size → 1.
        self.recognition = (
            nn.Sequential(
                nn.Linear(feature_size, self._hidden), nn.ReLU(), nn.Linear(self._hidden, 1)
            )
            if self._hidden
            else None
        )
        #: feature_size → further details.
        self.further = (
            nn.Sequential(
                nn.Linear(feature_size, self._further_hidden),
                nn.ReLU(),
                nn.Linear(self._further_hidden, len(self._silent_shares)),
            )
            if self._silent_shares
            else None
        )

    def _read(self, config: Mapping[str, Any]) -> None:
        labels = config["labels"]
        #: Kind → its labels, in the order of its head's outputs.
        self.classes = {kind: tuple(map(str, one["classes"])) for kind, one in labels.items()}
        self._temperatures = {
            kind: (float(one["temperature"]), float(one["temperature_told"]))
            for kind, one in labels.items()
        }
        #: Kind → the probability from which on the kind is said of a photo alone.
        further = config.get("further") or {"hidden": 0, "details": {}}
        self._further_hidden = int(further["hidden"])
        #: Kind of further detail → share; in the order of the head's outputs, the alphabetical one,
        #: because JSON keeps none.
        self._silent_shares = {
            kind: float(further["details"][kind]["silent_share"])
            for kind in sorted(further["details"])
        }
        self.thresholds: Mapping[str, float] = {
            kind: float(one["threshold"]) for kind, one in (labels | further["details"]).items()
        }
        words = config.get("words")
        self.words = TitleWords(words, self.classes) if words else None
        known = [
            (kind, str(name)) for kind in sorted(config["known"]) for name in config["known"][kind]
        ]
        self._known = {pair: number for number, pair in enumerate(known)}
        recognition = config["recognition"]
        self._hidden = int(recognition["hidden"]) if recognition else 0
        #: The probability from which on a photo counts as one of a fashion item.
        self.recognised_from = float(recognition["threshold"]) if recognition else 0.0

    def logits(
        self, features: Tensor, known: Tensor, words: Mapping[str, Tensor] | None = None
    ) -> dict[str, Tensor]:
        """Calibrated logits, kind → (photos, classes).

        Args:
            features: (photos, feature_size).
            known: (photos, known labels), as `told` gives it.
            words: kind → (photos, classes), as `suggested` gives it.
        """
        found = {}
        for kind, evidence in self.evidence(features, known).items():
            if self.words is not None and words and kind in words:
                found[kind] = self.words.beside[kind].logits(evidence, words[kind])
            else:
                found[kind] = evidence.logits()
        return found

    def evidence(self, features: Tensor, known: Tensor) -> dict[str, Evidence]:
        """What photo and known labels say of each kind; arguments as those of `logits`."""
        types = [number for (kind, _), number in self._known.items() if kind == "product_type"]
        has_type = known[:, types].any(1, keepdim=True)
        found = {}
        for kind, head in self.labels.items():
            alone, beside_type = self._temperatures[kind]
            temperature = torch.where(has_type & (kind != "product_type"), beside_type, alone)
            found[kind] = Evidence(head(features), temperature, self.known[kind](known))
        return found

    def told(self, known: Sequence[Mapping[str, str]]) -> Tensor:
        """Known labels, kind → label, as numbers: (items, known labels)."""
        return told_labels(known, self._known)

    def suggested(
        self, titles: Sequence[str], known: Sequence[Mapping[str, str]]
    ) -> dict[str, Tensor]:
        """What words of titles suggest of kinds that are not known, kind → (items, classes)."""
        if self.words is None:
            return {}
        found: dict[str, Tensor] = self.words(titles)
        for kind, logits in found.items():
            logits[[kind in labels for labels in known]] = 0
        return found

    @torch.inference_mode()
    def seen(
        self,
        features: Tensor,
        known: Sequence[Mapping[str, str]],
        titles: Sequence[str] | None = None,
    ) -> list[Probabilities]:
        """Kind → label → calibrated probability, one an item.

        Args:
            features: (photos, feature_size), as the encoder of this checkpoint gives them.
            known: kind → label that the catalog tells, one an item.
            titles: title and brand of each; without them words suggest nothing.
        """
        told = self.told(known).to(features.device)
        words = self.suggested(titles, known) if titles else {}
        found: list[dict[str, Mapping[str, float]]] = [{} for _ in known]
        for kind, logits in self.logits(features.float(), told, words).items():
            rows = logits.softmax(1).tolist()
            for labels, row in zip(found, rows, strict=True):
                labels[kind] = dict(zip(self.classes[kind], row, strict=True))
        details = self._further_seen(features.float())
        return [{**labels, **more} for labels, more in zip(found, details, strict=True)]

    def _further_seen(self, features: Tensor) -> list[dict[str, Mapping[str, float]]]:
        """Kind of further detail → its label → probability, of those that are likely enough."""
        if self.further is None:
            return [{} for _ in features]
        named = self.further(features).sigmoid()
        silent = torch.tensor(list(self._silent_shares.values()), device=named.device)
        rows = (named + (1 - named) * silent).tolist()
        kinds = [kind for kind in self._silent_shares if kind in FURTHER]
        return [
            {
                kind: {FURTHER[kind].label: probability}
                for kind, probability in zip(self._silent_shares, row, strict=True)
                if kind in kinds and probability >= FURTHER_KEPT * self.thresholds[kind]
            }
            for row in rows
        ]

    @torch.inference_mode()
    def recognised(self, features: Tensor) -> list[float]:
        """The probability of each photo that it shows a fashion item; 1 where no head can tell.

        Args:
            features: (photos, feature_size).
        """
        if self.recognition is None:
            return [1.0] * len(features)
        found: list[float] = self.recognition(features.float()).flatten().sigmoid().tolist()
        return found


def told_labels(
    known: Sequence[Mapping[str, str]], columns: Mapping[tuple[str, str], int]
) -> Tensor:
    """Known labels as numbers, (items, columns): 1, or a half for each of two colours.

    Args:
        known: kind → label, one an item; labels without a column say nothing.
        columns: (kind, label) → its column.
    """
    numbers = torch.zeros(len(known), len(columns))
    for row, labels in enumerate(known):
        for kind, label in labels.items():
            parts = label.split("/") if kind == "colour" else [label]
            for part in parts:
                if (column := columns.get((kind, part))) is not None:
                    numbers[row, column] = 1 / len(parts)
    return numbers
