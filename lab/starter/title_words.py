"""Teach a checkpoint's heads what words of titles suggest: `moda_engine.title_words`.

    python -m lab.starter.title_words --checkpoint DIR --data ../shared/data

Learned from titles and labels alone, without photos, beside what the title states already.
`catalog-extra/review` decides how much words, photo and known labels count beside each other. Takes
three minutes on two cores.
"""

import argparse
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import product, starmap
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from lab.starter.checkpoint_parts import heads_extend
from lab.starter.cleaning import cleaned_labels
from lab.starter.confidence import HeldOut, confidence_write
from lab.starter.corpus import records_without_photos
from lab.starter.label_space import MISSING, LabelSpace
from moda_engine.brief.known import known_claims
from moda_engine.brief.product import KnownProduct
from moda_engine.describing.describer import Describer
from moda_engine.evaluation.evaluate import labelled_records
from moda_engine.heads import LabelHeads
from moda_engine.language.labels import ItemLabels
from moda_engine.title_words import (
    Beside,
    Evidence,
    TitleWords,
    bags,
    hash_halves,
    titled,
    word_hash,
    words_of,
)

#: Kinds that titles suggest without stating them. Of the others they are silent.
KINDS = ("product_type", "colour", "gender", "usage")
#: A rarer word says more of its one item than of others.
_AT_LEAST = 6
_EPOCHS = 6
_BATCH_SIZE = 512
_LEARNING_RATE = 0.02
_WEIGHT_DECAY = 0.02
#: Of words and of what is known: a title of a stranger lacks many of either.
_DROPPED_WORDS, _DROPPED_KNOWN = 0.25, 0.2
_TEMPERATURES = (0.8, 1.0, 1.3, 1.7, 2.2, 3.0)
_WORD_FACTORS = (0.3, 0.5, 0.7, 1.0)
_KNOWN_FACTORS = (0.5, 1.0)


@dataclass(frozen=True)
class Titled:
    """Items by what their titles say; one a row."""

    titles: list[str]
    #: Kind → label that the title states.
    known: list[dict[str, str]]
    labels: list[ItemLabels]

    @classmethod
    def of(cls, products: Sequence[KnownProduct], labels: Sequence[ItemLabels]) -> "Titled":
        """Of titles and brands, and of labels, one an item."""
        return cls(
            list(map(titled, products)),
            [{claim.kind: claim.value for claim in known_claims(one)} for one in products],
            list(labels),
        )


def title_words_add(checkpoint: Path, data: Path, held_out: HeldOut, seed: int = 0) -> None:
    """Fit words of titles beside the heads of `checkpoint`, in the place of those it has.

    What the confidence of drafts means is to be found out again then.
    """
    heads = Describer.from_pretrained(checkpoint, "cpu", torch.float32).model.heads
    if heads is None:
        raise SystemExit(f"{checkpoint} has no heads: add them by `python -m lab.starter.heads`.")
    records = _training_records(data)
    learned = Titled.of(list(map(_product, records)), list(map(cleaned_labels, records)))
    words = fit_title_words(learned, heads, seed)
    titles = Titled.of([KnownProduct(title=title) for title in held_out.titles], held_out.labels)
    config = beside_photo(words, heads, held_out.features, titles)
    state = {f"words.{name}": value for name, value in words.state_dict().items()}
    print(json.dumps(config, indent=1))
    record = {"title_words": {"titles": len(learned.titles), "seed": seed}}
    heads_extend(checkpoint, {"words": config}, state, record)


def fit_title_words(items: Titled, heads: LabelHeads, seed: int) -> TitleWords:
    """Tables of the words that are frequent in `items`, by cross-entropy on their labels.

    They are learned beside what the tables of `heads` make of the known labels, and without the
    photo. `beside_photo` weighs them.
    """
    counts = Counter(word for title in items.titles for word in words_of(title))
    hashes = sorted(word_hash(word) for word, count in counts.items() if count >= _AT_LEAST)
    config = {
        "count": len(hashes),
        "kinds": {kind: asdict(Beside(1.0, 1.0, 1.0)) for kind in KINDS},
    }
    words = TitleWords(config, heads.classes)
    words.hashes.copy_(hash_halves(hashes))
    numbers = [words.numbers(title) for title in items.titles]
    targets = LabelSpace({kind: heads.classes[kind] for kind in KINDS}).targets(items.labels)
    known = heads.told(items.known)
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        tables = [
            _fit_kind(numbers, heads.known[kind](known), targets[kind], len(hashes), generator)
            for kind in words.beside
        ]
        words.tables.weight.copy_(torch.cat(tables, 1))
    return words


@torch.enable_grad()
def _fit_kind(
    numbers: Sequence[Tensor], said: Tensor, targets: Tensor, count: int, generator: torch.Generator
) -> Tensor:
    """What each word adds to the logits of one kind, (words, classes).

    Args:
        numbers: of each item the rows of its words.
        said: what known labels say, (items, classes).
        targets: (items,), `MISSING` where unknown.
    """
    table = torch.zeros(count, said.shape[1], requires_grad=True)
    bias = torch.zeros(said.shape[1], requires_grad=True)
    optimizer = torch.optim.AdamW([table, bias], lr=_LEARNING_RATE, weight_decay=_WEIGHT_DECAY)
    rows = (targets != MISSING).nonzero().flatten()
    for epoch in range(_EPOCHS if len(rows) else 0):
        for group in optimizer.param_groups:
            group["lr"] = _LEARNING_RATE * (1 - epoch / _EPOCHS)
        for some in rows[torch.randperm(len(rows), generator=generator)].split(_BATCH_SIZE):
            flat, starts = bags([numbers[row] for row in some.tolist()])
            kept = torch.rand(len(flat), generator=generator) >= _DROPPED_WORDS
            summed = nn.functional.embedding_bag(
                flat, table, starts, mode="sum", per_sample_weights=kept.float()
            )
            told = torch.rand(len(some), 1, generator=generator) >= _DROPPED_KNOWN
            loss = nn.functional.cross_entropy(summed + bias + said[some] * told, targets[some])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    return table.detach()


def beside_photo(
    words: TitleWords, heads: LabelHeads, features: Tensor, items: Titled
) -> dict[str, Any]:
    """The configuration of `words`, whose tables are scaled to go with photo and known labels.

    Decided where the title is silent of a kind: there alone words are asked.

    Args:
        features: (items, feature_size), of items that the encoder has not learned.
    """
    targets = LabelSpace({kind: heads.classes[kind] for kind in KINDS}).targets(items.labels)
    kinds = {}
    with torch.no_grad():
        evidence = heads.evidence(features.float(), heads.told(items.known))
        for kind, said in words(items.titles).items():
            silent = torch.tensor([kind not in labels for labels in items.known])
            rows = silent & (targets[kind] != MISSING)
            one = evidence[kind]
            kinds[kind] = asdict(
                _likeliest(
                    Evidence(one.seen[rows], one.temperature[rows], one.told[rows]),
                    said[rows],
                    targets[kind][rows],
                )
            )
    return {"count": len(words.hashes), "kinds": kinds}


def _likeliest(evidence: Evidence, words: Tensor, targets: Tensor) -> Beside:
    """The weights under which the targets are likeliest; without any the plain ones."""
    if not len(targets):
        return Beside(1.0, 1.0, 1.0)
    return min(
        starmap(Beside, product(_TEMPERATURES, _KNOWN_FACTORS, _WORD_FACTORS)),
        key=lambda one: float(nn.functional.cross_entropy(one.logits(evidence, words), targets)),
    )


def _training_records(data: Path) -> list[Mapping[str, Any]]:
    """Those of the retailer's other items, and of the photos that the encoder learned from."""
    found: list[Mapping[str, Any]] = list(records_without_photos(data))
    for name in ("fashion-2906", "catalog-extra"):
        records, _unreadable = labelled_records(data / name / "train")
        found += [record.fields for record in records]
    return found


def _product(record: Mapping[str, Any]) -> KnownProduct:
    return KnownProduct(title=str(record.get("title") or ""), brand=str(record.get("brand") or ""))


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        prog="python -m lab.starter.title_words",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--checkpoint", type=Path, required=True, metavar="DIR")
    parser.add_argument(
        "--data", type=Path, required=True, metavar="DIR", help="folder of the photo sets"
    )
    options = parser.parse_args(arguments)
    describer = Describer.from_pretrained(options.checkpoint, "cpu", torch.float32)
    held_out = HeldOut.of(describer, options.data)
    title_words_add(options.checkpoint, options.data, held_out)
    confidence_write(options.checkpoint, held_out)


if __name__ == "__main__":
    main()
