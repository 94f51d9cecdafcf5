"""Who the built-in starter is. Reads files; loads no model."""

from catalog.engine.licences import card_licence


def starter_identity() -> tuple[str, str, str]:
    """(name, SHA-256 of its weights, licence). Raises `CheckpointError` where there is none."""
    from moda_engine import STARTER_DIRECTORY
    from moda_engine.checkpoint import weights_sha256

    sha256 = weights_sha256(STARTER_DIRECTORY)
    return f"starter-{sha256[:8]}", sha256, card_licence(STARTER_DIRECTORY)


def starter_metrics() -> dict[str, object]:
    """What was measured on the starter when it was built; empty if nothing was recorded."""
    from moda_engine import STARTER_DIRECTORY
    from moda_engine.checkpoint import training_record

    metrics = training_record(STARTER_DIRECTORY).get("metrics", {})
    return metrics if isinstance(metrics, dict) else {}
