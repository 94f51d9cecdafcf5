"""The readers of the environment: what they take, and the one line they end with otherwise."""

import stat
from pathlib import Path

import pytest

from config.env import (
    Environment,
    WrongSetting,
    cache_location,
    embedded_broker_socket,
    secret_key,
    trusted_origins,
)


def line(call) -> str:
    """The line that a wrong value ends with; exactly one."""
    with pytest.raises(SystemExit) as caught:
        call()
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize(
    ("value", "expected"),
    [("true", True), ("1", True), ("Yes", True), ("false", False), ("0", False), (" ", True)],
)
def test_flag(value, expected):
    assert Environment({"MODA_X": value}).flag("MODA_X", default=True) is expected


@pytest.mark.parametrize("value", ["maybe", "2", "tru"])
def test_a_wrong_flag(value):
    assert line(lambda: Environment({"MODA_X": value}).flag("MODA_X", default=False)) == (
        f"moda: MODA_X is '{value}', which is neither true nor false; allowed: true, false."
    )


@pytest.mark.parametrize(("value", "expected"), [("1", 1), ("9", 9), ("", 5)])
def test_whole_number(value, expected):
    env = Environment({"MODA_X": value})

    assert env.whole_number("MODA_X", default=5, minimum=1, maximum=9) == expected


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        ("0", "is 0, which is out of range"),
        ("10", "is 10, which is out of range"),
        ("-1", "is '-1', which is no whole number"),
        ("1.5", "is '1.5', which is no whole number"),
        ("two", "is 'two', which is no whole number"),
        ("²", "is '²', which is no whole number"),
    ],
)
def test_a_wrong_whole_number(value, problem):
    env = Environment({"MODA_X": value})

    assert line(lambda: env.whole_number("MODA_X", default=5, minimum=1, maximum=9)) == (
        f"moda: MODA_X {problem}; allowed: a whole number from 1 to 9."
    )


def test_choice():
    env = Environment({"MODA_X": " int8 "})
    assert env.choice("MODA_X", "float32", "int8") == "int8"
    assert env.choice("MODA_Y", "float32", "int8") == ""
    assert line(lambda: env.choice("MODA_X", "float32", "bfloat16")) == (
        "moda: MODA_X is 'int8', which is none of them; allowed: float32, bfloat16."
    )


def test_names():
    assert Environment({"X": " a, b "}).names("X", default="c") == ["a", "b"]
    assert Environment({}).names("X", default="c,d") == ["c", "d"]
    assert "holds an empty name" in line(lambda: Environment({"X": "a,,b"}).names("X", default=""))


def test_lists():
    read = Environment({"MODA_X": "de-AT=de, en; fr-CA=fr;"}).lists("MODA_X")
    assert read == {"de-AT": ["de", "en"], "fr-CA": ["fr"]}
    assert Environment({}).lists("MODA_X") == {}


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        *[("de", "holds 'de', which is no list"), ("=de", "holds '=de', which is no list")],
        *[("a=b; a=c", "has two lists for 'a'"), ("a=b,,c", "holds 'a=b,,c', which is no list")],
    ],
)
def test_a_wrong_list(value, problem):
    assert line(lambda: Environment({"MODA_X": value}).lists("MODA_X")) == (
        f"moda: MODA_X {problem}; allowed: lists such as de-AT=de,en; fr-CA=fr."
    )


def test_folder(tmp_path):
    file = tmp_path / "file"
    file.write_bytes(b"")

    assert Environment({}).folder("X", default=tmp_path / "new") == tmp_path / "new"
    assert not (tmp_path / "new").exists()
    assert line(lambda: Environment({"X": "var"}).folder("X", default=tmp_path)) == (
        "moda: X is 'var', which is relative; allowed: an absolute path."
    )
    assert line(lambda: Environment({"X": str(file)}).folder("X", default=tmp_path)) == (
        f"moda: X is '{file}', which is a file; allowed: a folder."
    )


def test_database():
    def read(value: str) -> dict:
        return Environment({"DATABASE_URL": value}).database("DATABASE_URL", default="")

    assert read("sqlite:////data/x.sqlite3")["NAME"] == "/data/x.sqlite3"
    postgres = read("postgres://user:pass@host:5433/shop")
    assert postgres["ENGINE"] == "django.db.backends.postgresql"
    assert (postgres["NAME"], postgres["HOST"], postgres["PORT"]) == ("shop", "host", 5433)


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        ("mysql://user:hunter2@host/db", "begins with 'mysql'"),
        ("/data/x.sqlite3", "begins with '/data/x.sqlite3'"),
        ("postgres://user:hunter2@host:port/db", "is no address of a database"),
        ("postgres://user:hunter2@host/", "names no database"),
    ],
)
def test_a_wrong_database_is_named_without_its_password(value, problem):
    told = line(lambda: Environment({"DATABASE_URL": value}).database("DATABASE_URL", default=""))

    assert told.startswith(f"moda: DATABASE_URL {problem}; allowed: sqlite:////absolute/")
    assert "hunter2" not in told


def test_mail_server():
    def read(value: str) -> dict:
        return Environment({"X": value}).mail_server("X")

    assert read("")["EMAIL_BACKEND"] == "django.core.mail.backends.console.EmailBackend"
    tls = read("smtp+tls://anna:hunter%402@host:587")
    assert (tls["EMAIL_HOST"], tls["EMAIL_PORT"], tls["EMAIL_USE_TLS"]) == ("host", 587, True)
    assert (tls["EMAIL_HOST_USER"], tls["EMAIL_HOST_PASSWORD"]) == ("anna", "hunter@2")


@pytest.mark.parametrize("value", ["mail.example.com", "http://anna:hunter2@host", "smtp://host:x"])
def test_a_wrong_mail_server_is_named_without_its_password(value):
    told = line(lambda: Environment({"X": value}).mail_server("X"))
    assert told.startswith("moda: X is no address of a mail server; allowed: smtp+tls://")
    assert "hunter2" not in told


@pytest.mark.parametrize(
    "value", ["redis://host:6379/0", "rediss://host/0", "redis+socket:///run/valkey.sock"]
)
def test_broker(value):
    assert Environment({"X": value}).broker("X", default="") == value


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        ("amqp://guest:hunter2@host//", "begins with 'amqp'"),
        ("redis://", "names no host"),
        ("redis+socket://", "names no socket"),
    ],
)
def test_a_wrong_broker(value, problem):
    told = line(
        lambda: Environment({"MODA_BROKER_URL": value}).broker("MODA_BROKER_URL", default="")
    )

    assert told.startswith(f"moda: MODA_BROKER_URL {problem}; allowed: redis://")
    assert "hunter2" not in told


def test_an_unknown_variable_is_named_with_the_one_it_resembles():
    env = Environment({"MODA_LEASE_SECOND": "5", "OTHER": "x", "MODA_TEST_DATABASE": "sqlite"})
    env.whole_number("MODA_LEASE_SECONDS", default=5, minimum=1, maximum=9)

    assert line(env.refuse_unknown) == (
        "moda: MODA_LEASE_SECOND is no setting of this program; "
        "did you mean MODA_LEASE_SECONDS? known: MODA_LEASE_SECONDS."
    )


def test_known_variables_and_those_of_others_pass():
    env = Environment({"MODA_X": "y", "HOME": "/root"})
    env.text("MODA_X")

    env.refuse_unknown()


def test_a_secret_key_is_generated_once_for_its_owner_alone(tmp_path):
    file = tmp_path / "data" / "secret-key"

    first = secret_key(Environment({}), "MODA_SECRET_KEY", file=file, may_generate=True)

    assert len(first) >= 50
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [path.name for path in file.parent.iterdir()] == ["secret-key"]
    for may_generate in (True, False):
        key = secret_key(Environment({}), "MODA_SECRET_KEY", file=file, may_generate=may_generate)
        assert key == first


def test_of_two_starts_at_once_both_use_the_key_of_the_first(tmp_path, monkeypatch):
    """The rival writes its key after we looked for one."""
    file = tmp_path / "secret-key"
    exists = Path.exists

    def exists_and_then_the_rival_writes(path: Path) -> bool:
        found = exists(path)
        monkeypatch.setattr(Path, "exists", exists)
        file.write_text("the key of the rival")
        return found

    monkeypatch.setattr(Path, "exists", exists_and_then_the_rival_writes)

    key = secret_key(Environment({}), "MODA_SECRET_KEY", file=file, may_generate=True)

    assert key == file.read_text() == "the key of the rival"


def test_production_has_no_default_secret_key(tmp_path):
    file = tmp_path / "secret-key"

    told = line(
        lambda: secret_key(Environment({}), "MODA_SECRET_KEY", file=file, may_generate=False)
    )

    assert told == (
        "moda: MODA_SECRET_KEY is not set; "
        "allowed: a random text (or MODA_DEBUG=true, which generates one)."
    )
    assert not file.exists()


def test_a_short_secret_key_is_refused_and_not_repeated(tmp_path):
    env = Environment({"MODA_SECRET_KEY": "hunter2"})

    with pytest.raises(WrongSetting) as caught:
        secret_key(env, "MODA_SECRET_KEY", file=tmp_path / "f", may_generate=True)
    assert "hunter2" not in str(caught.value)


def test_the_brokers_socket_lies_in_the_data_folder_where_that_is_short_enough():
    assert embedded_broker_socket(Path("/srv/moda")) == Path("/srv/moda/run/valkey.sock")

    deep = Path("/srv") / ("x" * 100)
    short = embedded_broker_socket(deep)
    assert len(str(short)) <= 100
    assert short == embedded_broker_socket(deep)
    assert short != embedded_broker_socket(deep / "y")


@pytest.mark.parametrize(
    ("broker", "cache"),
    [
        ("redis+socket:///run/valkey.sock", "unix:///run/valkey.sock?db=1"),
        ("redis+socket://:pass@/run/valkey.sock", "unix://:pass@/run/valkey.sock?db=1"),
        ("redis://:pass@host:6379/0", "redis://:pass@host:6379/1"),
        ("rediss://host", "rediss://host/1"),
    ],
)
def test_the_cache_lies_on_the_brokers_server_in_another_database(broker, cache):
    assert cache_location(broker, database=1) == cache


def test_trusted_origins():
    assert trusted_origins(["shop.example", ".example.org", "*"]) == [
        "https://shop.example",
        "https://*.example.org",
    ]
