"""Who the built-in starter is. Reads files; loads no model."""

import re

#: The first lines of a model card, between dashes, hold its licence.
_LICENCE = re.compile(r"^licen[sc]e:\s*(\S.*?)\s*$", re.IGNORECASE | re.MULTILINE)


def starter_identity() -> tuple[str, str, str]:
    """(name, SHA-256 of its weights, licence). Raises `CheckpointError` where there is none."""
    from moda_engine import STARTER_DIRECTORY
    from moda_engine.checkpoint import weights_sha256

    sha256 = weights_sha256(STARTER_DIRECTORY)
    card = STARTER_DIRECTORY / "README.md"
    text = card.read_text(encoding="utf-8") if card.is_file() else ""
    front = text.split("---")[1] if text.startswith("---") and text.count("---") > 1 else ""
    found = _LICENCE.search(front)
    return f"starter-{sha256[:8]}", sha256, found.group(1) if found else ""


def starter_metrics() -> dict[str, object]:
    """What was measured on the starter when it was built; empty if nothing was recorded."""
    from moda_engine import STARTER_DIRECTORY
    from moda_engine.checkpoint import training_record

    metrics = training_record(STARTER_DIRECTORY).get("metrics", {})
    return metrics if isinstance(metrics, dict) else {}
