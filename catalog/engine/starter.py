"""Who the built-in starter is. Reads files; loads no model."""

import json

from catalog.engine.licences import card_licence


def starter_identity() -> tuple[str, str, str]:
    """(name, SHA-256 of its weights, licence). Raises `CheckpointError` where there is none."""
    from moda_engine import STARTER_DIRECTORY
    from moda_engine.checkpoint import weights_sha256

    sha256 = weights_sha256(STARTER_DIRECTORY)
    return f"starter-{sha256[:8]}", sha256, card_licence(STARTER_DIRECTORY)


def starter_languages() -> list[str]:
    """What its checkpoint says that it writes; English where it says nothing."""
    from moda_engine import STARTER_DIRECTORY

    config = json.loads((STARTER_DIRECTORY / "config.json").read_text(encoding="utf-8"))
    return [str(code) for code in config.get("languages", ["en"])]


def starter_metrics() -> dict[str, object]:
    """What was measured on the starter when it was built; empty if nothing was recorded."""
    from moda_engine import STARTER_DIRECTORY
    from moda_engine.checkpoint import training_record

    metrics = training_record(STARTER_DIRECTORY).get("metrics", {})
    return metrics if isinstance(metrics, dict) else {}
