"""How likely a caption's tokens are, where another label would have begun another word.

At each such place the model shall be as unsure as somebody is of the label: its own word has the
share that is left, and so have the words of the other likely labels theirs (Hinton et al. 2015 call
it distillation).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import torch

from moda_engine.processor import ModaProcessor
from moda_engine.training.captions import Likelihoods

#: Tokens that may be likely at one place.
FEW = 8
#: The caption's own word stays possible, however the shares are rounded.
MOST_FOR_OTHERS = 0.98

#: Token → its share, by place in the caption.
_Shares = dict[int, dict[int, float]]


@dataclass(frozen=True)
class OtherCaption:
    """What would be said of an item with another label of one kind, and how likely that is."""

    kind: str
    share: float
    text: str


def likelihoods(
    processor: ModaProcessor, texts: Sequence[str], others: Sequence[Sequence[OtherCaption]]
) -> list[Likelihoods | None]:
    """Likelihoods of each text's tokens; `None` where all `others` of it say the same."""
    tokens = caption_tokens(processor, [*texts, *(one.text for row in others for one in row)])
    return [
        _likelihoods(tokens[text], [(one.kind, one.share, tokens[one.text]) for one in row])
        for text, row in zip(texts, others, strict=True)
    ]


def caption_tokens(processor: ModaProcessor, texts: Iterable[str]) -> dict[str, list[int]]:
    """The tokens of each different text."""
    every = list(dict.fromkeys(texts))
    return {text: ids for text, (ids, _) in zip(every, processor.sequences(every), strict=True)}


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
        place = parting(ids, other)
        if place is not None:
            at = shares.setdefault(place, {})
            at[other[place]] = at.get(other[place], 0.0) + share
    left = 1.0
    for place in sorted(shares):
        gone = sum(shares[place].values())
        shares[place] = {token: share / left for token, share in shares[place].items()}
        left = max(left - gone, 1 - MOST_FOR_OTHERS)
    return shares


def parting(ids: Sequence[int], other: Sequence[int]) -> int | None:
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
        given = min(whole, MOST_FOR_OTHERS)
        values[place, 0] = 1 - given
        for column, (token, share) in enumerate(best, start=1):
            tokens[place, column] = token
            values[place, column] = share * given / whole
    return Likelihoods(tokens, values)
