import shutil

from moda_engine.starter_building.measured_card import measures_append


def test_the_card_gets_tables_of_each_set(checkpoint, imagefolder, tmp_path):
    folder = shutil.copytree(checkpoint, tmp_path / "checkpoint")
    (folder / "README.md").write_text("# A model\n", encoding="utf-8")
    measures_append(folder, {"ours": imagefolder, "theirs": imagefolder})
    card = (folder / "README.md").read_text(encoding="utf-8")
    headings = [line for line in card.splitlines() if line.startswith("#")]
    assert headings[:3] == ["# A model", "## Measured on ours", "### Measures"]
    assert headings.count("### Measures") == 2
    assert card.count("| n | 4 |") == 2
