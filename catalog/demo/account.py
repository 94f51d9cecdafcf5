"""The log-in of a demo: made once a data folder, its password kept in a file of the owner alone."""

import os
import secrets
from pathlib import Path

from django.contrib.auth import get_user_model

USERNAME = "admin"


def demo_account(*, data_directory: Path) -> tuple[str, str]:
    """(user, password) to print. An account that exists is never changed.

    The password is a hint in brackets where it is not the one that we once made up.
    """
    file = data_directory / "demo-password"
    users = get_user_model().objects
    user = users.filter(username=USERNAME).first()
    if user is None:
        password = _stored(file) or _store(file, secrets.token_urlsafe(12))
        users.create_superuser(username=USERNAME, password=password)
        return USERNAME, password
    password = _stored(file)
    if password and user.check_password(password):
        return USERNAME, password
    return USERNAME, "(the one you gave this user)"


def _stored(file: Path) -> str:
    return file.read_text().strip() if file.is_file() else ""


def _store(file: Path, password: str) -> str:
    file.parent.mkdir(parents=True, exist_ok=True)
    # Mode 600 from its first moment on, not after the write.
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as output:
        output.write(password + "\n")
    return password
