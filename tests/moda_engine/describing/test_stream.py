"""Streams of photos: slow sources, broken ones, and what is wrong with a photo."""

import shutil
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
import torch
from PIL import Image
from safetensors.torch import load_file, save_file

from moda_engine import DescribeOptions, Describer
from moda_engine.checkpoint import SUMS_FILE, checkpoint_write
from moda_engine.exceptions import CheckpointError, PhotoError
from moda_engine.inference.loop import FusedLoop
from tests.moda_engine.tiny import add_heads


@pytest.fixture(scope="module")
def describer(checkpoint):
    return Describer.from_pretrained(checkpoint)


class Tap:
    """A source that gives what is put into it, and then waits for more."""

    def __init__(self) -> None:
        self.items, self.more, self.is_closed = [], threading.Condition(), False

    def put(self, *photos):
        with self.more:
            self.items += [(photo, None) for photo in photos]
            self.more.notify()

    def close(self):
        with self.more:
            self.is_closed = True
            self.more.notify()

    def __iter__(self) -> Iterator[tuple[Any, None]]:
        while True:
            with self.more:
                assert self.more.wait_for(lambda: self.items or self.is_closed, 60)
                if not self.items:
                    return
                item = self.items.pop(0)
            yield item


def test_a_slow_source_is_served_photo_by_photo(describer, photos):
    options = DescribeOptions(max_new_tokens=2)
    expected = [one.text for one in describer.describe(photos, options=options)]
    tap = Tap()
    stream = describer.describe_each(tap, options)
    took = []
    for photo, text in zip(photos, expected, strict=True):
        began = time.perf_counter()
        tap.put(photo)
        # The source is not asked to end, nor for another photo: it would wait for ever.
        assert next(stream).text == text
        took.append(time.perf_counter() - began)
    tap.close()
    assert list(stream) == []
    assert min(took) < 0.2  # seconds; a busy machine delays others


def test_what_came_together_is_described_together(describer, photos):
    tap = Tap()
    tap.put(*photos, None)
    stream = describer.describe_each(tap)
    found = [next(stream) for _ in range(6)]
    assert [one.text for one in found[:5]] == [one.text for one in describer.describe(photos)]
    assert isinstance(found[5], PhotoError)
    tap.put(photos[0])
    assert next(stream).text == found[0].text
    tap.close()
    assert list(stream) == []


def test_a_source_that_breaks_gives_what_it_gave_before(describer, photos):
    def broken():
        yield photos[0], None
        raise LookupError("the shop is closed")

    stream = describer.describe_each(broken())
    assert next(stream).text == describer.describe(photos[:1])[0].text
    with pytest.raises(LookupError, match="the shop is closed"):
        next(stream)


def test_a_stream_that_nobody_reads_on_ends_its_threads(describer, photos):
    stream = describer.describe_each(
        ((photo, None) for photo in photos * 9), DescribeOptions(batch_size=1)
    )
    next(stream)
    stream.close()
    names = [thread.name for thread in threading.enumerate()]
    assert not [name for name in names if name.startswith("photos")]


@pytest.mark.parametrize("size", [1, 2, 64])
def test_whatever_is_wrong_with_a_photo_stands_in_its_place(describer, photos, size):
    large = Image.new("1", (18_000, 10_000))
    odd = [
        (large, None),
        (None, None),
        (b"no photo", None),
        (photos[0], 7),
        "no pair",
        (Image.new("RGB", (0, 5)), None),
        (torch.zeros(3, 4, 5, 6), None),
    ]
    pairs = [(photos[0], None), *odd, (photos[1], None)]
    found = list(describer.describe_each(pairs, DescribeOptions(batch_size=size)))
    expected = [one.text for one in describer.describe(photos[:2])]
    assert [found[0].text, found[-1].text] == expected
    assert [type(one) for one in found[1:-1]] == [PhotoError] * len(odd)
    assert "over the limit of 30 million" in str(found[1])
    assert "NoneType is no photo" in str(found[2])
    assert "what is known is a product or text, not int" in str(found[4])
    assert "A pair of a photo and what is known is needed, not 'no pair'" in str(found[5])


def test_facts_that_leave_no_room_are_an_error_of_their_photo(describer, photos, monkeypatch):
    config = describer.model.config.language_config
    monkeypatch.setattr(config, "max_position_embeddings", 40)
    facts = ["wren " * 50, None, "red"]
    pairs = list(zip(photos, facts, strict=False))
    found = list(describer.describe_each(pairs))
    assert "The facts take all 40 positions" in str(found[0])
    assert [bool(one.text) for one in found[1:]] == [True, True]


def test_hundreds_of_photos_without_an_item_do_not_end_a_stream(checkpoint, photos):
    describer = Describer.from_pretrained(checkpoint)
    add_heads(describer.model)
    describer.model.heads.recognised_from = 2.0  # no photo is
    describer = Describer(describer.model, describer.processor)
    pairs = [(photos[0], None)] * 20
    found = list(describer.describe_each(pairs, DescribeOptions(batch_size=2)))
    assert [one.recognised for one in found] == [False] * 20


def test_memory_follows_the_photos_that_are_there(describer, photos, monkeypatch):
    caches = []
    run = FusedLoop.run

    def noted(self, source):
        caches.append(self._cache)
        return run(self, source)

    monkeypatch.setattr(FusedLoop, "run", noted)
    found = describer.describe(photos, options=DescribeOptions(batch_size=100_000))
    assert len(found) == 5
    assert caches[0].read(0, 100_000, 1)[0].shape[0] == 8  # five rows, as a multiple of eight


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"batch_size": 0}, "batch_size is 0"),
        ({"batch_size": 2.5}, "batch_size is 2.5"),
        ({"max_new_tokens": -1}, "max_new_tokens is -1"),
        ({"max_new_tokens": True}, "max_new_tokens is True"),
        ({"min_probability": 1.5}, "min_probability is 1.5"),
        ({"min_probability": float("nan")}, "min_probability is nan"),
    ],
)
def test_options_that_cannot_be_meant_are_refused(options, reason):
    with pytest.raises(ValueError, match=reason):
        DescribeOptions(**options)


def test_an_adapter_that_is_not_there_is_refused(describer, photos):
    with pytest.raises(ValueError, match=r"There is no adapter 'nope': none is loaded\."):
        describer.describe_each([(photos[0], None)], DescribeOptions(adapter="nope"))


def test_weights_that_were_changed_on_the_way_are_refused(model_and_processor, tmp_path):
    model, processor = model_and_processor
    checkpoint_write(tmp_path / "whole", model=model, processor=processor, record={})
    Describer.from_pretrained(tmp_path / "whole")
    copy = shutil.copytree(tmp_path / "whole", tmp_path / "copy")
    weights = copy / "model.safetensors"
    content = bytearray(weights.read_bytes())
    content[-7] ^= 1
    weights.write_bytes(content)
    with pytest.raises(CheckpointError, match=f"SHA-256 is not the one in {SUMS_FILE}"):
        Describer.from_pretrained(copy)


def test_nothing_written_is_an_error(checkpoint, photos, tmp_path):
    """Weights that are no numbers write padding alone."""
    spoilt = shutil.copytree(checkpoint, tmp_path / "spoilt")
    tensors = load_file(spoilt / "model.safetensors")
    name = "language_model.model.decoder.final_layer_norm.weight"
    save_file(
        tensors | {name: tensors[name] * float("nan")},
        spoilt / "model.safetensors",
        {"format": "pt"},
    )
    describer = Describer.from_pretrained(spoilt)
    (found,) = describer.describe_each([(photos[0], None)])
    assert str(found) == (
        "The model wrote nothing of the photo: it is not trained, or its weights are damaged."
    )
