"""Making weights known, and choosing those that describe."""

import pytest
from django.core.exceptions import ValidationError

from catalog.choices import ModelVersionState
from catalog.exceptions import TransitionRefused
from catalog.models import ModelVersion
from catalog.services.model_versions import model_version_register
from catalog.transitions.model_version import model_version_activate
from tests.factories import ModelVersionFactory

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]

SHA = "a" * 64


def register(**changes):
    return model_version_register(
        **{"name": "starter", "directory": "", "weights_sha256": SHA, "licence": "MIT", **changes}
    )


def test_a_registered_version_is_a_candidate():
    version = register(metrics={"overall": 0.8})

    version.refresh_from_db()
    assert (version.state, version.activated_at) == (ModelVersionState.CANDIDATE, None)
    assert (version.licence, version.metrics) == ("MIT", {"overall": 0.8})


def test_registering_the_same_again_changes_nothing():
    version = register()

    assert register(licence="other") == version
    assert ModelVersion.objects.get().licence == "MIT"


def test_a_name_belongs_to_its_weights():
    register()

    with pytest.raises(ValidationError, match="already exists"):
        register(weights_sha256="b" * 64)
    assert ModelVersion.objects.get().weights_sha256 == SHA


def test_activating_retires_the_former_of_the_same_scope_alone():
    former = ModelVersionFactory()
    of_a_brand = ModelVersionFactory(scope="Acme")
    version = register()

    model_version_activate(version=version, actor=None)

    former.refresh_from_db()
    of_a_brand.refresh_from_db()
    assert (version.state, version.activated_at is not None) == (ModelVersionState.ACTIVE, True)
    assert former.state == ModelVersionState.RETIRED
    assert of_a_brand.state == ModelVersionState.ACTIVE

    model_version_activate(version=former, actor=None)
    assert former.state == ModelVersionState.ACTIVE, "a retired version can be taken back"


@pytest.mark.parametrize("state", [ModelVersionState.ACTIVE, ModelVersionState.REJECTED])
def test_a_version_that_cannot_be_activated_changes_nothing(state):
    version = ModelVersionFactory(state=state, scope="x")
    ModelVersionFactory(scope="y")
    before = list(ModelVersion.objects.values())

    with pytest.raises(TransitionRefused):
        model_version_activate(version=version, actor=None)

    assert list(ModelVersion.objects.values()) == before


def test_a_version_deleted_meanwhile_is_refused():
    version = ModelVersionFactory(state=ModelVersionState.CANDIDATE)
    ModelVersion.objects.all().delete()

    with pytest.raises(TransitionRefused, match="is deleted"):
        model_version_activate(version=version, actor=None)
