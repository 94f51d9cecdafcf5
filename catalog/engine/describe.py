"""The door to the engine for describing: model versions in, texts out.

Each process keeps one model, loaded when it is first needed and replaced when another version is
asked for. The web server imports nothing of this; torch is loaded inside functions only.

A draft can be replayed: written again from what was recorded. In single precision a text is the
same, character for character, whatever batch it came in then and comes in now.
"""

import logging
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import TYPE_CHECKING, Any

from django.conf import settings

from catalog.choices import PageText, TextLength, TrainingWay
from catalog.engine.weights import ModelUnavailable, model_folders, raise_for_memory, weights_check
from catalog.known_product import Known
from catalog.models import ModelVersion
from catalog.models.description import ALT_TEXT_LENGTH

if TYPE_CHECKING:
    from PIL import Image

    from moda_engine import Describer, Description

logger = logging.getLogger(__name__)

#: Tokens at most by length; the standard one is the engine's own default.
TOKENS = {TextLength.ALT_TEXT.value: 40, TextLength.DETAILED.value: 160}


@dataclass(frozen=True)
class GeneratedText:
    """What the model made of one photo; `confidence` is a probability, 0 to 1."""

    standard: str
    alt_text: str
    detailed: str
    confidence: float | None
    #: The numeric mode that wrote it, "float32", "bfloat16" or "int8": needed to write it again.
    mode: str = ""
    #: Empty where they were not asked for.
    page_title: str = ""
    bullets: str = ""
    meta_title: str = ""
    meta_description: str = ""
    #: What was known and seen of the item, as `Brief.to_json` gives it.
    brief: Mapping[str, Any] = field(default_factory=dict)
    #: Whether the photo shows an item that the model knows; where not, all texts are empty.
    recognised: bool = True
    #: Why not, as a sentence.
    reason: str = ""


@dataclass(frozen=True)
class _Loaded:
    """A checkpoint by the hash of its weights, with the adapters that are loaded beside it."""

    sha256: str
    describer: "Describer"
    #: The numeric mode that was asked for; `None` for the machine's own.
    mode: str | None = None
    adapters: set[str] = field(default_factory=set)


_loaded: _Loaded | None = None


def describe_photos(
    *,
    version: ModelVersion,
    photos: Sequence["Image.Image"],
    known: Sequence[Known],
    options: Mapping[str, Any],
    mode: str | None = None,
) -> list[GeneratedText]:
    """One text for each photo and what is `known` of its item. With no photos it only loads.

    Args:
        mode: the numeric mode to write in; default: the setting's, or what this machine is fast at.

    Raises `ModelUnavailable` when the version cannot be loaded, `MemoryError` when the photos
    together (or the model) need more memory than there is, whatever the device.
    """
    from moda_engine.brief.product import KnownProduct

    try:
        describer = _describer(version, mode or settings.PRECISION or None)
        if not photos:
            return []
        described = describer.describe(
            list(photos),
            known=[KnownProduct.of(one) for one in known],
            options=_options(options, _adapter(version)),
        )
    except RuntimeError as error:
        raise_for_memory(error)
        raise
    length = options.get("length", TextLength.STANDARD)
    return [_generated(one, length) for one in described]


def _describer(version: ModelVersion, mode: str | None) -> "Describer":
    """The loaded model of this version; another one is freed first, so that two never coexist.

    Adapters of one checkpoint do: they are small, and each batch is written with one.
    """
    global _loaded  # noqa: PLW0603 (one model a process is the point)
    from moda_engine.exceptions import CheckpointError

    adapter = _adapter(version)
    whole = version if adapter is None or version.base is None else version.base
    try:
        if _loaded is None or (_loaded.sha256, _loaded.mode) != (whole.weights_sha256, mode):
            _loaded = None
            _loaded = _load(whole, mode)
        if adapter is not None and adapter not in _loaded.adapters:
            directory = model_folders(version).adapter
            _loaded.describer.load_adapter(directory, adapter)  # type: ignore[arg-type]
            _loaded.adapters.add(adapter)
            logger.info("Loaded %s from %s", version, directory)
    except (CheckpointError, OSError, ValueError) as error:
        raise ModelUnavailable(f"{version}: {error}") from error
    return _loaded.describer


def _adapter(version: ModelVersion) -> str | None:
    """The name by which an adapter is loaded; None for a version that is a whole model."""
    return version.weights_sha256 if version.way == TrainingWay.ADAPTER else None


def _load(version: ModelVersion, mode: str | None) -> _Loaded:
    import torch

    from moda_engine import Describer

    directory = model_folders(version).checkpoint
    weights_check(version, directory, where=directory)
    dtype = None if mode is None else getattr(torch, mode)
    # The catalog shows no fit of whole sentences, which alone needs the text tower.
    describer = Describer.from_pretrained(directory, dtype=dtype, text_tower=False, serving=True)
    logger.info("Loaded %s from %s", version, directory)
    return _Loaded(sha256=version.weights_sha256, describer=describer, mode=mode)


def _options(options: Mapping[str, Any], adapter: str | None) -> Any:
    """The engine's options; `length` and `slots` are the catalog's words for what is written."""
    from moda_engine import DescribeOptions

    rest = {name: value for name, value in options.items() if name not in ("length", "slots")}
    tokens = TOKENS.get(options.get("length", ""))
    length: dict[str, Any] = {"max_new_tokens": tokens} if tokens else {}
    return DescribeOptions(**length, **rest, slots=_slots(options), adapter=adapter)


#: The engine's name of a text, where it is another: a product has a title of its own.
_ENGINE_NAMES = {PageText.PAGE_TITLE.value: "title"}


def _slots(options: Mapping[str, Any]) -> tuple[str, ...]:
    """The texts beside the standard one, by the engine's names."""
    is_detailed = options.get("length") == TextLength.DETAILED
    asked = ("alt_text", *(("detailed",) if is_detailed else ()), *options.get("slots", ()))
    return tuple(_ENGINE_NAMES.get(name, name) for name in asked)


def _generated(described: "Description", length: str) -> GeneratedText:
    """The engine's texts, as the columns take them; what is recognised has a standard text."""
    whole, detailed = _cleaned(described.text), _cleaned(described.detailed)
    alt_text = _cleaned(described.alt_text)
    if not alt_text or len(alt_text) > ALT_TEXT_LENGTH:
        alt_text = _shortened(alt_text or whole)
    return GeneratedText(
        # With alt text alone the standard text is the same words.
        standard=alt_text if length == TextLength.ALT_TEXT else whole,
        alt_text=alt_text,
        detailed=(detailed or whole) if length == TextLength.DETAILED else "",
        confidence=min(1.0, max(0.0, float(described.confidence))),
        mode=described.mode,
        page_title=_cleaned(described.title),
        bullets=_cleaned(described.bullets),
        meta_title=_cleaned(described.meta_title),
        meta_description=_cleaned(described.meta_description),
        brief=described.brief.to_json(),
        recognised=described.recognised,
        reason=described.reason,
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


#: Photos described at a time.
_BATCH = 16


@dataclass(frozen=True)
class RecordedDraft:
    """All that decides a text: version, photo as it is stored, what was told, options, mode."""

    version: ModelVersion
    photo: "Image.Image"
    known: Known
    options: Mapping[str, Any]
    #: As `GeneratedText.mode` said when it was written.
    mode: str


def drafts_replay(drafts: Sequence[RecordedDraft]) -> list[GeneratedText]:
    """Each draft's text written again, in order; drafts of one version side by side are faster.

    Raises `ModelUnavailable` when a version is gone, `MemoryError`.
    """
    written: list[GeneratedText] = []
    for (version, options, mode), group in groupby(
        drafts, key=lambda draft: (draft.version, draft.options, draft.mode)
    ):
        same = list(group)
        for start in range(0, len(same), _BATCH):
            part = same[start : start + _BATCH]
            written += describe_photos(
                version=version,
                photos=[draft.photo for draft in part],
                known=[draft.known for draft in part],
                options=options,
                mode=mode,
            )
    return written
