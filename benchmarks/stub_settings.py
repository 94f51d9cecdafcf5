"""The project's settings with a model that answers at once, which leaves the pipeline."""

from config.settings import *  # noqa: F403 (a settings module is a flat list of names)

#: As for any model that describes hundreds of photos a second.
LEASE_BATCH = 256
DESCRIBE_FUNCTION = "benchmarks.stub.describe_photos"
