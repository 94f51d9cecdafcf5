"""Runs that are killed with `kill -9`, taken up again, and end as if nothing had happened."""

import json
import multiprocessing
import signal

import pytest
from safetensors.torch import load_file

from moda_engine.checkpoint import check_checkpoint
from moda_engine.exceptions import CheckpointError
from moda_engine.training.run import train_folders
from tests.moda_engine.training.interrupted_run import request, run_until


@pytest.fixture(scope="module")
def processes():
    """Starts processes that have torch in memory already, and nothing else of this one."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.moda_engine.training.interrupted_run"])
    return context


def outcome(directory):
    """Final losses and weights."""
    record = json.loads((directory / "training.json").read_text())
    return record["curve"], load_file(directory / "model.safetensors")


@pytest.fixture
def undisturbed(tmp_path, imagefolder, checkpoint):
    output = tmp_path / "undisturbed"
    train_folders(request(output, imagefolder, checkpoint), say=lambda line: None)
    return outcome(output)


def same(found, expected):
    curves, weights = zip(found, expected, strict=True)
    for one, other in zip(*curves, strict=True):
        assert one == pytest.approx(other, rel=0, abs=1e-6)
    assert weights[0].keys() == weights[1].keys()
    for name, value in weights[1].items():
        assert (weights[0][name] - value).abs().max().item() <= 1e-6, name


@pytest.mark.faults
@pytest.mark.parametrize("moment", [7, 23, 40])
def test_killed_again_and_again_it_ends_the_same(
    processes, tmp_path, imagefolder, checkpoint, undisturbed, moment
):
    """Each process touches its folder some times, ever more, and dies, until one lives on."""
    wanted = request(tmp_path / "run", imagefolder, checkpoint)
    kills = 0
    while True:
        process = processes.Process(target=run_until, args=(wanted, moment * (kills + 1)))
        process.start()
        process.join()
        if process.exitcode == 0:
            break
        assert process.exitcode == -signal.SIGKILL
        kills += 1
        assert kills < 40
        with pytest.raises(CheckpointError):
            check_checkpoint(wanted.output)
    assert kills >= 2
    same(outcome(wanted.output), undisturbed)
    steps = [
        json.loads(line) for line in (wanted.output / "metrics.jsonl").read_text().splitlines()
    ]
    assert [line["step"] for line in steps if line["kind"] == "step"] == list(range(1, 7))


def test_a_finished_run_is_left_as_it_is(tmp_path, imagefolder, checkpoint, undisturbed):
    said = []
    wanted = request(tmp_path / "undisturbed", imagefolder, checkpoint)
    curve = train_folders(wanted, say=said.append)
    assert [figures.epoch for figures in curve] == [1, 2, 3]
    assert said[-1].endswith("is finished: there is nothing to go on with.")
