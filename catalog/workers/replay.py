"""Answers for texts: has drafts written again from what was recorded, and compares.

The photo is read as it was for the draft, and the engine writes in the numeric mode that the draft
says, whatever this machine would choose by itself.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby, islice

from catalog.engine.describe import GeneratedText, RecordedDraft, drafts_replay
from catalog.engine.weights import ModelUnavailable
from catalog.known_product import conditioned_on
from catalog.machine import MachineShort
from catalog.models import Description
from catalog.models.description import GENERATED_FIELDS, TEXT_FIELDS
from catalog.workers.photos import PhotoFailed, StorageUnavailable, photo_load

#: Drafts whose photos are in memory at a time.
_CHUNK = 64


@dataclass(frozen=True)
class Replayed:
    """A draft beside what is written of its photo today; `problem` says why nothing is."""

    description: Description
    text: GeneratedText | None = None
    problem: str = ""

    @property
    def is_identical(self) -> bool:
        """Whether it is the same, character for character, in all lengths."""
        return self.text is not None and all(
            getattr(self.text, field) == getattr(self.description, generated)
            for field, generated in zip(TEXT_FIELDS, GENERATED_FIELDS, strict=True)
        )


def descriptions_replay(descriptions: Iterable[Description]) -> Iterator[Replayed]:
    """Each draft that a machine wrote, written again; those alike in version and mode in a row.

    A draft whose photo or version is gone, or that does not say its mode, has a `problem`.
    """
    for _, alike in groupby(sorted(descriptions, key=_kind), key=_kind):
        while chunk := list(islice(alike, _CHUNK)):
            yield from _replay(chunk)


def _kind(description: Description) -> tuple[int, str]:
    return description.model_version_id or 0, description.numeric_mode


def _replay(descriptions: Iterable[Description]) -> Iterator[Replayed]:
    recorded: list[tuple[Description, RecordedDraft]] = []
    for description in descriptions:
        try:
            recorded.append((description, _recorded(description)))
        except (PhotoFailed, StorageUnavailable, MachineShort, ModelUnavailable) as error:
            yield Replayed(description, problem=str(error))
    try:
        texts = drafts_replay([draft for _, draft in recorded])
    except ModelUnavailable as error:
        yield from (Replayed(description, problem=str(error)) for description, _ in recorded)
        return
    for (description, _), text in zip(recorded, texts, strict=True):
        yield Replayed(description, text)


def _recorded(description: Description) -> RecordedDraft:
    if description.model_version is None or not description.numeric_mode:
        raise ModelUnavailable("It does not say which version or which arithmetic wrote it.")
    return RecordedDraft(
        version=description.model_version,
        photo=photo_load(item=description),
        known=conditioned_on(description.known, description.facts),
        options=description.options,
        mode=description.numeric_mode,
    )
