import multiprocessing
from pathlib import Path

import pytest
import torch

from moda_engine.exceptions import DatasetError
from moda_engine.image_processor import ModaImageProcessor
from moda_engine.training.features import (
    EmbeddingCache,
    default_cache_directory,
    encoder_key,
)


def test_what_was_put_is_found_by_a_later_run(tmp_path):
    feature = torch.linspace(-1, 1, 16)
    EmbeddingCache("key", tmp_path).put({"a": feature})
    found = EmbeddingCache("key", tmp_path).get(["a", "b"])
    assert list(found) == ["a"]
    assert torch.equal(found["a"], feature)


def test_another_encoder_finds_nothing(tmp_path):
    EmbeddingCache("one", tmp_path).put({"a": torch.ones(2)})
    assert EmbeddingCache("two", tmp_path).get(["a"]) == {}


def test_more_names_than_one_query_takes(tmp_path):
    cache = EmbeddingCache("key", tmp_path)
    cache.put({str(number): torch.tensor([float(number)]) for number in range(12_000)})
    found = cache.get([str(number) for number in range(20_000)])
    assert len(found) == 12_000
    assert found["11999"].item() == 11_999


def test_without_a_folder_nothing_is_written(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    cache = EmbeddingCache("key")
    cache.put({"a": torch.ones(2)})
    assert list(cache.get(["a"])) == ["a"]
    assert list(tmp_path.iterdir()) == []


def _write(directory: Path, start: int) -> None:
    cache = EmbeddingCache("key", directory)
    for number in range(start, start + 50):
        cache.put({str(number): torch.full((4,), float(number))})
        assert str(start) in cache.get([str(start)])


def test_several_processes_read_and_write_at_once(tmp_path):
    context = multiprocessing.get_context("spawn")
    writers = [context.Process(target=_write, args=(tmp_path, start)) for start in (0, 25, 100)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert [writer.exitcode for writer in writers] == [0, 0, 0]
    found = EmbeddingCache("key", tmp_path).get([str(number) for number in range(200)])
    assert {int(name): int(value[0]) for name, value in found.items()} == {
        number: number for number in [*range(75), *range(100, 150)]
    }


def test_a_damaged_file_is_named(tmp_path):
    (tmp_path / "key.sqlite3").write_bytes(b"no database at all" * 100)
    with pytest.raises(DatasetError, match=r"key\.sqlite3 cannot be used .*delete it"):
        EmbeddingCache("key", tmp_path)


def test_the_key_follows_the_encoder_and_how_photos_are_read(model_and_processor):
    model, processor = model_and_processor
    key = encoder_key(model, processor)
    model.projector.expand.weight.data += 1
    assert encoder_key(model, processor) == key
    model.encoder.visual_projection.weight.data[0, 0] += 1
    assert encoder_key(model, processor) != key
    key = encoder_key(model, processor)
    processor.image_processor = ModaImageProcessor(size={"height": 48, "width": 48})
    assert encoder_key(model, processor) != key


def test_where_the_cache_lies(monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", "/caches")
    assert default_cache_directory() == Path("/caches/moda_engine")
    monkeypatch.delenv("XDG_CACHE_HOME")
    assert default_cache_directory() == Path.home() / ".cache" / "moda_engine"
