"""Folders of weights in storage: whole, unchanged, and nothing that could be code."""

import pickle

import pytest
import torch
from django.core.files.storage import storages
from safetensors.torch import save_file

from catalog.model_packages import (
    PackageRefused,
    package_check,
    package_fetch,
    package_files,
    package_prune,
    package_publish,
    package_store,
)
from tests.retraining import use_models


@pytest.fixture
def models(settings, tmp_path):
    use_models(settings, tmp_path / "models")
    return tmp_path / "models"


@pytest.fixture
def folder(tmp_path):
    found = tmp_path / "output"
    (found / "checkpoints").mkdir(parents=True)
    save_file({"weight": torch.ones(3)}, found / "model.safetensors")
    save_file({"weight": torch.zeros(3)}, found / "checkpoints" / "state.safetensors")
    (found / "config.json").write_text("{}")
    (found / ".draft.pt").write_bytes(b"half a file")
    return found


def test_what_is_stored_comes_back(models, folder, tmp_path):
    files = package_store(folder, "runs/1/files", known={})
    assert sorted(files) == [
        "checkpoints/state.safetensors",
        "config.json",
        "model.safetensors",
    ]
    package_fetch("runs/1/files", files, tmp_path / "elsewhere")
    assert package_files(tmp_path / "elsewhere") == files


def test_only_what_is_new_is_written(models, folder):
    files = package_store(folder, "runs/1/files", known={})
    weights = models / "runs/1/files" / files["model.safetensors"]
    before = weights.stat().st_mtime_ns
    (folder / "config.json").write_text('{"changed": 1}')
    later = package_store(folder, "runs/1/files", known=files)
    assert weights.stat().st_mtime_ns == before
    assert package_prune("runs/1/files", keep=later) == 1


def test_half_a_file_of_a_host_that_died_is_written_anew(models, folder, tmp_path):
    digest = package_files(folder)["config.json"]
    half = models / "runs/1/files" / digest
    half.parent.mkdir(parents=True)
    half.write_text("{")
    files = package_store(folder, "runs/1/files", known={})
    package_fetch("runs/1/files", files, tmp_path / "elsewhere")
    assert package_prune("nowhere", keep={}) == 0


def test_a_file_altered_in_storage_is_refused(models, folder, tmp_path):
    files = package_store(folder, "runs/1/files", known={})
    stored = models / "runs/1/files" / files["model.safetensors"]
    content = bytearray(stored.read_bytes())
    content[-1] ^= 1
    stored.write_bytes(content)
    with pytest.raises(PackageRefused, match="was altered in storage"):
        package_fetch("runs/1/files", files, tmp_path / "elsewhere")
    assert not (tmp_path / "elsewhere" / "model.safetensors").exists()


def test_a_file_that_is_gone_is_refused(models, folder, tmp_path):
    files = package_store(folder, "runs/1/files", known={})
    storages["models"].delete(f"runs/1/files/{files['config.json']}")
    with pytest.raises(PackageRefused, match="is gone from storage"):
        package_fetch("runs/1/files", files, tmp_path / "elsewhere")


def test_a_name_that_leads_elsewhere_is_refused(models, folder, tmp_path):
    files = package_store(folder, "runs/1/files", known={})
    with pytest.raises(PackageRefused, match="outside its folder"):
        package_fetch("runs/1/files", {"../x.json": files["config.json"]}, tmp_path / "elsewhere")


class Evil:
    def __reduce__(self) -> tuple:
        return (print, ("run",))


@pytest.mark.parametrize("name", ["model.bin", "model.pt", "weights.pkl", "modeling.py"])
def test_a_format_that_may_hold_code_is_refused(models, folder, name):
    (folder / name).write_bytes(pickle.dumps(Evil()))
    with pytest.raises(PackageRefused, match=f"{name} is no file of weights"):
        package_publish(folder, "versions/1")
    assert not (models / "versions").exists()


def test_a_pickle_in_disguise_is_refused(models, folder):
    (folder / "model.safetensors").write_bytes(pickle.dumps(Evil()))
    with pytest.raises(PackageRefused, match="not in the safetensors format"):
        package_publish(folder, "versions/1")


@pytest.mark.parametrize("change", ["altered", "added", "lost"])
def test_a_folder_is_what_was_recorded(folder, change):
    files = package_files(folder)
    package_check(folder, files)
    if change == "altered":
        (folder / "config.json").write_text('{"other": 1}')
    elif change == "added":
        (folder / "more.json").write_text("{}")
    else:
        (folder / "config.json").unlink()
    with pytest.raises(PackageRefused, match="is not the file that was recorded"):
        package_check(folder, files)


def test_nothing_published_is_overwritten(models, folder):
    package_publish(folder, "versions/1")
    with pytest.raises(PackageRefused, match="nothing is overwritten"):
        package_publish(folder, "versions/1")
