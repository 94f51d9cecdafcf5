"""The door to the engine for answering for a text: write it again from what was recorded.

In single precision a text is the same, character for character, whatever batch it came in then and
comes in now: see `moda_engine.inference.choosing`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Any

from catalog.engine.describe import GeneratedText, describe_photos
from catalog.models import ModelVersion

if TYPE_CHECKING:
    from PIL import Image

#: Photos described at a time.
_BATCH = 16


@dataclass(frozen=True)
class RecordedDraft:
    """All that a text follows from: version, photo as it is stored, facts, options, mode."""

    version: ModelVersion
    photo: "Image.Image"
    facts: str
    options: Mapping[str, Any]
    #: As `GeneratedText.mode` said when it was written.
    mode: str


def drafts_replay(drafts: Sequence[RecordedDraft]) -> list[GeneratedText]:
    """Each draft's text written again, in order; drafts of one version side by side are faster.

    Raises `ModelUnavailable` when a version is not to be had any more, `MemoryError`.
    """
    written: list[GeneratedText] = []
    for (version, options, mode), group in groupby(drafts, key=_alike):
        same = list(group)
        for start in range(0, len(same), _BATCH):
            part = same[start : start + _BATCH]
            written += describe_photos(
                version=version,
                photos=[draft.photo for draft in part],
                facts=[draft.facts for draft in part],
                options=options,
                mode=mode,
            )
    return written


def _alike(draft: RecordedDraft) -> tuple[ModelVersion, Mapping[str, Any], str]:
    return draft.version, draft.options, draft.mode
