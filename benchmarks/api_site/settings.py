"""Our settings, with the plain API beside ours; the environment names database and broker."""

from config.settings import *  # noqa: F403

ROOT_URLCONF = "benchmarks.api_site.urls"
