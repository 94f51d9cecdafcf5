import json

from moda_engine.training.callbacks import EpochFigures, StepFigures
from moda_engine.training.reporting import MetricsLog


def lines(path):
    return [json.loads(line) for line in path.read_text().splitlines()]


def step(number):
    return StepFigures(number, 4, (number + 1) // 2, 2.0 / number, 1e-3, 30)


def test_steps_and_epochs_as_they_happen(tmp_path):
    path = tmp_path / "metrics.jsonl"
    log = MetricsLog(path)
    log.on_step(step(1))
    log.on_step(step(2))
    log.on_epoch(EpochFigures(1, 1.5, None))
    first, _, epoch = lines(path)
    assert first.pop("tokens_per_second") > 0
    assert first == {
        "kind": "step", "step": 1, "steps": 4, "epoch": 1, "loss": 2.0, "learning_rate": 1e-3,
        "tokens": 30,
    }  # fmt: skip
    assert epoch == {
        "kind": "epoch", "step": 2, "epoch": 1, "training_loss": 1.5, "validation_loss": None,
    }  # fmt: skip


def test_taken_up_again_it_drops_what_will_be_done_again(tmp_path):
    path = tmp_path / "metrics.jsonl"
    log = MetricsLog(path)
    for number in (1, 2, 3):
        log.on_step(step(number))
    with path.open("a") as file:
        file.write('{"kind": "step", "st')  # killed while it wrote
    MetricsLog(path, step=2).on_step(step(3))
    assert [line["step"] for line in lines(path)] == [1, 2, 3]
