"""Which version of the program this is: noted with training runs and back-ups."""

import subprocess
import tomllib
from functools import cache
from pathlib import Path

#: The checkout, or the folder that the code was copied to.
ROOT = Path(__file__).resolve().parents[1]


@cache
def program_version() -> str:
    """`0.1.0+99bc766`, with `-changed` where files differ from the commit; read once a process.

    The version alone where this is no checkout, or git is missing.
    """
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    version = str(project["version"])
    if not (ROOT / ".git").exists():
        return version
    command = ["git", "describe", "--always", "--exclude=*", "--dirty=-changed"]
    try:
        done = subprocess.run(  # noqa: S603 (a fixed program, no shell)
            command, cwd=ROOT, capture_output=True, text=True, timeout=10, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return version
    return f"{version}+{done.stdout.strip()}"
