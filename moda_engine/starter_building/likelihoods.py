"""How likely a caption's tokens are, where another label would have begun another word.

At each place the captioner shall be as unsure as the heads: the drawn label's word has its share,
and so have the words of the other likely labels. Drawn labels alone would say so only on average.
"""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from moda_engine.language.labels import ItemLabels
from moda_engine.processor import ModaProcessor
from moda_engine.starter_building.label_heads import Alternative, LabelHeads
from moda_engine.training.captions import EncodedCaptions, Likelihoods

#: Tokens that may be likely at one place.
FEW = 8
#: A word that was drawn stays possible, however the shares are rounded.
_MOST_FOR_OTHERS = 0.98

Writer = Callable[[ItemLabels], str]
#: Token → its share, by place in the caption.
_Shares = dict[int, dict[int, float]]


def likely_captions(
    processor: ModaProcessor,
    heads: LabelHeads,
    features: Tensor,
    labels: Sequence[ItemLabels],
    writers: Sequence[Writer],
    facts: list[str | None] | None = None,
) -> EncodedCaptions:
    """Captions of labels that `heads` saw in `features`, as sure of each word as the heads are.

    Args:
        features: (captions, feature_size).
        labels, writers, facts: one a caption.
    """
    texts = [write(item) for write, item in zip(writers, labels, strict=True)]
    others = heads.alternatives(features, labels)
    return EncodedCaptions(features, texts, facts, likelihoods(processor, texts, others, writers))


def likelihoods(
    processor: ModaProcessor,
    texts: Sequence[str],
    alternatives: Sequence[Sequence[Alternative]],
    writers: Sequence[Writer],
) -> list[Likelihoods | None]:
    """Likelihoods of each text's tokens; `None` where every other label would say the same.

    Args:
        texts: captions of the drawn labels.
        alternatives: what else each item may be.
        writers: what wrote each text, and would write that of another label.
    """
    others = [
        [(one, write(one.labels)) for one in likely]
        for likely, write in zip(alternatives, writers, strict=True)
    ]
    every = list(dict.fromkeys([*texts, *(text for row in others for _, text in row)]))
    tokens = {text: ids for text, (ids, _) in zip(every, processor.sequences(every), strict=True)}
    return [
        _likelihoods(tokens[text], [(one.kind, one.share, tokens[other]) for one, other in row])
        for text, row in zip(texts, others, strict=True)
    ]


def _likelihoods(
    ids: list[int], others: Sequence[tuple[str, float, list[int]]]
) -> Likelihoods | None:
    """Args:
    others: kind, share and tokens of the caption of another label.
    """
    shares: _Shares = {}
    for kind in dict.fromkeys(kind for kind, _, _ in others):
        same_kind = [(share, other) for one, share, other in others if one == kind]
        for place, likely in _of_one_kind(ids, same_kind).items():
            at = shares.setdefault(place, {})
            for token, share in likely.items():
                at[token] = at.get(token, 0.0) + share
    return _as_tensors(ids, shares) if shares else None


def _of_one_kind(ids: list[int], others: Sequence[tuple[float, list[int]]]) -> _Shares:
    """Shares of the tokens at which the captions of one kind's other labels part from `ids`.

    Who reads on past such a place knows that it was none of the labels that part there, so what
    parts later is likelier by as much: "navy" may be left for "red" at once, for "navy blue" later.
    """
    shares: _Shares = {}
    for share, other in others:
        place = _parting(ids, other)
        if place is not None:
            at = shares.setdefault(place, {})
            at[other[place]] = at.get(other[place], 0.0) + share
    left = 1.0
    for place in sorted(shares):
        gone = sum(shares[place].values())
        shares[place] = {token: share / left for token, share in shares[place].items()}
        left = max(left - gone, 1 - _MOST_FOR_OTHERS)
    return shares


def _parting(ids: list[int], other: list[int]) -> int | None:
    """The first place at which they differ."""
    places = range(min(len(ids), len(other)))
    return next((place for place in places if ids[place] != other[place]), None)


def _as_tensors(ids: list[int], shares: _Shares) -> Likelihoods:
    tokens = torch.tensor(ids).unsqueeze(1).repeat(1, FEW)
    values = torch.zeros(tokens.shape)
    values[:, 0] = 1.0
    for place, likely in shares.items():
        best = sorted(likely.items(), key=lambda pair: -pair[1])[: FEW - 1]
        whole = sum(share for _, share in best)
        given = min(whole, _MOST_FOR_OTHERS)
        values[place, 0] = 1 - given
        for column, (token, share) in enumerate(best, start=1):
            tokens[place, column] = token
            values[place, column] = share * given / whole
    return Likelihoods(tokens, values)
