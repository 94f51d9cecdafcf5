"""Runs the model on a batch so that one bad photo costs only itself."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from celery.exceptions import SoftTimeLimitExceeded

from catalog.engine.describe import GeneratedText
from catalog.engine.weights import ModelUnavailable

logger = logging.getLogger(__name__)

#: A photo, with whatever is told beside it.
Photo = TypeVar("Photo")
#: Describes some photos, or raises. One text a photo, in order.
Describe = Callable[[Sequence[Photo]], list[GeneratedText]]


@dataclass(frozen=True)
class Outcome:
    """What came of one photo: a text, or the error that remained when it ran by itself."""

    text: GeneratedText | None = None
    error: Exception | None = None


def outcomes(*, photos: Sequence[Photo], describe: Describe[Photo]) -> list[Outcome]:
    """One outcome a photo, in order. A batch that fails is halved until the culprit is alone.

    Raises `ModelUnavailable` and `SoftTimeLimitExceeded`: smaller batches would not mend those.
    """
    try:
        texts = describe(photos)
        if len(texts) != len(photos):
            raise RuntimeError(f"The model wrote {len(texts)} texts for {len(photos)} photos.")
        return [_outcome(text) for text in texts]
    except (ModelUnavailable, SoftTimeLimitExceeded):
        raise
    except Exception as error:  # noqa: BLE001 (whatever the model raises, the others must go on)
        logger.warning("A batch of %d failed: %s", len(photos), error, exc_info=True)
        if len(photos) == 1:
            return [Outcome(error=error)]
    half = len(photos) // 2
    return [
        *outcomes(photos=photos[:half], describe=describe),
        *outcomes(photos=photos[half:], describe=describe),
    ]


def _outcome(text: GeneratedText) -> Outcome:
    if text.standard.strip():
        return Outcome(text=text)
    return Outcome(error=ValueError("The model wrote nothing."))
