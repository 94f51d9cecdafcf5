"""Settings of worker processes in tests: the project's own, but on the tests' database.

With DESCRIBE_CONTROL in the environment the stand-in for the model is used, else the real one.
TEST_TRAINING_HOLD names a folder by which a test stops training between two epochs.
TEST_THREADS names a folder by which a test takes the address space of threads away.
TEST_DECODERS=1 registers decoders that die; TEST_STORAGE names a folder that makes storage fail.
"""

import os

from config.settings import *  # noqa: F403 (a settings module is a flat list of names)
from config.settings import DATABASES, STORAGES

DATABASES["default"]["NAME"] = os.environ["TEST_DATABASE_NAME"]
RETRY_SECONDS = 0.02
if "DESCRIBE_CONTROL" in os.environ:
    DESCRIBE_FUNCTION = "tests.describing.describe_photos"
if "TEST_TRAINING_HOLD" in os.environ:
    from tests.end_to_end import holding

    holding.epochs_hold(os.environ["TEST_TRAINING_HOLD"])
if "TEST_STORAGE" in os.environ:
    STORAGES["default"] = {"BACKEND": "tests.end_to_end.failing.FailingStorage"}
if "TEST_THREADS" in os.environ:
    DESCRIBE_FUNCTION = "tests.end_to_end.failing.describe_with_threads"
if "TEST_DECODERS" in os.environ:
    from tests.end_to_end import failing

    failing.decoders_register()
