"""A failing batch is halved until the culprit is alone."""

import pytest
from celery.exceptions import SoftTimeLimitExceeded
from PIL import Image

from catalog.engine.describe import GeneratedText, ModelUnavailable
from catalog.workers.batch import outcomes
from tests.describing import text_of, write_texts

COLOURS = [(number, 0, 0) for number in range(8)]
PHOTOS = [Image.new("RGB", (2, 2), colour) for colour in COLOURS]
BAD = text_of(PHOTOS[5])


def standard(results):
    return [getattr(outcome, "standard", None) or str(outcome) for outcome in results]


def test_one_outcome_a_photo_in_order():
    results = outcomes(photos=PHOTOS, describe=write_texts)
    assert standard(results) == [text_of(photo) for photo in PHOTOS]


def test_one_bad_photo_costs_only_itself():
    sizes = []

    def describe(photos):
        sizes.append(len(photos))
        if BAD in map(text_of, photos):
            raise ValueError("bad photo")
        return write_texts(photos)

    results = outcomes(photos=PHOTOS, describe=describe)
    expected = [text_of(photo) for photo in PHOTOS]
    expected[5] = "bad photo"
    assert standard(results) == expected
    assert sizes == [8, 4, 4, 2, 1, 1, 2]


def test_a_batch_that_does_not_fit_into_memory_is_halved():
    sizes = []

    def describe(photos):
        sizes.append(len(photos))
        if len(photos) > 2:
            raise MemoryError
        return write_texts(photos)

    assert standard(outcomes(photos=PHOTOS, describe=describe)) == list(map(text_of, PHOTOS))
    assert sizes == [8, 4, 2, 2, 4, 2, 2]


def test_a_wrong_number_of_texts_is_a_failure():
    results = outcomes(photos=PHOTOS[:1], describe=lambda photos: [])
    assert standard(results) == ["The model wrote 0 texts for 1 photos."]


def test_an_empty_text_is_a_failure_of_that_photo():
    empty = GeneratedText(standard=" ", alt_text="", detailed="", confidence=None)
    results = outcomes(photos=PHOTOS[:2], describe=lambda photos: [write_texts(photos)[0], empty])
    assert standard(results) == [text_of(PHOTOS[0]), "The model wrote nothing."]


@pytest.mark.parametrize("error", [ModelUnavailable, SoftTimeLimitExceeded])
def test_what_no_smaller_batch_would_mend_is_raised(error):
    sizes = []

    def describe(photos):
        sizes.append(len(photos))
        raise error

    with pytest.raises(error):
        outcomes(photos=PHOTOS, describe=describe)
    assert sizes == [8]
