"""Old texts are written again from what was recorded, whatever batch they came from."""

import numpy as np
import pytest
from PIL import Image

from catalog.engine.describe import describe_photos
from catalog.engine.replay import RecordedDraft, drafts_replay
from tests.retraining import tiny_version, use_models

pytestmark = pytest.mark.django_db


def noise(count):
    generator = np.random.default_rng(1)
    return [
        Image.fromarray(generator.integers(0, 256, (50, 40, 3), dtype=np.uint8))
        for _ in range(count)
    ]


def test_recorded_drafts_are_written_again_word_for_word(settings, tmp_path):
    use_models(settings, tmp_path / "models")
    version = tiny_version(tmp_path)
    photos = noise(24)
    facts = ["colour: red" if number % 3 == 0 else "" for number in range(24)]
    recorded = []
    for options in ({}, {"length": "alt_text"}):
        written = describe_photos(version=version, photos=photos, facts=facts, options=options)
        rows = zip(photos, facts, written, strict=True)
        recorded += [
            (RecordedDraft(version, photo, told, options, text.mode), text)
            for photo, told, text in rows
        ]
    assert {text.mode for _, text in recorded} == {"float32"}
    order = np.random.default_rng(2).permutation(len(recorded))

    replayed = drafts_replay([recorded[place][0] for place in order])

    wanted = [recorded[place][1] for place in order]
    assert [(one.standard, one.alt_text, one.detailed) for one in replayed] == [
        (one.standard, one.alt_text, one.detailed) for one in wanted
    ]
