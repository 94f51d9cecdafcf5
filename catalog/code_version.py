"""Which code this is: the package's version and, in a checkout, its commit."""

import subprocess
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


@cache
def code_version() -> str:
    """`0.1.0+99bc766`, with `-changed` where files differ from the commit; known once a process."""
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    commit = _git("rev-parse", "--short", "HEAD")
    if not commit:
        return str(project["version"])
    changed = "-changed" if _git("status", "--porcelain", "--untracked-files=no") else ""
    return f"{project['version']}+{commit}{changed}"


def _git(*arguments: str) -> str:
    """What git answers; empty where this is no checkout, or git is missing."""
    if not (ROOT / ".git").exists():
        return ""
    try:
        done = subprocess.run(  # noqa: S603 (a fixed program, no shell)
            ["git", *arguments],  # noqa: S607
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=10,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""
