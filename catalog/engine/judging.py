"""The door to the engine for judging: a candidate beside the version in use.

Both write of the same photos. Of photos that neither learned, what people approved is the measure
(`candidate_judge`); of any photo of the catalog, what is wrong with the drafts (`drafts_judge`).
Called by workers only; torch is loaded inside functions.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rapidfuzz.distance import Levenshtein

from catalog.engine.weights import ModelFolders, engine_errors_as

if TYPE_CHECKING:
    from moda_engine import Description
    from moda_engine.evaluation.comparison import Figures, OpenedModel
    from moda_engine.evaluation.paired import PairedChange
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
    #: By "loss" and "edit_distance", over all texts.
    changes: dict[str, "PairedChange"]


@dataclass(frozen=True)
class FaultyDraft:
    """A draft of the candidate with faults that the other version's draft does not have."""

    fields: dict[str, Any]
    file_name: str
    current: str
    candidate: str
    #: Names of `moda_engine.evaluation.faults`.
    faults: list[str]


@dataclass(frozen=True)
class DraftsJudgement:
    """Drafts of both versions, of the same photos of the catalog."""

    #: Photos that both could read.
    photos: int
    #: By the names of `moda_engine.evaluation.faults`: shares of drafts with the fault.
    faults: dict[str, "PairedChange"]
    #: By the names of the measures, over the photos of which the truth is known.
    measures: dict[str, "PairedChange"]
    faulty: list[FaultyDraft]


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
    from moda_engine.evaluation.paired import paired_change

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
        changes={
            "loss": paired_change(before.losses, after.losses),
            "edit_distance": paired_change(before.edit_distances, after.edit_distances),
        },
    )


def drafts_judge(
    *,
    candidate: ModelFolders,
    current: ModelFolders,
    photos: Path,
    approved: Collection[str],
    cache: Path | None = None,
) -> DraftsJudgement:
    """Have both versions draft the photos of the imagefolder `photos`, and count what is wrong.

    A line has `file_name`, `known` (as `catalog.known_product` gives it) and, where people approved
    a text of the photo, `text`: what they mostly leave unsaid may stay so.

    Args:
        approved: texts by people; their words are known.

    Raises as `candidate_judge` does.
    """
    from moda_engine.evaluation.comparison import drafts_of
    from moda_engine.evaluation.faults import faults_of, left_unsaid, words_in, words_of_briefs
    from moda_engine.imagefolder import read_imagefolder_records

    with engine_errors_as(JudgingRefused):
        records, _ = read_imagefolder_records(photos)
        kept, before = drafts_of(_opened(current), records, cache)
        _, after = drafts_of(_opened(candidate), records, cache)
    briefs = [draft.brief for draft in before]
    known = words_of_briefs(briefs).union(*map(words_in, approved))
    told = [row for row, record in enumerate(kept) if record.text]
    optional = left_unsaid([kept[row].text or "" for row in told], [briefs[row] for row in told])
    faults = [[faults_of(one, known, optional) for one in drafts] for drafts in (before, after)]
    return DraftsJudgement(
        photos=len(kept),
        faults=_fault_changes(*faults),
        measures=_measure_changes(kept, before, after),
        faulty=[
            FaultyDraft(
                dict(record.fields), record.fields["file_name"], one.text, other.text, sorted(new)
            )
            for record, one, other, old, found in zip(kept, before, after, *faults, strict=True)
            if (new := found - old)
        ],
    )


def _fault_changes(
    before: Sequence[frozenset[str]], after: Sequence[frozenset[str]]
) -> "dict[str, PairedChange]":
    from moda_engine.evaluation.faults import FAULTS
    from moda_engine.evaluation.paired import paired_change

    return {
        name: paired_change(
            [float(name in one) for one in before],
            [float(name in one) for one in after],
            counts_unseen=True,
        )
        for name in FAULTS
    }


def _measure_changes(
    records: "Sequence[ImagefolderRecord]",
    before: "Sequence[Description]",
    after: "Sequence[Description]",
) -> "dict[str, PairedChange]":
    from moda_engine.evaluation.comparison import right_of
    from moda_engine.evaluation.paired import paired_change

    pairs = [
        (right_of(record, one), right_of(record, other))
        for record, one, other in zip(records, before, after, strict=True)
    ]
    names = sorted({name for one, other in pairs for name in one.keys() & other.keys()})
    values = {
        name: [(one[name], other[name]) for one, other in pairs if name in one and name in other]
        for name in names
    }
    return {
        name: paired_change([one for one, _ in rows], [other for _, other in rows])
        for name, rows in values.items()
    }


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
