"""Runs in two real processes, which `accelerate launch` starts, on the CPU."""

from dataclasses import asdict, replace
from pathlib import Path

import psutil
import pytest
import torch

from moda_engine.checkpoint import training_record
from moda_engine.exceptions import TrainingError, TrainingStopped
from moda_engine.training.callbacks import Callbacks
from moda_engine.training.distributed import process_count, train_launched
from moda_engine.training.run import train_folders
from tests.moda_engine.training.interrupted_run import request

pytestmark = pytest.mark.faults

STARVED = Path(__file__).with_name("starved")


@pytest.fixture
def wanted(tmp_path, imagefolder, checkpoint):
    """An odd number of captions, so that in one step a process goes without; in float32, for how
    bfloat16 rounds depends on what shares a pass."""
    metadata = imagefolder / "metadata.jsonl"
    metadata.write_text("".join(metadata.read_text().splitlines(keepends=True)[:3]))
    found = request(tmp_path / "run", imagefolder, checkpoint)
    return replace(found, samples=[imagefolder / "images" / "0.png"], precision="float32")


@pytest.fixture(autouse=True)
def two_processes_on_the_cpu(monkeypatch):
    """Without GPUs and with a core each; none is left after the test."""
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    before = psutil.Process().children(recursive=True)
    yield
    assert psutil.Process().children(recursive=True) == before


def alone(wanted):
    """What one process makes of it: the curve, and what was told of each step."""
    steps = []
    curve = train_folders(wanted, say=lambda line: None, callbacks=Callbacks(on_step=steps.append))
    return curve, steps


def launch(wanted, **watch):
    return train_launched(wanted, processes=2, say=lambda line: None, callbacks=Callbacks(**watch))


def same(curve, other):
    assert len(curve) == len(other) == 3
    for one, another in zip(curve, other, strict=True):
        assert asdict(one) == pytest.approx(asdict(another), abs=1e-4)


@pytest.mark.parametrize("way", ["full", "adapter"])
def test_two_processes_learn_what_one_learns(wanted, tmp_path, way):
    wanted = replace(wanted, recipe=replace(wanted.recipe, way=way))
    steps, epochs = [], []

    def epoch_ended(figures, texts):
        saved = wanted.output / "checkpoints" / f"step-{2 * figures.epoch:08d}"
        epochs.append((figures, len(texts), saved.is_dir(), len(steps)))

    curve = launch(wanted, on_step=steps.append, on_epoch=epoch_ended)

    assert training_record(wanted.output)["processes"] == 2
    # Each is told once it is saved, and before the next one begins.
    assert epochs == [(figures, 1, True, 2 * figures.epoch) for figures in curve]
    expected, told = alone(replace(wanted, output=tmp_path / "alone"))
    same(curve, expected)
    assert curve[-1].training_loss < curve[0].training_loss - 0.1
    for one, another in zip(steps, told, strict=True):
        assert asdict(one) == pytest.approx(asdict(another), abs=1e-4)


def test_a_run_that_is_stopped_goes_on_in_any_number_of_processes(wanted, tmp_path):
    ended = []
    with pytest.raises(TrainingStopped, match="goes on from what was saved last"):
        launch(wanted, on_epoch=lambda *told: ended.append(told), should_stop=lambda: bool(ended))
    assert len(ended) == 1
    assert not (wanted.output / "config.json").exists()

    goes_on, steps = alone(wanted)
    assert [step.step for step in steps] == [3, 4, 5, 6]
    same(goes_on, alone(replace(wanted, output=tmp_path / "alone"))[0])


def test_one_process_without_memory_ends_all(wanted, monkeypatch):
    """The first one waits for the second meanwhile, and must not wait for ever."""
    monkeypatch.setenv("PYTHONPATH", str(STARVED))
    with pytest.raises(MemoryError, match="can't allocate memory"):
        launch(wanted)


def test_what_the_listener_raises_ends_all(wanted):
    def lost(figures):
        raise ProcessLookupError("the lease is lost")

    with pytest.raises(ProcessLookupError, match="the lease is lost"):
        launch(wanted, on_step=lost)


@pytest.mark.parametrize(
    ("wanted_processes", "gpus", "count"), [(0, 0, 1), (2, 0, 2), (0, 1, 1), (0, 4, 4), (1, 4, 1)]
)
def test_processes_are_one_a_gpu_unless_asked_for(monkeypatch, wanted_processes, gpus, count):
    monkeypatch.setattr(torch.cuda, "device_count", lambda: gpus)
    assert process_count(wanted_processes) == count


def test_more_processes_than_gpus_are_refused(monkeypatch):
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    with pytest.raises(TrainingError, match=r"3 training processes .* 2 GPUs.* Ask for fewer"):
        process_count(3)
