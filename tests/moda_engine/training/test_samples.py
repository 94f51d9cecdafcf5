"""The samples that a run logs are what the weights of each epoch write, by any optimiser."""

import json
from dataclasses import replace
from functools import partial

import pytest
import torch
from PIL import Image
from safetensors.torch import load_file

from moda_engine import ModaForCaptioning, ModaProcessor
from moda_engine.adapter import LEARNED, adapter_add, adapter_use
from moda_engine.describing.wordings import without_cut_word
from moda_engine.training import trainer
from moda_engine.training.callbacks import Callbacks
from moda_engine.training.optimization import learned_parameters, new_optimizer
from moda_engine.training.recipe import DEFAULT
from moda_engine.training.run import RunRequest, train_folders

EPOCHS = 3
#: In nobody's order of words, so that a sample is the model's text as it stands.
TEXTS = ["Trainers, white: number one.", "Red skirt, very red.", "A cap? Yes, blue.", "Boots."]


class _Unnoticed(torch.optim.Optimizer):
    """Writes weights by `.data`, of which torch keeps no count."""

    def __init__(self, groups) -> None:
        super().__init__(groups, {"lr": 0.0})

    @torch.no_grad()
    def step(self, closure=None):
        for group in self.param_groups:
            for parameter in group["params"]:
                if parameter.grad is not None:
                    parameter.data -= group["lr"] * parameter.grad.sign()


def _adam(model, recipe, **settings):
    groups = new_optimizer(model, recipe).param_groups
    kept = [{name: group[name] for name in ("params", "rate_share")} for group in groups]
    return torch.optim.AdamW(kept, lr=recipe.learning_rate, **settings)


OPTIMISERS = {
    "as it is": new_optimizer,
    "fused": partial(_adam, fused=True),
    "foreach": partial(_adam, foreach=True),
    "one by one": partial(_adam, foreach=False, fused=False),
    "no count": lambda model, recipe: _Unnoticed(_adam(model, recipe).param_groups),
}


@pytest.fixture
def captions(imagefolder):
    """The folder's photos with other texts."""
    lines = [
        json.dumps({"file_name": f"images/{number}.png", "text": text})
        for number, text in enumerate(TEXTS)
    ]
    (imagefolder / "metadata.jsonl").write_text("\n".join(lines), encoding="utf-8")
    return imagefolder


def generated(checkpoint, state, photos, way):
    """What transformers' own `generate` writes with the weights that a run saved."""
    model = ModaForCaptioning.from_pretrained(checkpoint)
    processor = ModaProcessor.from_pretrained(checkpoint)
    if way == "adapter":
        adapter_add(model, 0)
        adapter_use(model, LEARNED)
    tensors = load_file(state / "state.safetensors")
    with torch.no_grad():
        for name, parameter in learned_parameters(model).items():
            parameter.copy_(tensors[f"weights/{name}"])
    pixels = processor(images=[Image.open(path) for path in photos])["pixel_values"]
    tokenizer = processor.tokenizer
    rows = model.eval().generate(pixel_values=pixels, max_new_tokens=64).tolist()
    texts = [tokenizer.decode(row, skip_special_tokens=True).strip() for row in rows]
    return [  # a text that ran out of room loses its cut word
        text if tokenizer.eos_token_id in row else without_cut_word(text)
        for row, text in zip(rows, texts, strict=True)
    ]


@pytest.mark.parametrize(
    ("optimiser", "way"), [*((name, "full") for name in OPTIMISERS), ("as it is", "adapter")]
)
def test_the_samples_of_an_epoch_are_what_its_weights_write(
    checkpoint, captions, tmp_path, monkeypatch, optimiser, way
):
    monkeypatch.setattr(trainer, "new_optimizer", OPTIMISERS[optimiser])
    samples = [captions / "images" / f"{number}.png" for number in range(2)]
    recipe = replace(
        DEFAULT,
        epochs=EPOCHS,
        batch_size=2,
        accumulation=1,
        learning_rate=1e-2,
        way=way,
        least_steps=1,
    )
    request = RunRequest(
        [captions], tmp_path / "run", model=checkpoint, recipe=recipe, samples=samples
    )
    logged, expected = [], []

    def epoch_ended(figures, texts):
        state = max((request.output / "checkpoints").glob("step-*"))
        expected.append(generated(checkpoint, state, samples, way))
        logged.append(list(texts))

    train_folders(request, say=lambda line: None, callbacks=Callbacks(on_epoch=epoch_ended))
    assert logged == expected
    assert len({tuple(texts) for texts in logged}) > 1
    lines = (request.output / "examples.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["texts"] for line in lines] == expected
