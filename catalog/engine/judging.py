"""The door to the engine for judging: a candidate beside the version in use.

Both write of the same photos, which neither was trained on; what people approved of these photos is
the measure. Called by workers only; torch is loaded inside functions.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rapidfuzz.distance import Levenshtein

from catalog.engine.weights import ModelFolders, engine_errors_as

if TYPE_CHECKING:
    from moda_engine.evaluation.comparison import Figures, OpenedModel
    from moda_engine.imagefolder import ImagefolderRecord

#: Photos side by side.
SIDE_BY_SIDE = 16
#: Approved texts that are compared at a time.
_CHUNK = 256


class JudgingRefused(Exception):
    """Nothing can be judged; the message says what to do."""


@dataclass(frozen=True)
class BothFigures:
    """The version in use and the candidate on one set."""

    current: "Figures"
    candidate: "Figures"


@dataclass(frozen=True)
class BothTexts:
    """One photo: what people approved, what the version in use and the candidate write."""

    #: As in `metadata.jsonl`.
    file_name: str
    #: The whole object of the line: whatever the caller put there comes back.
    fields: dict[str, Any]
    approved: str
    current: str
    candidate: str
    current_distance: float
    candidate_distance: float


@dataclass(frozen=True)
class Judgement:
    """The candidate against the version in use; as JSON by `dataclasses.asdict`."""

    overall: BothFigures
    #: By the field `category` of the lines; lines without one are under "".
    by_category: dict[str, BothFigures]
    side_by_side: list[BothTexts]
    remarks: list[str]


def candidate_judge(
    *,
    candidate: ModelFolders,
    current: ModelFolders,
    held_out: Path,
    cache: Path | None = None,
    on_progress: Callable[[int, int], None] = lambda done, whole: None,
) -> Judgement:
    """Judge by the imagefolder `held_out`: lines with `file_name`, `text` (what was approved) and,
    if wanted, `facts`, `category` and labels as `moda_engine evaluate` takes them; without labels
    what the approved text states is the truth.

    Args:
        on_progress: called with the models done and all models.

    Raises `JudgingRefused` when a model or the set cannot be used, `MemoryError`.
    """
    from moda_engine.evaluation.comparison import judge_by, read_approved

    with engine_errors_as(JudgingRefused):
        records, refused = read_approved(held_out)
        on_progress(0, 2)
        before = judge_by(_opened(current), records, cache)
        on_progress(1, 2)
        after = judge_by(_opened(candidate), records, cache)
        on_progress(2, 2)
    return Judgement(
        overall=BothFigures(before.overall, after.overall),
        by_category={
            name: BothFigures(figures, after.by_category[name])
            for name, figures in before.by_category.items()
        },
        side_by_side=_rows(before.records, before.texts, after.texts)[:SIDE_BY_SIDE],
        remarks=[*refused, *before.refused],
    )


def changes_find(
    *,
    candidate: ModelFolders,
    current: ModelFolders,
    approved: Path,
    cache: Path | None = None,
    on_progress: Callable[[int, int], None] = lambda done, whole: None,
) -> Iterator[BothTexts]:
    """The photos of the imagefolder `approved` that the two models describe differently, as found.

    What a person wrote otherwise than either model is no change; the distances say whether the
    candidate would come nearer to it. Both models are in memory at once.

    Args:
        on_progress: called with the photos done and all photos.

    Raises as `candidate_judge` does.
    """
    from moda_engine.evaluation.comparison import read_approved, texts_of

    with engine_errors_as(JudgingRefused):
        records, _ = read_approved(approved)
        models = [_opened(current), _opened(candidate)]
        for start in range(0, len(records), _CHUNK):
            part = records[start : start + _CHUNK]
            photos, before = texts_of(models[0], part, cache)
            _, after = texts_of(models[1], part, cache)
            yield from (row for row in _rows(photos, before, after) if row.current != row.candidate)
            on_progress(min(start + _CHUNK, len(records)), len(records))


def _opened(folders: ModelFolders) -> "OpenedModel":
    from moda_engine.evaluation.comparison import OpenedModel

    return OpenedModel.from_folders(folders.checkpoint, folders.adapter)


def _rows(
    records: "Sequence[ImagefolderRecord]", before: Sequence[str], after: Sequence[str]
) -> list[BothTexts]:
    return [
        BothTexts(
            file_name=record.fields["file_name"],
            fields=dict(record.fields),
            approved=record.text or "",
            current=one,
            candidate=other,
            current_distance=Levenshtein.normalized_distance(record.text or "", one),
            candidate_distance=Levenshtein.normalized_distance(record.text or "", other),
        )
        for record, one, other in zip(records, before, after, strict=True)
    ]
