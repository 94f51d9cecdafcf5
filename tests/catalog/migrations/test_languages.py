"""A version that a run made before versions named their languages writes what it learned."""

from importlib import import_module

import pytest
from django.apps import apps

from catalog.models import TrainingRun
from tests.factories import ModelVersionFactory

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]
MIGRATION = import_module("catalog.migrations.0013_languages")


def test_a_version_writes_the_language_of_its_run_and_any_other_english():
    base, learned = ModelVersionFactory(), ModelVersionFactory(state="candidate")
    TrainingRun.objects.create(base=base, version=learned, language="de", state="succeeded")
    MIGRATION.languages_learned(apps, None)
    base.refresh_from_db()
    learned.refresh_from_db()
    assert (base.languages, learned.languages) == (["en"], ["de"])
