"""Runs a describer over a labelled imagefolder and measures what it writes."""

import copy
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path

import torch
from PIL import Image

from moda_engine.describing.describer import DescribeOptions, Describer, Description
from moda_engine.evaluation.measures import (
    Verdict,
    area_under_curve,
    calibration_error,
    five_measures,
    judge,
    labels_stated,
    said_shares,
)
from moda_engine.exceptions import DatasetError, EngineError
from moda_engine.imagefolder import (
    METADATA_NAME,
    ImagefolderRecord,
    RefusedLine,
    read_imagefolder_records,
)
from moda_engine.language.labels import ItemLabels, labels_from_record
from moda_engine.language.reading import StatedLabels, read
from moda_engine.photos import open_photo
from moda_engine.training.dataset import CaptionedPhoto, encode_examples, longest_caption
from moda_engine.training.trainer import mean_loss

LABELS = ("colour", "usage", "product_type", "gender")


def labelled_records(folder: Path) -> tuple[list[ImagefolderRecord], list[RefusedLine]]:
    """The records whose labels are strings, one label at least, and the lines that are none.

    Where no record has a label, those count that their texts state.

    Raises `DatasetError` when there is no `metadata.jsonl`, or nothing in it.
    """
    records, refused = read_imagefolder_records(folder)
    metadata = folder / METADATA_NAME
    if not records and not refused:
        raise DatasetError(f"{metadata} is empty: there is nothing to measure.")
    labelled: list[ImagefolderRecord] = []
    by_text = not any(_has_label(labels_from_record(record.fields)) for record in records)
    for record in records:
        reason = _reason_against(record, by_text=by_text)
        if reason is None:
            labelled.append(record)
        else:
            refused.append(record.refused(reason))
    return labelled, sorted(refused, key=lambda refusal: refusal.line)


def _has_label(labels: ItemLabels) -> bool:
    return any(getattr(labels, name) for name in LABELS)


def _truth(record: ImagefolderRecord) -> ItemLabels:
    """The labels of a record, or those that its text states."""
    labels = labels_from_record(record.fields)
    return labels if _has_label(labels) else labels_stated(read(record.text or ""))


def _reason_against(record: ImagefolderRecord, *, by_text: bool) -> str | None:
    for name in (*LABELS, "pattern"):
        value = record.fields.get(name)
        if value is not None and not isinstance(value, str):
            return f"{name} is {type(value).__name__}, not a string."
    if not isinstance(record.fields.get("attributes") or {}, dict):
        return "attributes is no object."
    labels = _truth(record) if by_text else labels_from_record(record.fields)
    if not _has_label(labels):
        return f"no label: give one of {', '.join(LABELS)}."
    return None


BATCH_SIZE = 32


@dataclass(frozen=True)
class Evaluated:
    """What a model wrote of labelled photos, and what of it is right; lists of equal length."""

    labels: list[ItemLabels]
    #: All that is seen is said, however unlikely.
    descriptions: list[Description]
    #: As merchandisers get them: what is unlikely is left out.
    usual: list[Description]
    #: What each text states.
    stated: list[StatedLabels]
    verdicts: list[Verdict]
    #: On the records' own `text`, in nats a token; `None` where none has one.
    loss: float | None

    @property
    def confidences(self) -> list[float]:
        return [description.confidence for description in self.descriptions]

    @property
    def truths(self) -> list[bool]:
        """Whether all that a text states is true."""
        return [verdict.all_true for verdict in self.verdicts]

    def measures(self) -> dict[str, float | int | None]:
        """The measures, as `python -m moda_engine evaluate` prints them.

        `right`, `not_said` and `wrong` are of the texts that leave out what is unlikely.
        """
        said = said_shares([read(one.text) for one in self.usual], self.labels)
        return {
            "loss": self.loss,
            **five_measures(self.verdicts),
            "confidence_auroc": area_under_curve(self.confidences, self.truths),
            "calibration_error": calibration_error(self.confidences, self.truths),
            **(asdict(said) if said else dict.fromkeys(("right", "not_said", "wrong"))),
            "n": len(self.verdicts),
        }


def evaluate(
    describer: Describer,
    folder: Path,
    leave_out: Callable[[RefusedLine], None] | None = None,
) -> Evaluated:
    """Describe the photos of `folder` and judge the texts, a batch of photos in memory at a time.

    Args:
        leave_out: called with each record that cannot be used; the rest is measured.
            Without it such a record is an error.

    Raises `DatasetError` when the folder has no `metadata.jsonl` or no usable record, and, without
    `leave_out`, when any record cannot be used.
    """
    records, refused = labelled_records(folder)
    if refused and leave_out is None:
        raise DatasetError("\n".join(map(str, refused)))
    for refusal in refused:
        _refuse(refusal, leave_out)
    described: list[ImagefolderRecord] = []

    def photos() -> Iterator[Image.Image]:
        for record in records:
            try:
                photo = _photo(describer, record)
            except EngineError as error:
                _refuse(record.refused(error), leave_out)
                continue
            described.append(record)
            yield photo

    everything, usual = _described(describer, photos())
    if not described:
        raise DatasetError(f"{folder / METADATA_NAME} has no usable record: nothing to measure.")
    labels = [_truth(record) for record in described]
    stated = [read(description.text) for description in everything]
    verdicts = [judge(said, truth) for said, truth in zip(stated, labels, strict=True)]
    return Evaluated(labels, everything, usual, stated, verdicts, _loss(describer, described))


def _described(
    describer: Describer, photos: Iterator[Image.Image]
) -> tuple[list[Description], list[Description]]:
    """Each photo described with all that is seen, and as usual; encoded once."""
    everything: list[Description] = []
    usual: list[Description] = []
    complete = DescribeOptions(batch_size=BATCH_SIZE, min_probability=0.0)
    while part := list(islice(photos, BATCH_SIZE)):
        features = describer.encode(part)
        everything += describer.describe_features(features, options=complete)
        usual += describer.describe_features(features, options=DescribeOptions(fit=False))
    return everything, usual


def _photo(describer: Describer, record: ImagefolderRecord) -> Image.Image:
    """The photo of a record; raises what speaks against measuring by it."""
    if record.text:
        limit = longest_caption(describer.model)
        ((ids, _),) = describer.processor.sequences([record.text])
        tokens = len(ids)
        if tokens > limit:
            raise DatasetError(f"the text has {tokens} tokens; the model reads {limit} at most.")
    return open_photo(record.path)


def _refuse(refusal: RefusedLine, leave_out: Callable[[RefusedLine], None] | None) -> None:
    if leave_out is None:
        raise DatasetError(str(refusal))
    leave_out(refusal)


def _loss(describer: Describer, records: list[ImagefolderRecord]) -> float | None:
    """Mean of batch means on the records' own `text`; `None` where none has one.

    It is always reckoned in single precision, of the weights as they are.
    """
    examples = [CaptionedPhoto(record.path, record.text) for record in records if record.text]
    if not examples:
        return None
    model, processor = describer.model, describer.processor
    encoded = encode_examples(model, processor, examples).captions
    if any(parameter.dtype != torch.float32 for parameter in model.parameters()):
        model = copy.deepcopy(model).float()
    return mean_loss(model, processor, encoded, BATCH_SIZE)
