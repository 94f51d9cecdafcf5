"""Putting versions into use: by whom, why, over what, and what the log keeps of it."""

import pytest

from catalog.choices import DeploymentAction, ModelVersionState
from catalog.exceptions import PromotionRefused, TransitionRefused
from catalog.models import Deployment, ModelVersion, WebhookEvent, WebhookEventType
from catalog.services.model_versions import (
    model_version_canary,
    model_version_canary_end,
    model_version_promote,
    model_version_reject,
    model_version_retire,
    model_version_roll_back,
)
from catalog.services.webhooks import webhook_create
from tests.factories import ModelVersionFactory, UserFactory
from tests.rivals import at_once

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]

PASSED = {"gate": {"passed": True, "checks": []}}


@pytest.fixture
def active():
    return ModelVersionFactory(name="in use")


def candidate(**values):
    given = {"state": ModelVersionState.CANDIDATE, "judgement": PASSED, **values}
    return ModelVersionFactory(**given)


def promote(version, over, **more):
    given = {"actor": UserFactory(), "reason": "better", **more}
    return model_version_promote(version=version, over=over, **given)


def log():
    return list(Deployment.objects.order_by("pk").values_list("action", "version__name", "reason"))


def test_a_promotion_is_in_the_log_with_its_reason(active):
    version = candidate(name="new")
    promote(version, active)
    active.refresh_from_db()
    assert (version.state, active.state) == (ModelVersionState.ACTIVE, ModelVersionState.RETIRED)
    assert log() == [
        (DeploymentAction.RETIRED, "in use", ""),
        (DeploymentAction.PROMOTED, "new", "better"),
    ]
    entry = Deployment.objects.first()
    assert (entry.former, entry.override, entry.gate) == (active, False, PASSED["gate"])


@pytest.mark.parametrize("reason", ["", "   "])
def test_without_a_reason_nothing_is_done(active, reason):
    with pytest.raises(PromotionRefused, match="Say why"):
        promote(candidate(), active, reason=reason)
    assert log() == []


@pytest.mark.parametrize("judgement", [{}, {"gate": {"passed": False, "checks": []}}])
def test_a_gate_that_has_not_passed_is_overridden_by_a_manager_alone(active, judgement):
    version = candidate(judgement=judgement)
    with pytest.raises(PromotionRefused, match="has not passed"):
        promote(version, active)
    with pytest.raises(PromotionRefused, match="Only a manager"):
        promote(version, active, override=True)
    assert log() == []
    promote(version, active, override=True, actor=UserFactory(is_superuser=True))
    assert Deployment.objects.first().override is True


def test_an_override_that_was_not_needed_is_none(active):
    promote(candidate(), active, override=True)
    assert Deployment.objects.first().override is False


def test_a_licence_that_forbids_commerce_is_confirmed(active):
    version = candidate(licence="OPT", non_commercial=True)
    with pytest.raises(PromotionRefused, match="forbids commercial use"):
        promote(version, active)
    promote(version, active, confirmed_licence=True)
    assert version.state == ModelVersionState.ACTIVE


def test_who_saw_another_version_in_use_is_told(active):
    first, second = candidate(name="first"), candidate(name="second")
    promote(first, active)
    with pytest.raises(TransitionRefused, match="first was made active by user"):
        promote(second, active)
    with pytest.raises(TransitionRefused, match="is active, so it cannot be made active"):
        promote(first, active)
    second.refresh_from_db()
    assert second.state == ModelVersionState.CANDIDATE
    assert len(log()) == 2


def test_listeners_are_told_of_a_promotion_and_of_nothing_that_was_refused(active):
    webhook_create(owner="key:1", url="https://example.com/", events=["model.promoted"])
    promote(candidate(name="new"), active)
    with pytest.raises(TransitionRefused):
        promote(candidate(), active)
    event = WebhookEvent.objects.get()
    assert event.type == WebhookEventType.MODEL_PROMOTED
    assert event.data == {"name": "new", "scope": ""}


def test_rolling_back_asks_no_gate(active):
    version = promote(candidate(), active)
    active.refresh_from_db()
    with pytest.raises(PromotionRefused, match="never retired"):
        model_version_roll_back(version=version, actor=None, reason="worse", over=active)
    model_version_roll_back(version=active, actor=UserFactory(), reason="worse", over=version)
    version.refresh_from_db()
    assert (active.state, version.state) == (ModelVersionState.ACTIVE, ModelVersionState.RETIRED)
    assert log()[-1] == (DeploymentAction.ROLLED_BACK, "in use", "worse")


def test_a_canary_writes_a_share_until_it_is_ended(active):
    version = candidate(name="new")
    actor = UserFactory()
    for share in (0, 51):
        with pytest.raises(PromotionRefused, match="1 to 50 per cent"):
            model_version_canary(version=version, actor=actor, share=share, reason="try")
    model_version_canary(version=version, actor=actor, share=5, reason="try")
    assert (version.state, version.canary_share) == (ModelVersionState.CANARY, 5)
    with pytest.raises(TransitionRefused, match="new is being tried already"):
        model_version_canary(version=candidate(), actor=actor, share=5, reason="try")
    model_version_canary_end(version=version, actor=actor, reason="seen enough")
    assert (version.state, version.canary_share) == (ModelVersionState.CANDIDATE, None)
    assert [action for action, _, _ in log()] == ["canary_started", "canary_ended"]


def test_a_rejected_version_is_never_used(active):
    version = candidate()
    model_version_reject(version=version, actor=None, reason="bad")
    with pytest.raises(TransitionRefused, match="is rejected"):
        promote(version, active)


def test_a_brands_version_can_be_taken_out_of_use_the_catalogs_cannot(active):
    version = promote(candidate(scope="brand:Acme"), None)
    active.refresh_from_db()
    assert active.state == ModelVersionState.ACTIVE
    model_version_retire(version=version, actor=None, reason="season is over")
    assert version.state == ModelVersionState.RETIRED
    with pytest.raises(PromotionRefused, match="nothing could be described"):
        model_version_retire(version=active, actor=None, reason="season is over")


def test_the_log_is_append_only(active):
    promote(candidate(), active)
    entry = Deployment.objects.first()
    for change in (
        entry.save,
        entry.delete,
        Deployment.objects.all().delete,
        lambda: Deployment.objects.update(reason="other"),
    ):
        with pytest.raises(TypeError, match="append-only"):
            change()
    assert len(log()) == 2


@pytest.mark.django_db(transaction=True)
def test_of_two_people_promoting_at_once_one_is_told(active):
    versions = [candidate(name=f"new {number}") for number in range(2)]
    actors = [UserFactory(), UserFactory()]
    refused = []

    def promote_one(number):
        try:
            promote(versions[number], active, actor=actors[number])
        except TransitionRefused as error:
            refused.append(str(error))

    at_once(promote_one, range(2))
    assert len(refused) == 1
    assert "was made active by" in refused[0]
    states = ModelVersion.objects.order_by("name").values_list("state", flat=True)
    assert sorted(states) == ["active", "candidate", "retired"]
    assert len(log()) == 2
