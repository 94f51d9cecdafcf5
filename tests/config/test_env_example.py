"""`.env.example` names every variable that the settings read, and no other."""

import re
from pathlib import Path

from config.env import READ_ELSEWHERE

ROOT = Path(__file__).resolve().parents[2]
NAME = r"MODA_[A-Z_]+|DATABASE_URL"


def test_every_setting_has_its_line_of_explanation():
    read = set(re.findall(rf'"({NAME})"', (ROOT / "config" / "settings.py").read_text()))
    lines = (ROOT / ".env.example").read_text().splitlines()
    shown = [number for number, line in enumerate(lines) if re.match(rf"#({NAME})=", line)]
    assert {lines[number][1:].partition("=")[0] for number in shown} == read - READ_ELSEWHERE
    assert all(lines[number - 1].startswith("# ") for number in shown)
