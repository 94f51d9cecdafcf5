"""The door to the engine for describing: model versions in, texts out.

Each process keeps one model, loaded when it is first needed and exchanged when another version is
asked for. Nothing here is imported by the web server, and torch is loaded inside functions only.
"""

import logging
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from catalog.choices import TextLength
from catalog.engine.weights import ModelUnavailable, checkpoint_directory
from catalog.models import ModelVersion
from catalog.models.description import ALT_TEXT_LENGTH

if TYPE_CHECKING:
    from PIL import Image

    from moda_engine import Describer, Description

logger = logging.getLogger(__name__)

#: Tokens at most by length; the standard one is the engine's own default.
TOKENS = {TextLength.ALT_TEXT.value: 40, TextLength.DETAILED.value: 160}
#: How torch says that memory ran out on the CPU; on a GPU it has an exception of its own.
_OUT_OF_MEMORY = re.compile(r"out of memory|can't allocate memory|not enough memory", re.IGNORECASE)


@dataclass(frozen=True)
class GeneratedText:
    """What the model wrote about one photo; `confidence` is a probability, 0 to 1."""

    standard: str
    alt_text: str
    detailed: str
    confidence: float | None


@dataclass(frozen=True)
class _Loaded:
    sha256: str
    describer: "Describer"


_loaded: _Loaded | None = None


def describe_photos(
    *,
    version: ModelVersion,
    photos: Sequence["Image.Image"],
    facts: Sequence[str],
    options: Mapping[str, Any],
) -> list[GeneratedText]:
    """One text for each photo, in order. With no photos it only loads the model.

    Raises `ModelUnavailable` when the version cannot be loaded, `MemoryError` when the photos
    together (or the model) need more memory than there is, whatever the device.
    """
    try:
        describer = _describer(version)
        if not photos:
            return []
        described = describer.describe(
            list(photos), facts=[fact or None for fact in facts], options=_options(options)
        )
    except RuntimeError as error:
        if _OUT_OF_MEMORY.search(str(error)):
            raise MemoryError(str(error)) from error
        raise
    length = options.get("length", TextLength.STANDARD)
    return [_generated(one, length) for one in described]


def _describer(version: ModelVersion) -> "Describer":
    """The loaded model of this version; another one is let go first, so that both never coexist."""
    global _loaded  # noqa: PLW0603 (one model a process is the point)
    if _loaded is None or _loaded.sha256 != version.weights_sha256:
        _loaded = None
        _loaded = _load(version)
    return _loaded.describer


def _load(version: ModelVersion) -> _Loaded:
    from moda_engine import Describer
    from moda_engine.checkpoint import weights_sha256
    from moda_engine.exceptions import CheckpointError

    directory = checkpoint_directory(version)
    try:
        found = weights_sha256(directory)
        if found != version.weights_sha256:
            raise ModelUnavailable(
                f"{version} was registered with weights {version.weights_sha256[:12]}, "
                f"but {directory} holds {found[:12]}."
            )
        describer = Describer.from_pretrained(directory)
    except (CheckpointError, OSError, ValueError) as error:
        raise ModelUnavailable(f"{version}: {error}") from error
    logger.info("Loaded %s from %s", version, directory)
    return _Loaded(sha256=found, describer=describer)


def _options(options: Mapping[str, Any]) -> Any:
    """The engine's options; `length` is a catalog's word, and says how many tokens may be used."""
    from moda_engine import DescribeOptions

    rest = {name: value for name, value in options.items() if name != "length"}
    tokens = TOKENS.get(options.get("length", ""))
    return DescribeOptions(**({"max_new_tokens": tokens} if tokens else {}), **rest)


def _generated(described: "Description", length: str) -> GeneratedText:
    """The engine's texts, as the columns take them; every description has a standard text."""
    whole, detailed = _cleaned(described.text), _cleaned(described.detailed)
    alt_text = _shortened(_cleaned(described.alt_text) or whole)
    return GeneratedText(
        # With alt text alone the standard text is the same words.
        standard=alt_text if length == TextLength.ALT_TEXT else whole,
        alt_text=alt_text,
        detailed=(detailed or whole) if length == TextLength.DETAILED else "",
        confidence=min(1.0, max(0.0, float(described.confidence))),
    )


def _cleaned(text: str) -> str:
    """Model output is untrusted: no NUL, which PostgreSQL refuses."""
    return text.replace("\x00", "").strip()


def _shortened(text: str) -> str:
    """The first sentence, or the words of it that an alternative text has room for."""
    first = re.split(r"(?<=[.!?])\s", text, maxsplit=1)[0]
    if len(first) <= ALT_TEXT_LENGTH:
        return first
    words = first[:ALT_TEXT_LENGTH].rsplit(" ", 1)[0]
    return words[: ALT_TEXT_LENGTH - 1].rstrip(" ,;:") + "…"
