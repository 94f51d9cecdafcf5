"""The engine's README, word for word: every command and every piece of Python in it runs."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from moda_engine.parts.assembly import checkpoint_assemble
from moda_engine.parts.published import PartRequest
from tests.moda_engine.published import publish_clip, publish_opt

ROOT = Path(__file__).resolve().parents[2]
README = ROOT / "moda_engine" / "README.md"
BLOCK = re.compile(r"(<!-- not run[^\n]*\n)?```(console|python)\n(.*?)```", re.DOTALL)


def steps() -> list[tuple[str, str]]:
    """(language, code) of every block that needs no network, in order."""
    found = BLOCK.findall(README.read_text(encoding="utf-8"))
    return [(language, code) for left_out, language, code in found if not left_out]


def shell_commands(block: str) -> str:
    assert all(line.startswith("$ ") for line in block.splitlines())
    return "\n".join(line.removeprefix("$ ") for line in block.splitlines())


@pytest.mark.slow
def test_the_way_from_photos_to_descriptions(tmp_path):
    # What `init` would have made of the hub's models, small.
    encoder, language_model = publish_clip(tmp_path / "clip"), publish_opt(tmp_path / "opt")
    checkpoint_assemble(
        tmp_path / "moda",
        encoder=PartRequest(str(encoder)),
        language_model=PartRequest(str(language_model)),
    )
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path, "PYTHONPATH": str(ROOT)}
    done = steps()
    assert [language for language, _ in done] == [
        "console",
        "python",
        "console",
        "console",
        "python",
        "python",
    ]
    for language, code in done:
        command = (
            [sys.executable, "-c", code]
            if language == "python"
            else ["bash", "-euo", "pipefail", "-c", shell_commands(code)]
        )
        result = subprocess.run(
            command, cwd=tmp_path, env=environment, capture_output=True, text=True
        )
        assert result.returncode == 0, f"{code}\n{result.stderr}"
        if "describer.describe_each(" in code:
            described = result.stdout
    # The licence of a part outlives training.
    assert "**Not for commercial use.**" in (tmp_path / "my-moda" / "README.md").read_text()
    names = sorted(path.name for path in (tmp_path / "held-out" / "images").iterdir())
    assert [line.split(":")[0] for line in described.splitlines()] == names
