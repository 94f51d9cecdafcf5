"""Run a describer over a labelled imagefolder and measure what it writes."""

from collections.abc import Callable, Iterator
from pathlib import Path

from PIL import Image

from moda_engine.describer import DescribeOptions, Describer
from moda_engine.evaluation.measures import (
    area_under_curve,
    calibration_error,
    five_measures,
    judge,
)
from moda_engine.evaluation.records import labelled_records
from moda_engine.exceptions import DatasetError, EngineError
from moda_engine.imagefolder import METADATA_NAME, ImagefolderRecord, RefusedLine
from moda_engine.language.labels import labels_from_record
from moda_engine.language.reading import read
from moda_engine.photos import open_photo
from moda_engine.training.dataset import encode_examples, longest_caption
from moda_engine.training.examples import CaptionedPhoto
from moda_engine.training.trainer import mean_loss

BATCH_SIZE = 32


def evaluate(
    describer: Describer,
    folder: Path,
    leave_out: Callable[[RefusedLine], None] | None = None,
) -> dict[str, float | int | None]:
    """The measures of `describer` on the photos of `folder`, a batch of them in memory at a time.

    Args:
        leave_out: told of each record that cannot be used, as it is met; the rest is measured.
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

    def photos() -> Iterator[tuple[Image.Image, None]]:
        for record in records:
            try:
                photo = _photo(describer, record)
            except EngineError as error:
                _refuse(RefusedLine(folder / METADATA_NAME, record.line, str(error)), leave_out)
                continue
            described.append(record)
            yield photo, None

    options = DescribeOptions(batch_size=BATCH_SIZE)
    descriptions = list(describer.describe_stream(photos(), options))
    if not described:
        raise DatasetError(f"{folder / METADATA_NAME} has no usable record: nothing to measure.")
    verdicts = [
        judge(read(description.text), labels_from_record(record.fields))
        for description, record in zip(descriptions, described, strict=True)
    ]
    confidences = [description.confidence for description in descriptions]
    truths = [verdict.all_true for verdict in verdicts]
    return {
        "loss": _loss(describer, described),
        **five_measures(verdicts),
        "confidence_auroc": area_under_curve(confidences, truths),
        "calibration_error": calibration_error(confidences, truths),
        "n": len(described),
    }


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
    """Mean of batch means on the records' own `text`; `None` where none has one."""
    examples = [CaptionedPhoto(record.path, record.text) for record in records if record.text]
    if not examples:
        return None
    encoded = encode_examples(describer.model, describer.processor, examples).captions
    return mean_loss(describer.model, describer.processor, encoded, BATCH_SIZE)
