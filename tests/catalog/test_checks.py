"""The checks at start, each with what it is for."""

import pytest
from django.core.management import call_command

from catalog import checks


def ids(messages) -> list[str]:
    return [message.id for message in messages]


def test_the_project_passes_its_own_checks():
    call_command("check", "--fail-level", "WARNING")


def test_a_media_folder_that_cannot_be_written(settings, tmp_path):
    file = tmp_path / "file"
    file.write_bytes(b"")
    settings.MEDIA_DIRECTORY = file / "media"

    [message] = checks.folders_are_writable()

    assert message.id == "catalog.E001"
    assert str(file / "media") in message.msg
    assert "MODA_MEDIA_DIRECTORY" in message.hint


def test_folders_that_are_not_there_yet_are_fine(settings, tmp_path):
    settings.MEDIA_DIRECTORY = tmp_path / "a" / "b" / "media"

    assert checks.folders_are_writable() == []


def test_all_decoders_are_there():
    assert checks.photo_decoders_are_there() == []


@pytest.mark.parametrize(
    ("engine", "options", "expected"),
    [
        ("django.db.backends.sqlite3", {"transaction_mode": "IMMEDIATE"}, []),
        ("django.db.backends.sqlite3", {}, ["catalog.E003"]),
        ("django.db.backends.postgresql", {}, []),
    ],
)
def test_sqlite_must_take_its_lock_first(settings, monkeypatch, engine, options, expected):
    monkeypatch.setitem(settings.DATABASES, "default", {"ENGINE": engine, "OPTIONS": options})

    assert ids(checks.sqlite_takes_its_lock_first()) == expected


@pytest.mark.parametrize(("https", "expected"), [(True, []), (False, ["catalog.W001"])])
def test_deployment_asks_for_https(settings, https, expected):
    settings.HTTPS = https

    assert ids(checks.cookies_go_by_https()) == expected
