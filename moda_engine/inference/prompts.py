"""What generation begins from, and what it gives."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from torch import Tensor


@dataclass(frozen=True)
class Sampling:
    """How tokens are drawn: in turn by the random numbers of a seed.

    Likelier tokens are preferred by a low `temperature`; `top_p` is the share of the likeliest from
    which one is drawn (nucleus sampling: Holtzman et al. 2020).
    """

    seed: int
    temperature: float = 1.0
    top_p: float = 1.0


@dataclass(frozen=True)
class Prompt:
    """Embeddings that stand before the text, (tokens, width), and how many tokens may follow."""

    embeds: Tensor
    limit: int
    #: What probably follows. It is read with the prompt, and kept as far as it is what would have
    #: been written without it (speculative decoding: Leviathan et al. 2023).
    draft_tokens: tuple[int, ...] = ()
    #: Without it the likeliest token is taken. Prompts that share their embeddings are read once.
    sampling: Sampling | None = None


class Source(Protocol):
    """Where prompts come from, while others are being written."""

    def take(self, room: int) -> list[Prompt]:
        """Up to `room` prompts; none where the next one has to wait until another text ends."""

    @property
    def is_exhausted(self) -> bool:
        """Whether there will be no more."""


class Prompts:
    """A source of prompts that are all there."""

    def __init__(self, prompts: Sequence[Prompt]) -> None:
        self._left = list(prompts)

    def take(self, room: int) -> list[Prompt]:
        """The next ones."""
        taken, self._left = self._left[:room], self._left[room:]
        return taken

    @property
    def is_exhausted(self) -> bool:
        """Whether all were taken."""
        return not self._left


@dataclass
class Written:
    """The tokens of one prompt, its end token included, and how sure each of them was.

    `is_undecided` where a token was chosen by less than rounding may change; see
    `moda_engine.inference.choosing`.
    """

    tokens: list[int] = field(default_factory=list)
    log_probabilities: list[float] = field(default_factory=list)
    is_undecided: bool = False

    def add(self, token: int, log_probability: float, *, is_near: bool) -> None:
        """Add the next token."""
        self.tokens.append(token)
        self.log_probabilities.append(log_probability)
        self.is_undecided |= is_near
