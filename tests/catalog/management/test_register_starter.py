"""`manage.py register_starter`: idempotent, and never in the way of a model that people chose."""

from io import StringIO

import pytest
from django.core.management import call_command

from catalog.choices import ModelVersionState
from catalog.engine.weights import starter_identity
from catalog.models import ModelVersion
from tests.factories import ModelVersionFactory

pytestmark = pytest.mark.django_db


def register():
    output = StringIO()
    call_command("register_starter", stdout=output)
    return output.getvalue().strip()


def states():
    return dict(ModelVersion.objects.values_list("name", "state"))


def test_the_first_version_is_active_and_stays_one():
    name, sha256, licence = starter_identity()
    assert register() == f"{name}: active"
    assert register() == f"{name}: active"
    version = ModelVersion.objects.get()
    assert (version.name, version.directory, version.licence) == (name, "", licence)
    assert (version.weights_sha256, version.state) == (sha256, ModelVersionState.ACTIVE)
    assert version.languages == ["en"]


def test_a_model_that_people_chose_stays_active():
    ModelVersionFactory(name="ours", directory="ours")
    name, *_ = starter_identity()
    assert register() == f"{name}: candidate"
    assert states() == {"ours": "active", name: "candidate"}


def test_a_new_starter_takes_over_from_the_one_whose_weights_it_replaced():
    ModelVersionFactory(name="starter-old", directory="")
    name, *_ = starter_identity()
    assert register() == f"{name}: active"
    assert states() == {"starter-old": "retired", name: "active"}
