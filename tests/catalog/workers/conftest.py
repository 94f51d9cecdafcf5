"""Workers in this process, with the stand-in for the model.

Models are imported inside the fixtures: pytest may read this file before Django is set up.
"""

import pytest


@pytest.fixture(autouse=True)
def stand_in(settings, monkeypatch):
    """Describe by `tests.describing`; returns the function that sets what it does."""
    from tests import describing

    settings.DESCRIBE_FUNCTION = describing.DOTTED_PATH

    def set_script(script):
        monkeypatch.setattr(describing, "script", script)

    return set_script


@pytest.fixture
def version(db):
    """The active model version."""
    from tests.factories import ModelVersionFactory

    return ModelVersionFactory()


@pytest.fixture
def wakes(monkeypatch):
    """The wake-ups that were sent, instead of a broker."""
    sent = []

    def record(count=1):
        sent.append(count)
        return True

    for module in ("wake", "sweep"):
        monkeypatch.setattr(f"catalog.workers.{module}.wake_descriptions", record)
        monkeypatch.setattr(
            f"catalog.workers.{module}.wake_interactive", lambda: record("interactive")
        )
    return sent
