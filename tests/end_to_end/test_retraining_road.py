"""The whole loop with real processes: edits, a run elsewhere, promotion, new drafts."""

import pytest
import requests
from django.test import Client

from catalog.choices import DescriptionState, JobState, ModelVersionState
from catalog.models import (
    Deployment,
    Description,
    DescriptionJob,
    ModelVersion,
    Product,
    TrainingRun,
)
from catalog.processes.ports import free_port
from catalog.processes.roles import web
from catalog.training_choices import DeploymentAction, TrainingRunState
from tests.factories import CategoryFactory, ProductImageFactory, UserFactory
from tests.retraining import tiny_version, use_models

pytestmark = [
    pytest.mark.faults,
    pytest.mark.postgres,
    pytest.mark.django_db(transaction=True),
]

PRODUCTS = 12
#: Seconds in which workers take up a promoted version.
SWAP = 10


class Admin:
    """A merchandiser's browser, as far as HTTP goes: session, tokens, forms."""

    def __init__(self, address, user) -> None:
        client = Client()
        client.force_login(user)
        self.address = address
        self.session = requests.Session()
        self.session.cookies.set("sessionid", client.cookies["sessionid"].value)

    def get(self, path):
        answer = self.session.get(f"{self.address}/admin/catalog/{path}", timeout=60)
        assert answer.status_code == 200, (path, answer.status_code)
        return answer.text

    def post(self, path, **given):
        token = self.session.cookies.get("csrftoken")
        answer = self.session.post(
            f"{self.address}/admin/catalog/{path}",
            data={"csrfmiddlewaretoken": token, **given},
            headers={"Referer": f"{self.address}/admin/"},
            timeout=60,
        )
        assert answer.status_code == 200, (path, answer.status_code)
        return answer.text


@pytest.fixture
def installation(request, settings, tmp_path, environment, start_broker, workers, wait_until):
    """Broker, web server, describer, sweeper, and a training host on another data folder."""
    settings.RETRAIN_MINIMUM = 4
    use_models(settings, tmp_path / "models")
    environment |= {
        "MODA_MODEL_DIRECTORY": str(tmp_path / "models"),
        "MODA_BROKER_URL": settings.BROKER_URL,
        "MODA_RETRAIN_MINIMUM": "4",
        "MODA_LEASE_SECONDS": "60",
        "MODA_DEBUG": "true",
        "OMP_NUM_THREADS": "1",
    }
    base = tiny_version(tmp_path)
    category = CategoryFactory(name="Shirts")
    for _ in range(PRODUCTS):
        ProductImageFactory(product__category=category)
    port = free_port(host="127.0.0.1", wanted=18_000)
    server = web(host="127.0.0.1", port=port, environment=environment, log=tmp_path / "web.log")
    start_broker()
    server.start()
    request.addfinalizer(server.kill_group)
    workers("maintenance")
    workers("describer")
    workers("trainer", MODA_DATA_DIRECTORY=str(tmp_path / "gpu-1"), MODA_TRAINING_HOST="gpu-1")
    address = f"http://127.0.0.1:{port}"

    def answers():
        try:
            return requests.get(f"{address}/healthz", timeout=5).status_code == 200
        except requests.RequestException:
            return False

    wait_until(answers, "the web server to answer")
    return base, Admin(address, UserFactory(is_superuser=True))


def describe(admin, wait_until, *, action):
    """Have all products described by the list's action; the job, ended."""
    admin.get("product/")
    choice = {"action": action, "select_across": "1", "_selected_action": "0"}
    which = "again" if action == "describe_again" else "usual"
    options = {"which": which, "length": "standard", "model_version": ""}
    admin.post("product/", **choice, **options, counted=f"{which}/standard/", confirmed="yes")
    job = DescriptionJob.objects.first()

    def ended():
        job.refresh_from_db()
        return job.state == JobState.COMPLETED

    wait_until(ended, "the products to be described")
    return job


def test_from_edits_to_drafts_of_the_promoted_model(installation, wait_until):
    base, admin = installation
    describe(admin, wait_until, action="describe_selected")
    for number, draft in enumerate(Description.objects.order_by("pk")):
        assert draft.model_version == base
        admin.post(
            f"product/{draft.product_id}/review/",
            description=draft.pk,
            return_to="product",
            standard=f"Shirt number {number}, as the house style has it.",
            alt_text="",
            detailed="",
            step="approve",
        )
    assert Description.objects.filter(state=DescriptionState.APPROVED).count() == PRODUCTS

    page = admin.get("trainingrun/start/")
    assert "gpu-1" in page
    choice = {"way": "full", "scope": "", "language": "en"}
    admin.post("trainingrun/start/", **choice, counted="full//en", confirmed="yes")
    run = TrainingRun.objects.get()

    def ended():
        run.refresh_from_db()
        return run.state in (TrainingRunState.SUCCEEDED, TrainingRunState.FAILED)

    wait_until(ended, "the run to end", seconds=300)
    assert run.state == TrainingRunState.SUCCEEDED, run.message
    version = run.version
    assert f"/modelversion/{version.pk}/judge/" in admin.get(f"trainingrun/{run.pk}/watch/")
    page = admin.get(f"modelversion/{version.pk}/judge/")
    assert f'name="over" value="{base.pk}"' in page
    admin.post(
        f"modelversion/{version.pk}/promote/now/",
        reason="The loop is closed",
        over=base.pk,
        override="on",
    )
    version.refresh_from_db()
    assert version.state == ModelVersionState.ACTIVE
    entry = Deployment.objects.filter(action=DeploymentAction.PROMOTED).first()
    assert (entry.version, entry.former, entry.override) == (version, base, True)
    assert (entry.reason, entry.actor.is_superuser) == ("The loop is closed", True)

    job = describe(admin, wait_until, action="describe_again")
    drafts = Description.objects.filter(job_item__job=job)
    assert set(drafts.values_list("model_version", flat=True)) == {version.pk}
    assert drafts.count() == Product.objects.count() == PRODUCTS
    first = drafts.order_by("created_at").first()
    assert (first.created_at - job.created_at).total_seconds() < SWAP
    assert ModelVersion.objects.get(pk=base.pk).state == ModelVersionState.RETIRED
