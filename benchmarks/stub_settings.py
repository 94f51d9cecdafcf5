"""The project's settings with a model that answers at once: what is left is the pipeline."""

from config.settings import *  # noqa: F403 (a settings module is a flat list of names)

DESCRIBE_FUNCTION = "benchmarks.stub.describe_photos"
