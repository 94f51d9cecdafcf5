"""What a user of transformers does after `import moda_engine`, each in a fresh process."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def said_by(code: str) -> str:
    """What a fresh process prints that runs `code`."""
    result = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={**os.environ, "HF_HUB_DISABLE_PROGRESS_BARS": "1"},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert result.returncode == 0, result.stderr
    return result.stdout.strip()


@pytest.mark.parametrize(
    ("auto_class", "expected"),
    [
        ("AutoConfig", "ModaConfig"),
        ("AutoProcessor", "ModaProcessor"),
        ("AutoImageProcessor", "ModaImageProcessor"),
        ("AutoModel", "ModaForCaptioning"),
        ("AutoModelForImageTextToText", "ModaForCaptioning"),
    ],
)
@pytest.mark.parametrize("order", ["before", "after"])
def test_each_auto_class_knows_it_by_the_import_alone(auto_class, expected, order, checkpoint):
    imports = ["import moda_engine", f"from transformers import {auto_class}"]
    lines = imports if order == "before" else imports[::-1]
    load = f"{auto_class}.from_pretrained({str(checkpoint)!r})"
    assert said_by("\n".join([*lines, f"print(type({load}).__name__)"])) == expected


def test_other_models_of_transformers_load_as_ever():
    """Also those that our model is made of, whose modules load the Auto classes themselves."""
    assert said_by(
        "import moda_engine; from transformers import CLIPModel; print(CLIPModel.__name__)"
    )
    names = "CLIPTextModel, OPTForCausalLM, ResNetModel, Trainer, pipeline"
    assert said_by(f"import moda_engine; from transformers import {names}; print(1)") == "1"


def test_the_import_loads_neither_torch_nor_transformers():
    heavy = "{'torch', 'transformers', 'numpy', 'PIL'} & set(sys.modules)"
    assert said_by(f"import sys, moda_engine; print({heavy})") == "set()"


def test_a_pipeline_writes_what_the_model_does(checkpoint, photos, tmp_path):
    photos[0].save(tmp_path / "photo.png")
    code = f"""
import moda_engine, torch
from transformers import AutoModelForImageTextToText, AutoProcessor, pipeline
pipe = pipeline("image-text-to-text", model={str(checkpoint)!r}, dtype=torch.float32)
found = pipe({str(tmp_path / "photo.png")!r}, text="", max_new_tokens=6)
processor = AutoProcessor.from_pretrained({str(checkpoint)!r})
model = AutoModelForImageTextToText.from_pretrained({str(checkpoint)!r}, dtype=torch.float32)
tokens = model.generate(**processor({str(tmp_path / "photo.png")!r}), max_new_tokens=6)
print(found[0]["generated_text"] == processor.decode(tokens[0], skip_special_tokens=True) != "")
"""
    assert said_by(code).splitlines()[-1] == "True"
