"""The photos of a demo: the user's own folder, or product shots drawn by `lab.drawings`."""

import subprocess
import sys
from pathlib import Path

from catalog.exceptions import ImportRefused


def demo_source(*, images: str, data_directory: Path, root: Path) -> Path:
    """The folder to import. Draws the demo catalog on the first call; raises `ImportRefused`."""
    if images:
        folder = Path(images).expanduser().resolve()
        if not folder.is_dir():
            raise ImportRefused(f"There is no folder {folder}. Give one that holds photos.")
        return folder
    folder = data_directory / "demo"
    if not (folder / "metadata.jsonl").is_file():
        # The catalog's only door to the laboratory, and a process of its own: nothing is imported.
        command = [sys.executable, "-m", "lab.drawings", "--output", str(folder)]
        done = subprocess.run(  # noqa: S603 (a fixed program; the folder is our own)
            command, cwd=root, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
        )
        if done.returncode:
            lines = (done.stderr or done.stdout).strip().splitlines() or ["it said nothing"]
            raise ImportRefused(f"The demo catalog could not be drawn: {lines[-1]}")
    return folder
