"""What the model card of a checkpoint says of its licence. Reads a file; loads no model."""

import re
from pathlib import Path

#: The first lines of a model card, between dashes, hold its licence.
_LICENCE = re.compile(r"^(licen[sc]e(?:_name)?):\s*(\S.*?)\s*$", re.IGNORECASE | re.MULTILINE)


def card_licence(directory: Path) -> str:
    """The licence in the head of `directory/README.md`: its name where it has one; else empty."""
    card = directory / "README.md"
    text = card.read_text(encoding="utf-8") if card.is_file() else ""
    front = text.split("---")[1] if text.startswith("---") and text.count("---") > 1 else ""
    stated = {key.lower(): value for key, value in _LICENCE.findall(front)}
    return str(stated.get("license_name") or stated.get("license") or stated.get("licence") or "")
