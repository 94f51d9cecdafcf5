"""Typed readers of the environment. They know nothing of Django's settings.

A wrong value ends the start with one line that names the variable, what is wrong with its value and
what is allowed. Nothing falls back to a default because a value was mistyped.
"""

import difflib
import os
import secrets
import tempfile
from collections.abc import Iterable, Mapping
from hashlib import sha256
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import environ

PREFIX = "MODA_"
#: Variables with our prefix that other programs of the project read: no setting, but no mistake.
READ_ELSEWHERE = frozenset({"MODA_ENGINE_OPERATORS", "MODA_ENV_FILE", "MODA_TEST_DATABASE"})
#: `sun_path` holds 108 bytes on Linux and 104 on macOS; the server appends nothing to it.
LONGEST_SOCKET_PATH = 100


class WrongSetting(SystemExit):
    """A variable cannot be used. A `SystemExit`, so that the start ends in one line, no trace."""

    def __init__(self, name: str, problem: str, allowed: str) -> None:
        self.name = name
        super().__init__(f"moda: {name} {problem}; allowed: {allowed}.")


class Environment:
    """Reads each variable once, by type, and remembers which names it knows."""

    def __init__(self, variables: Mapping[str, str]) -> None:
        self._variables = variables
        self._known: set[str] = set(READ_ELSEWHERE)

    def text(self, name: str, default: str = "") -> str:
        """The value without surrounding white space; empty and unset both give the default."""
        self._known.add(name)
        return self._variables.get(name, "").strip() or default

    def flag(self, name: str, *, default: bool) -> bool:
        """True or false. (django-environ reads every unknown word as false: we refuse it.)"""
        value = self.text(name, "true" if default else "false")
        if value.lower() in ("true", "1", "yes", "on"):
            return True
        if value.lower() in ("false", "0", "no", "off"):
            return False
        raise WrongSetting(name, f"is {value!r}, which is neither true nor false", "true, false")

    def whole_number(self, name: str, *, default: int, minimum: int, maximum: int) -> int:
        """A whole number within both bounds, which are allowed themselves."""
        value = self.text(name, str(default))
        allowed = f"a whole number from {minimum} to {maximum}"
        if not value.isascii() or not value.isdigit():
            raise WrongSetting(name, f"is {value!r}, which is no whole number", allowed)
        if not minimum <= int(value) <= maximum:
            raise WrongSetting(name, f"is {value}, which is out of range", allowed)
        return int(value)

    def decimal(self, name: str, *, default: float, minimum: float, maximum: float) -> float:
        """A decimal number within both bounds, which are allowed themselves."""
        value = self.text(name, str(default))
        allowed = f"a number from {minimum:g} to {maximum:g}"
        try:
            number = float(value)
        except ValueError as error:
            raise WrongSetting(name, f"is {value!r}, which is no number", allowed) from error
        if not minimum <= number <= maximum:  # which a NaN is not either
            raise WrongSetting(name, f"is {value}, which is out of range", allowed)
        return number

    def names(self, name: str, *, default: str) -> list[str]:
        """Words between commas."""
        values = [part.strip() for part in self.text(name, default).split(",")]
        if not all(values) or any(" " in value for value in values):
            raise WrongSetting(
                name, f"is {','.join(values)!r}, which holds an empty name", "names between commas"
            )
        return values

    def networks(self, name: str) -> list[IPv4Network | IPv6Network]:
        """Addresses or networks between commas; none where nothing is said."""
        values = self.names(name, default="") if self.text(name) else []
        try:
            return [ip_network(value) for value in values]
        except ValueError as error:
            raise WrongSetting(
                name, f"holds no network ({error})", "addresses or networks such as 10.0.0.0/8"
            ) from error

    def choice(self, name: str, *allowed: str) -> str:
        """One of the words; empty where none is chosen."""
        value = self.text(name)
        if value and value not in allowed:
            raise WrongSetting(name, f"is {value!r}, which is none of them", ", ".join(allowed))
        return value

    def lists(self, name: str) -> dict[str, list[str]]:
        """`de-AT=de,en; fr-CA=fr`: by each key its words; empty where nothing is said."""
        allowed = "lists such as de-AT=de,en; fr-CA=fr"
        found: dict[str, list[str]] = {}
        for part in filter(None, (part.strip() for part in self.text(name).split(";"))):
            key, _, words = part.partition("=")
            values = [word.strip() for word in words.split(",")]
            if not key.strip() or not all(values):
                raise WrongSetting(name, f"holds {part!r}, which is no list", allowed)
            if key.strip() in found:
                raise WrongSetting(name, f"has two lists for {key.strip()!r}", allowed)
            found[key.strip()] = values
        return found

    def folder(self, name: str, *, default: Path) -> Path:
        """An absolute path that is a folder or does not exist yet. Nothing is created."""
        path = Path(self.text(name, str(default))).expanduser()
        if not path.is_absolute():
            raise WrongSetting(name, f"is {str(path)!r}, which is relative", "an absolute path")
        if path.exists() and not path.is_dir():
            raise WrongSetting(name, f"is {str(path)!r}, which is a file", "a folder")
        return path

    def database(self, name: str, *, default: str) -> dict[str, Any]:
        """Django's connection settings of a `sqlite:///` or `postgres://` address."""
        value = self.text(name, default)
        allowed = "sqlite:////absolute/path.sqlite3, postgres://user:password@host:port/name"
        scheme = value.partition(":")[0]
        if scheme not in ("sqlite", "postgres", "postgresql"):
            # The value is not repeated: it may hold a password.
            raise WrongSetting(name, f"begins with {scheme[:20]!r}", allowed)
        try:
            configuration = dict(environ.Env.db_url_config(value))
        except (ValueError, environ.ImproperlyConfigured) as error:
            raise WrongSetting(name, "is no address of a database", allowed) from error
        if not configuration.get("NAME"):
            raise WrongSetting(name, "names no database", allowed)
        return configuration

    def mail_server(self, name: str) -> dict[str, Any]:
        """Django's settings of an `smtp+tls://` or `smtp+ssl://` address; empty prints mails."""
        value = self.text(name, "consolemail://")
        allowed = "smtp+tls://user:password@host:587, smtp+ssl://user:password@host:465"
        try:
            configuration = dict(environ.Env.email_url_config(value))
        except (KeyError, ValueError, environ.ImproperlyConfigured) as error:
            raise WrongSetting(name, "is no address of a mail server", allowed) from error
        return configuration

    def broker(self, name: str, *, default: str) -> str:
        """The address of a server that speaks the Redis protocol."""
        value = self.text(name, default)
        allowed = "redis://host:port/0, rediss://host:port/0, redis+socket:///path/of/socket"
        parts = urlsplit(value)
        if parts.scheme not in ("redis", "rediss", "redis+socket"):
            raise WrongSetting(name, f"begins with {parts.scheme[:20]!r}", allowed)
        if parts.scheme == "redis+socket" and len(parts.path) < 2:
            raise WrongSetting(name, "names no socket", allowed)
        if parts.scheme != "redis+socket" and not parts.hostname:
            raise WrongSetting(name, "names no host", allowed)
        return value

    def refuse_unknown(self) -> None:
        """Stop at a variable with our prefix that nobody reads: most likely it is mistyped."""
        for name in sorted(self._variables):
            if name.startswith(PREFIX) and name not in self._known:
                near = difflib.get_close_matches(name, self._known, n=1)
                hint = f"did you mean {near[0]}? known" if near else "known"
                known = ", ".join(sorted(self._known - READ_ELSEWHERE))
                raise SystemExit(f"moda: {name} is no setting of this program; {hint}: {known}.")


def secret_key(env: Environment, name: str, *, file: Path, may_generate: bool) -> str:
    """The signing key: the variable, else the file's content, else (development) a new file.

    The file is written with mode 600, and by link, so that of two starts at once both read one key.
    """
    key = env.text(name)
    if key and len(key) < 32:
        raise WrongSetting(
            name, "is too short to be safe", "a random text of 32 characters or more"
        )
    if key:
        return key
    if not file.exists():
        if not may_generate:
            raise WrongSetting(
                name, "is not set", "a random text (or MODA_DEBUG=true, which generates one)"
            )
        file.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("w", dir=file.parent, delete=False) as draft:
            draft.write(secrets.token_urlsafe(48))
        try:
            os.link(draft.name, file)
        except FileExistsError:
            pass  # the other start was first: its key is the one
        finally:
            Path(draft.name).unlink()
    return file.read_text().strip()


def embedded_broker_socket(data_directory: Path) -> Path:
    """Where the embedded broker listens: below the data folder, if that path is short enough."""
    socket = data_directory / "run" / "valkey.sock"
    if len(os.fsencode(socket)) <= LONGEST_SOCKET_PATH:
        return socket
    name = sha256(os.fsencode(data_directory)).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"moda-{os.getuid()}-{name}" / "valkey.sock"


def cache_location(broker_url: str, *, database: int) -> str:
    """The address by which redis-py finds the broker's server, in another of its databases."""
    parts = urlsplit(broker_url)
    if parts.scheme == "redis+socket":
        return f"unix://{parts.netloc}{parts.path}?db={database}"
    return parts._replace(path=f"/{database}").geturl()


def trusted_origins(hosts: Iterable[str]) -> list[str]:
    """The https origins of the allowed hosts, as `CSRF_TRUSTED_ORIGINS` wants them."""
    return [f"https://{'*' if host.startswith('.') else ''}{host}" for host in hosts if host != "*"]
