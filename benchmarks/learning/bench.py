"""What the experiments share: photos, and a model that is trained as the catalog trains."""

import sys
from collections.abc import Callable, Iterable, Sequence
from contextlib import redirect_stdout
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from benchmarks.review_photos import Record, ReviewPhotos, has_words
from moda_engine.evaluation.comparison import Figures as ModelFigures
from moda_engine.evaluation.comparison import OpenedModel, judge_by
from moda_engine.imagefolder import read_imagefolder_records
from moda_engine.training.recipe import RETRAINING, Recipe
from moda_engine.training.run import RunRequest, train_folders

#: One approved caption in so many chooses the epoch and is not learned, as in the catalog.
HELD_OUT_OF = 10
FIVE = (
    "colour_accuracy",
    "usage_accuracy",
    "product_type_accuracy",
    "gender_accuracy",
    "factual_consistency",
)
#: Captions of the house style, and the category that they are of.
STYLE_CAPTIONS, STYLE_CATEGORY = 400, "Topwear"
#: Reviews of a round.
ROUND_SIZE = 300
Figures = dict[str, Any]
Says = Callable[[Record], str | None]


@dataclass(frozen=True)
class Judged:
    """What a model writes of photos, in their order, and how good that is."""

    texts: list[str]
    figures: ModelFigures

    @property
    def five(self) -> dict[str, float]:
        """The five measures; 0 where no label of the kind is known."""
        return {name: asdict(self.figures)[name] or 0.0 for name in FIVE}


@dataclass(frozen=True)
class Bench:
    """The photos, a folder to work in, and the model that all experiments begin from."""

    photos: ReviewPhotos
    work: Path
    model: Path

    def train(
        self,
        name: str,
        captions: Sequence[Record],
        says: Says,
        others: Sequence[Record] = (),
        *,
        model: Path | None = None,
        cache: Path | None = None,
        way: str = "full",
        recipe: Recipe | None = None,
    ) -> Path:
        """Train `model`, or the bench's, on `captions`; the new checkpoint or adapter.

        As the catalog does: one in ten is held out, and photos of `others`, without texts, are
        rehearsed.

        Args:
            recipe: instead of the catalog's for the way.
        """
        folder = self.work / name
        learned = [one for row, one in enumerate(captions) if row % HELD_OUT_OF]
        held_out = captions[::HELD_OUT_OF]
        request = RunRequest(
            data=[self.photos.write(folder / "captions", learned, says)],
            validation=self.photos.write(folder / "held-out", held_out, says),
            rehearsal_set=self.photos.write(folder / "base", others, lambda record: None),
            output=folder / "run",
            model=model or self.model,
            recipe=recipe or RETRAINING[way],
            cache=cache,
        )
        with redirect_stdout(sys.stderr):  # what is printed here is figures alone
            train_folders(request, say=lambda line: print(line, file=sys.stderr))
        return request.output

    def judge(
        self, name: str, records: Sequence[Record], says: Says, models: Sequence[Path | OpenedModel]
    ) -> list[Judged]:
        """Each of `models` on the photos of `records`, by what `says` and the labels say."""
        folder = self.photos.write(self.work / name, records, says)
        found, _ = read_imagefolder_records(folder)
        judged = [judge_by(_opened(model), found) for model in models]
        return [Judged(one.texts, one.overall) for one in judged]


def _opened(model: Path | OpenedModel) -> OpenedModel:
    return model if isinstance(model, OpenedModel) else OpenedModel.from_folders(model)


def as_labelled(record: Record) -> str:
    """The text of the photo set, for figures that use the labels alone."""
    return str(record["text"])


def share(values: Iterable[bool]) -> float:
    """The share of true ones."""
    counted = list(values)
    return sum(counted) / len(counted)


def largest_fall(before: Judged, after: Judged) -> float:
    """The largest fall among the five measures; below 0 if all rose."""
    return max(before.five[name] - after.five[name] for name in FIVE)


def apart(records: Sequence[Record], taken: Sequence[Record]) -> list[Record]:
    """The records that are none of `taken`."""
    names = {one["file_name"] for one in taken}
    return [one for one in records if one["file_name"] not in names]


def in_category(record: Record) -> bool:
    """Whether the record is of the category of the house style."""
    return record["sub_category"] == STYLE_CATEGORY and has_words(record)


def texts_of_base(bench: Bench, name: str, records: Sequence[Record]) -> dict[str, str]:
    """File name → what the bench's model writes of the photo."""
    (told,) = bench.judge(name, records, as_labelled, [bench.model])
    return dict(zip((one["file_name"] for one in records), told.texts, strict=True))
