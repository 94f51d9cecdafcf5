"""The Spanish catalogue is complete, compiled as it stands, and holds what the code says."""

import shutil

import polib
import pytest
from django.conf import settings
from django.core.management import call_command

SPANISH = settings.ROOT / "locale" / "es" / "LC_MESSAGES"


def test_nothing_is_missing_or_doubtful():
    words = polib.pofile(str(SPANISH / "django.po"))
    assert [entry.msgid for entry in words if not entry.translated() or entry.fuzzy] == []


def test_the_compiled_words_are_those_of_the_source():
    def pairs(entries):
        return {(e.msgid, e.msgstr, tuple(sorted(e.msgstr_plural.items()))) for e in entries}

    compiled = polib.mofile(str(SPANISH / "django.mo"))
    assert pairs(compiled) == pairs(polib.pofile(str(SPANISH / "django.po")))


def test_every_marked_word_is_in_the_catalogue(tmp_path, settings, monkeypatch):
    if shutil.which("xgettext") is None:
        pytest.skip("xgettext is absent: apt-get install gettext")
    # It writes into every folder "locale" below where it stands: a copy, beside links to the rest.
    shutil.copytree(settings.ROOT / "locale", tmp_path / "locale")
    for name in ("catalog", "config", "templates"):
        (tmp_path / name).symlink_to(settings.ROOT / name)
    settings.LOCALE_PATHS = [tmp_path / "locale"]
    monkeypatch.chdir(tmp_path)
    options = {"symlinks": True, "no_obsolete": True, "no_location": True}
    call_command("makemessages", locale=["es"], **options, verbosity=0)
    marked = polib.pofile(str(tmp_path / "locale" / "es" / "LC_MESSAGES" / "django.po"))
    known = polib.pofile(str(SPANISH / "django.po"))
    assert {entry.msgid for entry in marked} == {entry.msgid for entry in known}
