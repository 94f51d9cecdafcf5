"""The project's settings, with the plain API beside its own. The environment names the
database and the broker."""

from config.settings import *  # noqa: F403

ROOT_URLCONF = "benchmarks.api_site.urls"
