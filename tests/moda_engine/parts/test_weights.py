import hashlib
import json
import os

import pytest
import torch
from safetensors.torch import save_file

from moda_engine.checkpoint import files_sha256
from moda_engine.exceptions import CheckpointError
from moda_engine.parts.weights import read_tensors, weight_files

TENSORS = {"a": torch.tensor([1.5, -2.0]), "b": torch.tensor([[3]])}


class Payload:
    """A pickle of this runs a command when it is loaded."""

    def __init__(self, target) -> None:
        self.target = target

    def __reduce__(self) -> tuple:
        return os.system, (f"touch {self.target}",)


def test_safetensors_are_preferred(tmp_path):
    save_file(TENSORS, tmp_path / "model.safetensors")
    torch.save({}, tmp_path / "pytorch_model.bin")
    assert weight_files(tmp_path) == [tmp_path / "model.safetensors"]


@pytest.mark.parametrize("name", ["model.safetensors", "pytorch_model.bin"])
def test_both_formats_give_the_tensors_as_they_are(tmp_path, name):
    half = {"a": TENSORS["a"].half(), "b": TENSORS["b"]}
    (save_file if name.endswith("safetensors") else torch.save)(half, tmp_path / name)
    read = read_tensors(weight_files(tmp_path))
    assert set(read) == {"a", "b"}
    assert read["a"].dtype == torch.float16
    assert torch.equal(read["a"], half["a"])
    assert torch.equal(read["b"], half["b"])


def test_pieces_are_put_together_and_hashed_in_order(tmp_path):
    names = ["model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"]
    for name, key in zip(names, TENSORS, strict=True):
        save_file({key: TENSORS[key]}, tmp_path / name)
    index = {"weight_map": {"b": names[1], "a": names[0]}}
    (tmp_path / "model.safetensors.index.json").write_text(json.dumps(index))
    files = weight_files(tmp_path)
    assert [path.name for path in files] == names
    assert set(read_tensors(files)) == {"a", "b"}
    joined = b"".join((tmp_path / name).read_bytes() for name in names)
    assert files_sha256(files) == hashlib.sha256(joined).hexdigest()


def test_an_index_reaches_no_other_folder(tmp_path):
    folder = tmp_path / "model"
    folder.mkdir()
    save_file(TENSORS, tmp_path / "outside.safetensors")
    index = {"weight_map": {"a": "../outside.safetensors"}}
    (folder / "model.safetensors.index.json").write_text(json.dumps(index))
    with pytest.raises(CheckpointError, match=r"names files that are missing: outside.safetensors"):
        weight_files(folder)


def test_no_weights(tmp_path):
    with pytest.raises(CheckpointError, match=r"holds no weights: model.safetensors or"):
        weight_files(tmp_path)


@pytest.mark.parametrize("legacy", [False, True])
def test_a_malicious_pickle_is_refused_and_nothing_runs(tmp_path, legacy):
    target, path = tmp_path / "executed", tmp_path / "pytorch_model.bin"
    content = {"a": TENSORS["a"], "b": Payload(target)}
    torch.save(content, path, _use_new_zipfile_serialization=not legacy)
    with pytest.raises(CheckpointError, match="holds more than tensors and was not read"):
        read_tensors([path])
    assert not target.exists()
    torch.load(path, weights_only=False)  # it would have: the payload is real
    assert target.exists()


@pytest.mark.parametrize("content", [[TENSORS["a"]], {"model": TENSORS}, {"epoch": 3}, {1: 2}])
def test_a_pickle_of_anything_but_named_tensors(tmp_path, content):
    path = tmp_path / "pytorch_model.bin"
    torch.save(content, path)
    with pytest.raises(CheckpointError, match="is no table of tensors by name"):
        read_tensors([path])


@pytest.mark.parametrize("name", ["model.safetensors", "pytorch_model.bin"])
def test_weights_that_are_cut_short(tmp_path, name):
    path = tmp_path / name
    (save_file if name.endswith("safetensors") else torch.save)(TENSORS, path)
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(CheckpointError, match=f"{name} is damaged or cut short"):
        read_tensors([path])
