"""The doors for training, judging and replay, on a tiny checkpoint."""

import json

import numpy as np
import pytest
from PIL import Image

from catalog.engine.judging import JudgingRefused, candidate_judge, changes_find
from catalog.engine.training import (
    TrainingOptions,
    TrainingRefused,
    TrainingRequest,
    TrainingStopped,
    captions_train,
)
from catalog.engine.weights import ModelFolders
from tests.moda_engine.tiny import save_tiny_checkpoint


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    return ModelFolders(save_tiny_checkpoint(tmp_path_factory.mktemp("base") / "checkpoint"))


@pytest.fixture
def captions(tmp_path):
    """Four photos of noise with captions, in two categories."""
    folder = tmp_path / "captions"
    folder.mkdir()
    generator = np.random.default_rng(0)
    lines = []
    for number in range(4):
        pixels = generator.integers(0, 256, (50, 40, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(folder / f"{number}.png")
        record = {"file_name": f"{number}.png", "text": "Red checked skirt."}
        lines.append(json.dumps(record | {"category": "Apparel" if number else ""}) + "\n")
    (folder / "metadata.jsonl").write_text("".join(lines))
    return folder


def request(base, captions, output, **options):
    return TrainingRequest(
        base=base,
        captions=captions,
        output=output,
        held_out=captions,
        samples=[captions / "0.png"],
        options=TrainingOptions(epochs=2, learning_rate=5e-3, **options),
        cache=captions / "cache",
    )


@pytest.mark.parametrize("way", ["full", "adapter"])
def test_a_run_is_told_of_and_its_result_judged(base, captions, tmp_path, way):
    epochs, steps = [], []
    trained = captions_train(
        request(base, captions, tmp_path / "run", way=way),
        on_epoch=epochs.append,
        on_step=steps.append,
    )
    assert [(one.epoch, one.epochs, len(one.examples)) for one in epochs] == [(1, 2, 1), (2, 2, 1)]
    assert [(one.step, one.steps) for one in steps] == [(1, 2), (2, 2)]
    assert (trained.folders.adapter is not None) == (way == "adapter")
    judgement = candidate_judge(
        candidate=trained.folders, current=base, held_out=captions, cache=captions / "cache"
    )
    assert sorted(judgement.by_category) == ["", "Apparel"]
    assert judgement.by_category["Apparel"].current.n == 3
    assert judgement.overall.candidate.loss < judgement.overall.current.loss
    assert [row.approved for row in judgement.side_by_side] == ["Red checked skirt."] * 4
    changed = [row for row in judgement.side_by_side if row.current != row.candidate]
    found = changes_find(
        candidate=trained.folders, current=base, approved=captions, cache=captions / "cache"
    )
    assert list(found) == changed


def test_a_stopped_run_goes_on_where_it_stopped(base, captions, tmp_path):
    undisturbed = captions_train(request(base, captions, tmp_path / "undisturbed"))
    wanted = request(base, captions, tmp_path / "run")
    with pytest.raises(TrainingStopped, match="stopped after"):
        captions_train(wanted, should_stop=lambda: True)
    epochs = []
    trained = captions_train(wanted, on_epoch=epochs.append)
    assert [one.epoch for one in epochs] == [2]
    assert trained.weights_sha256 == undisturbed.weights_sha256


def test_an_empty_set_is_refused(base, captions, tmp_path):
    (captions / "metadata.jsonl").write_text("")
    with pytest.raises(TrainingRefused, match="training set is empty"):
        captions_train(request(base, captions, tmp_path / "run"))
    with pytest.raises(JudgingRefused, match="no approved text"):
        candidate_judge(candidate=base, current=base, held_out=captions)
