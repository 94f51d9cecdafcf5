"""What is said of a photo, and how it is asked for."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Detail:
    """Something that a text states: characters [start, end), and how well it fits the photo."""

    text: str
    start: int
    end: int
    kind: str
    label: str
    #: Probability of the label among its alternatives, 0 to 1; `None` where it is not known.
    score: float | None
    #: Why it is doubted; empty where it is not.
    reason: str = ""


@dataclass(frozen=True)
class Description:
    """What the model says of a photo, and how far to trust it."""

    #: The standard text. `details` are of this one.
    text: str
    #: Probability, 0 to 1, that all of it is true; see `moda_engine.describing.confidence`.
    confidence: float
    #: The numeric mode that wrote it: "float32", "bfloat16" or "int8".
    mode: str
    #: Up to 125 characters where the model writes as the starter does; else the text itself.
    alt_text: str = ""
    #: All that is known, in several sentences; empty where that is no more than the text.
    detailed: str = ""
    #: How well photo and text fit, by the encoder's two towers: a cosine, -1 to 1. `None` where
    #: it was not asked for.
    fit: float | None = None
    details: tuple[Detail, ...] = ()
    #: What the confidence was reckoned from; see `moda_engine.describing.confidence`.
    evidence: tuple[float, ...] = ()
    #: Facts (kind, value) that the text does not state: the model has no words for them.
    unstated: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class DescribeOptions:
    """How to generate: tokens at most, photos at a time, the adapter to use, if any."""

    #: Fewer where the language model has not as many positions.
    max_new_tokens: int = 64
    batch_size: int = 64
    #: A name that was given to `Describer.load_adapter`; one a call, so no batch mixes adapters.
    adapter: str | None = None
    #: Whether the text tower says how well photo and text fit; it reads every text once more.
    fit: bool = True
