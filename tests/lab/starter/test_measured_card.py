import shutil

import pytest
from PIL import Image

from catalog.model_packages import package_files
from lab.starter.captions import MODEL_CARD
from lab.starter.measured_card import _CALIBRATION, measures_append
from moda_engine import STARTER_DIRECTORY
from moda_engine.checkpoint import check_checkpoint, weights_sha256


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
    written = MODEL_CARD.read_text(encoding="utf-8")
    assert card.startswith(f"{written}\n{_CALIBRATION}\n## Measured on fashion-2906/test\n")
    assert card.count(": most frequent confusions\n") == 8  # two sets, four kinds each


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
