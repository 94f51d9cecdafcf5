"""The pages of retraining: who may open and do what, and that each shows what there is."""

import re

import pytest
from django.urls import reverse
from django.utils import timezone

from catalog.choices import DeploymentAction, ModelVersionState, TrainingRunState
from catalog.models import (
    Deployment,
    Forgetting,
    TrainingEpoch,
    TrainingRun,
)
from catalog.services.retraining import training_run_create
from tests.factories import ModelVersionFactory
from tests.retraining import approved_captions

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def few_are_enough(settings):
    settings.RETRAIN_MINIMUM = 4


@pytest.fixture
def run(db):
    ModelVersionFactory(name="in use")
    approved_captions(20)
    return training_run_create(products=None)


def url(name, *arguments):
    return reverse(f"admin:catalog_{name}", args=arguments)


def text(client, address, **data):
    answer = client.post(address, data) if data else client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_start_page_counts_before_anything_is_made(client_with):
    client = client_with("add_trainingrun", "view_trainingrun")
    assert "No model version is active" in text(client, url("trainingrun_start"))
    ModelVersionFactory(name="in use")
    approved_captions(20)
    page = text(client, url("trainingrun_start"))
    assert "held out to evaluate the result. Together they are of 20 products." in page
    assert "celery -A config worker -Q training --pool=solo" in page
    assert re.findall(r'<label for="id_(\w+)"', page) == ["way", "scope", "language"]
    choice = {"way": "full", "scope": "", "language": "en", "confirmed": "yes"}
    text(client, url("trainingrun_start"), **choice, counted="adapter//en")
    assert not TrainingRun.objects.exists(), "another choice was counted"
    answer = client.post(url("trainingrun_start"), {**choice, "counted": "full//en"})
    run = TrainingRun.objects.get()
    assert answer.url == url("trainingrun_watch", run.pk)
    assert run.created_by == client.user


def test_ticked_products_are_learned_alone(client_with):
    ModelVersionFactory(name="in use")
    rows = approved_captions(20)
    client = client_with("view_product", "add_trainingrun", "view_trainingrun")
    ticked = [row.product_id for row in rows[:10]]
    asked = {"action": "retrain_selected", "_selected_action": ticked, "select_across": "0"}
    assert "of 10 products" in text(client, url("product_changelist"), **asked)
    choice = {"way": "full", "scope": "", "language": "en", "counted": "full//en"}
    client.post(url("product_changelist"), {**asked, **choice, "confirmed": "yes"})
    assert TrainingRun.objects.get().product_count == 10


def test_without_the_permission_nothing_is_started_promoted_or_forgotten(viewer, run):
    version = ModelVersionFactory(state=ModelVersionState.CANDIDATE)
    assert viewer.get(url("trainingrun_start")).status_code == 403
    assert viewer.get(url("forgetting_begin")).status_code == 403
    assert viewer.get(url("trainingrun_watch", run.pk)).status_code == 403
    step = {"reason": "because", "override": "on"}
    for name in ("promote", "canary", "reject"):
        answer = viewer.post(url("modelversion_step", version.pk, name), step)
        assert answer.status_code == 403
    assert viewer.post(url("trainingrun_step", run.pk, "cancel")).status_code == 403
    page = text(viewer, url("modelversion_judge", version.pk))
    assert "Decide" not in page
    run.refresh_from_db()
    assert (run.state, Deployment.objects.count()) == (TrainingRunState.QUEUED, 0)


def test_the_page_of_a_run_grows_with_it(client_with, run):
    client = client_with("view_trainingrun", "change_trainingrun")
    address = url("trainingrun_watch", run.pk)
    assert "moda-curve" not in text(client, address)
    for number in (1, 2):
        TrainingEpoch.objects.create(
            run=run,
            number=number,
            training_loss=3.0 / number,
            validation_loss=2.5 / number,
            examples=[{"sku": "A-1", "photo": "0" * 64, "text": f"<b>Epoch {number}</b>"}],
        )
    page = text(client, address)
    assert page.count("<polyline") == 2
    assert page.count("<circle") == 4
    assert "&lt;b&gt;Epoch 2&lt;/b&gt;" in page
    assert 'style="' not in page
    poll = client.get(f"{address}?state=queued", headers={"HX-Request": "true"})
    assert poll.content.decode().strip().startswith('<div id="progress"')
    client.post(url("trainingrun_step", run.pk, "cancel"))
    poll = client.get(f"{address}?state=queued", headers={"HX-Request": "true"})
    assert poll.headers["HX-Refresh"] == "true"
    assert "Cancelled by" in text(client, address)


def test_a_failed_gate_is_overridden_by_who_may(client_with):
    active = ModelVersionFactory(name="in use")
    gate = {"passed": False, "checks": [{"name": "loss", "passed": False, "text": "Too high."}]}
    version = ModelVersionFactory(
        name="new", state=ModelVersionState.CANDIDATE, judgement={"gate": gate}
    )
    operator = client_with("view_modelversion", "change_modelversion")
    page = text(operator, url("modelversion_judge", version.pk))
    assert "Too high." in page
    assert "Only a manager may override it" in page
    step = {"reason": "because", "over": active.pk, "override": "on"}
    address = url("modelversion_step", version.pk, "promote")
    assert "Only a manager" in operator.post(address, step, follow=True).content.decode()
    manager = client_with("view_modelversion", "change_modelversion", "override_gate")
    assert "Promoted." in manager.post(address, step, follow=True).content.decode()
    version.refresh_from_db()
    assert version.state == ModelVersionState.ACTIVE
    log = client_with("view_deployment")
    assert "Gate overridden</span>" in text(log, url("deployment_changelist"))


def test_the_page_of_the_version_in_use_leads_back_to_the_earlier_ones(client_with):
    earlier = ModelVersionFactory(name="autumn", state=ModelVersionState.RETIRED)
    active = ModelVersionFactory(name="spring")
    ModelVersionFactory(name="wren", scope="brand:Wren", state=ModelVersionState.RETIRED)
    page = url("modelversion_judge", active.pk)
    assert "Roll back to" not in text(client_with("view_modelversion"), page)
    operator = client_with("view_modelversion", "change_modelversion")
    shown = text(operator, page)
    assert "Roll back to autumn" in shown
    assert "wren" not in shown
    address = url("modelversion_step", earlier.pk, "roll-back")
    assert f'action="{address}"' in shown
    operator.post(address, {"reason": "more edits", "over": active.pk})
    earlier.refresh_from_db()
    assert earlier.state == ModelVersionState.ACTIVE
    assert Deployment.objects.first().action == DeploymentAction.ROLLED_BACK


def test_not_enough_evidence_says_what_would_give_it(client_with):
    ModelVersionFactory(name="in use")
    check = {
        "name": "mangled",
        "verdict": "unclear",
        "passed": False,
        "text": "Few photos.",
        "needed": "Add some.",
    }
    gate = {"verdict": "unclear", "passed": False, "checks": [check]}
    faulty = [
        {
            "sku": "A-1",
            "photo": "0" * 64,
            "before": "A red cap.",
            "after": "A red red cap.",
            "faults": ["mangled"],
        }
    ]
    version = ModelVersionFactory(
        name="new",
        state=ModelVersionState.CANDIDATE,
        judgement={"gate": gate, "faulty": faulty, "drafted": 60},
    )
    page = text(client_with("view_modelversion"), url("modelversion_judge", version.pk))
    assert page.count("Not enough evidence") == 2
    assert "<strong>Add some.</strong>" in page
    assert "Both versions described 60 photos of the catalog again." in page
    assert "A red red cap." in page
    assert "Drafts with mangled or repeated words" in page


@pytest.mark.parametrize(
    ("model", "columns"),
    [
        ("deployment", ["at", "what", "version", "former", "who_for", "reason", "actor"]),
        (
            "modelversion",
            ["name", "state_label", "who_for", "terms", "created_at", "activated_at"],
        ),
    ],
)
def test_lists_can_be_sorted_by_each_fact_of_a_row(admin_client, model, columns):
    version = ModelVersionFactory(activated_at=timezone.now())
    Deployment.objects.create(version=version, action=DeploymentAction.PROMOTED)
    page = text(admin_client, url(f"{model}_changelist"))
    assert re.findall(r'class="sortable column-(\w+)', page) == columns
    for number in range(1, len(columns) + 1):
        text(admin_client, f"{url(f'{model}_changelist')}?o={number}")


def test_pages_lead_only_where_one_may_go(client_with, run):
    version = ModelVersionFactory(name="new", state=ModelVersionState.CANDIDATE)
    TrainingRun.objects.update(version=version)
    watch, judge = url("trainingrun_watch", run.pk), url("modelversion_judge", version.pk)
    manifest = url("trainingexample_changelist")
    sees_versions = text(client_with("view_modelversion"), judge)
    assert str(run) in sees_versions
    assert watch not in sees_versions
    assert manifest not in sees_versions
    sees_runs = text(client_with("view_trainingrun"), watch)
    assert "in use" in sees_runs
    assert "/judge/" not in sees_runs
    operator = client_with("view_modelversion", "view_trainingrun", "view_trainingexample")
    assert judge in text(operator, watch)
    assert watch in text(operator, judge)
    assert f"{manifest}?run__id__exact={run.pk}" in text(operator, judge)


def test_the_canary_page_shows_both_side_by_side(client_with):
    ModelVersionFactory(name="in use")
    version = ModelVersionFactory(
        name="new", state=ModelVersionState.CANDIDATE, judgement={"gate": {"passed": True}}
    )
    client = client_with("view_modelversion", "change_modelversion")
    step = {"reason": "look", "share": "5"}
    client.post(url("modelversion_step", version.pk, "canary"), step)
    page = text(client, url("modelversion_judge", version.pk))
    assert "5% of new drafts" in page
    assert "Reviews of its drafts" in page


def test_forgetting_says_first_what_goes(client_with, run):
    client = client_with("view_forgetting", "add_forgetting")
    TrainingRun.objects.update(state=TrainingRunState.CANCELLED, ended_at=timezone.now())
    sku = run.manifest.first().sku
    asked = {"sku": sku, "author": "", "reason": "asked"}
    assert "1 approved text is excluded from training" in text(
        client, url("forgetting_begin"), **asked
    )
    assert "Enter a product or an author, not both." in text(
        client, url("forgetting_begin"), **{**asked, "sku": ""}
    )
    client.post(url("forgetting_begin"), {**asked, "confirmed": "yes"})
    assert Forgetting.objects.get().product.sku == sku
    assert sku in text(client, url("forgetting_changelist"))
