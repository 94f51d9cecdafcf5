"""Settings of worker processes in tests: the project's own, but on the tests' database.

With DESCRIBE_CONTROL in the environment the stand-in for the model is used, else the real one.
"""

import os

from config.settings import *  # noqa: F403 (a settings module is a flat list of names)
from config.settings import DATABASES

DATABASES["default"]["NAME"] = os.environ["TEST_DATABASE_NAME"]
if "DESCRIBE_CONTROL" in os.environ:
    DESCRIBE_FUNCTION = "tests.describing.describe_photos"
