"""The settings as processes of their own see them."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
KEY = "k" * 40
REPORT = """
import json
from config import settings as s
print(json.dumps({name: getattr(s, name) for name in %r}, default=str))
"""


def start(tmp_path: Path, code: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run a line of Python with these variables and nothing else of ours."""
    plain = {name: value for name, value in os.environ.items() if not name.startswith("MODA_")}
    plain.pop("DATABASE_URL", None)
    environment = {
        **plain,
        "MODA_ENV_FILE": "none",
        "MODA_DATA_DIRECTORY": str(tmp_path),
        **variables,
    }
    return subprocess.run(
        [sys.executable, "-c", code],
        env=environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
    )


def read(tmp_path: Path, *names: str, **variables: str) -> dict:
    result = start(tmp_path, REPORT % (names,), **{"MODA_SECRET_KEY": KEY, **variables})
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout)


def test_the_defaults_are_those_of_production(tmp_path):
    found = read(tmp_path, "DEBUG", "ALLOWED_HOSTS", "DATABASES", "BROKER_URL", "MEDIA_DIRECTORY")

    assert found["DEBUG"] is False
    assert found["ALLOWED_HOSTS"] == ["localhost", "127.0.0.1"]
    assert found["MEDIA_DIRECTORY"] == str(tmp_path / "media")
    assert found["BROKER_URL"] == f"redis+socket://{tmp_path / 'run' / 'valkey.sock'}"
    database = found["DATABASES"]["default"]
    assert database["NAME"] == str(tmp_path / "moda.sqlite3")
    assert database["OPTIONS"] == {
        "transaction_mode": "IMMEDIATE",
        "timeout": 30,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
    }


def test_sqlite_really_runs_in_that_mode(tmp_path):
    code = (
        "import django; django.setup()\n"
        "from django.db import connection\n"
        "cursor = connection.cursor()\n"
        "for name in ('journal_mode', 'synchronous'):\n"
        "    print(cursor.execute(f'PRAGMA {name}').fetchone()[0])\n"
    )

    result = start(tmp_path, code, MODA_SECRET_KEY=KEY, DJANGO_SETTINGS_MODULE="config.settings")

    assert result.stdout.split() == ["wal", "2"], result.stderr


@pytest.mark.parametrize(
    ("variables", "line"),
    [
        (
            {"MODA_LEASE_SECONDS": "soon"},
            "moda: MODA_LEASE_SECONDS is 'soon', which is no whole number; "
            "allowed: a whole number from 1 to 3600.",
        ),
        (
            {"MODA_DEBUG": "ja"},
            "moda: MODA_DEBUG is 'ja', which is neither true nor false; allowed: true, false.",
        ),
        (
            {"MODA_SECRET_KEY": ""},
            "moda: MODA_SECRET_KEY is not set; "
            "allowed: a random text (or MODA_DEBUG=true, which generates one).",
        ),
    ],
)
def test_a_wrong_setting_stops_manage_py_with_one_line(tmp_path, variables, line):
    code = (
        "import runpy, sys; sys.argv = ['manage.py', 'check']\n"
        "runpy.run_path('manage.py', run_name='__main__')"
    )

    result = start(tmp_path, code, **{"MODA_SECRET_KEY": KEY, **variables})

    assert result.returncode == 1
    assert result.stderr == line + "\n"
    assert result.stdout == ""


def test_a_mistyped_variable_stops_the_start(tmp_path):
    result = start(tmp_path, "import config.settings", MODA_SECRET_KEY=KEY, MODA_DEBUGG="true")

    assert result.returncode == 1
    assert result.stderr.startswith(
        "moda: MODA_DEBUGG is no setting of this program; did you mean MODA_DEBUG? known: "
    )
    assert result.stderr.count("\n") == 1


def test_development_generates_its_secret_key(tmp_path):
    first = read(tmp_path, "SECRET_KEY", MODA_DEBUG="true", MODA_SECRET_KEY="")
    second = read(tmp_path, "SECRET_KEY", MODA_DEBUG="true", MODA_SECRET_KEY="")

    assert first == second == {"SECRET_KEY": (tmp_path / "secret-key").read_text()}


def test_https_makes_the_cookies_secure(tmp_path):
    names = ("SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE", "SECURE_HSTS_SECONDS")

    assert read(tmp_path, *names) == dict.fromkeys(names[:2], False) | {names[2]: 0}
    assert read(
        tmp_path,
        *names,
        "CSRF_TRUSTED_ORIGINS",
        MODA_HTTPS="true",
        MODA_ALLOWED_HOSTS="shop.example",
    ) == {
        "SESSION_COOKIE_SECURE": True,
        "CSRF_COOKIE_SECURE": True,
        "SECURE_HSTS_SECONDS": 86_400,
        "CSRF_TRUSTED_ORIGINS": ["https://shop.example"],
    }


def test_variables_come_from_a_file_too_and_the_environment_wins(tmp_path):
    file = tmp_path / "env"
    file.write_text("MODA_LEASE_BATCH=7\nMODA_WAKE_SECONDS=8\n")

    found = read(
        tmp_path,
        "LEASE_BATCH",
        "WAKE_SECONDS",
        MODA_ENV_FILE=str(file),
        MODA_WAKE_SECONDS="9",
    )

    assert found == {"LEASE_BATCH": 7, "WAKE_SECONDS": 9}


def test_the_content_security_policy_allows_nothing_inline(tmp_path):
    policy = read(tmp_path, "CONTENT_SECURITY_POLICY")["CONTENT_SECURITY_POLICY"]["DIRECTIVES"]

    words = {word for values in policy.values() for word in values}
    assert words == {"'none'", "'self'", "data:"}
    assert policy["default-src"] == ["'none'"]
    assert policy["script-src"] == ["'self'"]


def test_passwords_are_hashed_by_argon2(tmp_path):
    hashers = read(tmp_path, "PASSWORD_HASHERS")["PASSWORD_HASHERS"]

    assert hashers[0] == "django.contrib.auth.hashers.Argon2PasswordHasher"
