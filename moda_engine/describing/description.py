"""What is said of a photo, and how it is asked for."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from moda_engine.brief.check import TextClaim
from moda_engine.brief.claims import Brief
from moda_engine.copywriting.guard import Judged


@dataclass(frozen=True)
class Description:
    """What the model says of a photo, where each claim comes from, and how far to trust it."""

    #: The standard text; empty where the photo shows nothing that the model knows.
    text: str
    #: Probability, 0 to 1, that all of it is true; see `moda_engine.describing.confidence`.
    confidence: float
    #: The numeric mode that wrote it: "float32", "bfloat16" or "int8".
    mode: str
    #: What the texts may say: all that is known and seen of the item.
    brief: Brief
    #: Up to 125 characters, unless a stranger's words are longer.
    alt_text: str = ""
    #: All of the brief, in a paragraph.
    detailed: str = ""
    #: Brand and noun. This and the next three are empty unless `DescribeOptions.slots` asks for
    #: them.
    title: str = ""
    #: One to six points, a line each.
    bullets: str = ""
    meta_title: str = ""
    meta_description: str = ""
    #: What `text` states, in order, each with its source.
    claims: tuple[TextClaim, ...] = ()
    #: How well photo and text fit, by the encoder's two towers: a cosine, -1 to 1. `None` where
    #: it was not asked for.
    fit: float | None = None
    #: Of the texts that the language model drew: what each candidate was, and why it was dropped.
    judged: Mapping[str, tuple[Judged, ...]] = field(default_factory=dict)
    #: What the confidence was reckoned from; see `moda_engine.describing.confidence`.
    evidence: tuple[float, ...] = ()
    #: Whether what the model wrote could not stand, and the writer's sentence is there instead.
    replaced: bool = False

    @property
    def recognised(self) -> bool:
        """Whether the photo shows a fashion item; where not, `reason` says why there is no text."""
        return self.brief.recognised

    @property
    def reason(self) -> str:
        """Why there is no text; empty where there is one."""
        return self.brief.reason


@dataclass(frozen=True)
class DescribeOptions:
    """How to generate: tokens at most, photos at a time, the adapter to use, if any.

    Raises `ValueError` for a number that cannot be meant.
    """

    #: Fewer where the language model has not as many positions.
    max_new_tokens: int = 64
    batch_size: int = 64
    #: A name that was given to `Describer.load_adapter`; one a call, so no batch mixes adapters.
    adapter: str | None = None
    #: Whether the text tower says how well photo and text fit; it reads every text once more.
    fit: bool = True
    #: What is seen is said from this probability on, 0 to 1; 0 says everything, of every photo.
    #: `None`: from the threshold of its kind, which the checkpoint holds.
    min_probability: float | None = None
    #: Whether the checkpoint's heads say what a photo shows. Without them the language model writes
    #: of the photo itself, as it does in a checkpoint that has none.
    heads: bool = True
    #: What is written beside the standard text: names of `moda_engine.copywriting.slots`.
    slots: tuple[str, ...] = ("alt_text", "detailed")

    def __post_init__(self) -> None:
        for name in ("max_new_tokens", "batch_size"):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int) or value < 1:
                raise ValueError(f"{name} is {value!r}: give a whole number from 1 on.")
        least = self.min_probability
        if least is not None and not 0 <= least <= 1:
            raise ValueError(f"min_probability is {least!r}: give a number from 0 to 1, or None.")
