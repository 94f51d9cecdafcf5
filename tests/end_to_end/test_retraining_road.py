"""The whole loop with real processes, by people in a browser: edits, a run on another machine,
its judgement, promotion, and drafts that the new version writes.
"""

import re
from dataclasses import dataclass

import pytest
import requests
from django.contrib.auth import get_user_model
from playwright.sync_api import Locator, Page, expect

from catalog.choices import DeploymentAction, DescriptionState, ModelVersionState, TrainingRunState
from catalog.models import Deployment, Description, DescriptionJob, ModelVersion, TrainingRun
from catalog.processes.claims import free_port
from tests.browsing import log_in
from tests.factories import CategoryFactory, ProductImageFactory
from tests.retraining import tiny_version, use_models

pytestmark = [
    pytest.mark.browser,
    pytest.mark.faults,
    pytest.mark.postgres,
    pytest.mark.django_db(transaction=True),
]

PRODUCTS = 12
#: Seconds in which workers take up a promoted version.
SWAP = 10
#: Seconds for a page to answer, and for a job; far more than it takes, for machines that are busy.
PATIENCE, LONG = 30, 300
PERSON = {"username": "operator", "password": "a long pass phrase"}


@pytest.fixture
def address(settings, tmp_path, environment, start_broker, workers, wait_until):
    """Where an installation answers: broker, web server, describer, sweeper, and a training host
    on another data folder.
    """
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
    use_models(settings, tmp_path / "models")
    environment |= {
        "MODA_MODEL_DIRECTORY": str(tmp_path / "models"),
        "MODA_BROKER_URL": settings.BROKER_URL,
        "MODA_RETRAIN_MINIMUM": "4",
        "MODA_LEASE_SECONDS": "60",
        "MODA_DEBUG": "true",
        "OMP_NUM_THREADS": "1",
    }
    port = free_port(host="127.0.0.1", wanted=18_000)
    start_broker()
    workers("web", address=("127.0.0.1", port))
    workers("maintenance")
    workers("describer")
    workers("trainer", MODA_DATA_DIRECTORY=str(tmp_path / "gpu-1"), MODA_TRAINING_HOST="gpu-1")
    found = f"http://127.0.0.1:{port}"

    def answers():
        try:
            return requests.get(f"{found}/healthz", timeout=5).status_code == 200
        except requests.RequestException:
            return False

    wait_until(answers, "the web server to answer")
    return found


@dataclass(frozen=True)
class Operator:
    """Somebody at the browser, who reads what it says before going on."""

    page: Page
    address: str

    def open(self, path: str) -> None:
        self.page.goto(f"{self.address}/admin/{path}")

    def see(self, found: Locator, seconds: int = PATIENCE) -> None:
        expect(found).to_be_visible(timeout=seconds * 1000)

    def press(self, name: str | re.Pattern) -> None:
        self.page.get_by_role("button", name=name).click()

    def describe(self, action: str) -> None:
        """Have all products described by an action of the list, and watch the job to its end."""
        self.open("catalog/product/")
        self.page.locator("#action-toggle").check()
        self.page.get_by_label("Action:").select_option(action)
        self.press("Go")
        self.press(f"Describe {PRODUCTS} products")
        whole = self.page.get_by_role("heading", name=f"{PRODUCTS} of {PRODUCTS} finished")
        self.see(whole, LONG)
        self.see(self.page.get_by_text("Completed", exact=True))

    def begin_reviewing(self) -> None:
        self.open("review/")
        self.page.get_by_role("link", name="Start reviewing").click()
        self.see(self.page.locator("#desk h1"))

    def written_by(self) -> Locator:
        """The line under the title, which names the version that wrote the draft."""
        return self.page.locator(".desk-title .moda-quiet")

    def edit_and_approve(self, text: str) -> None:
        """Put `text` in the place of the draft by keyboard, approve, and see the next one."""
        desk = self.page.locator("#desk")
        here = desk.get_attribute("data-item")
        for key in ("e", "Control+a"):
            self.page.keyboard.press(key)
        self.page.keyboard.type(text)
        self.page.keyboard.press("Control+Enter")
        expect(desk).not_to_have_attribute("data-item", here, timeout=PATIENCE * 1000)

    def retrain(self) -> None:
        """Start a run from all that is approved, and watch it until it has a candidate."""
        self.open("catalog/trainingrun/")
        self.page.get_by_role("link", name="Retrain from approved captions").click()
        self.see(self.page.get_by_text("gpu-1"))
        self.press(re.compile(r"Retrain from \d+ captions"))
        self.see(self.page.get_by_text("Training has begun."), LONG)
        self.see(self.page.get_by_role("link", name=re.compile("^Evaluate ")), LONG)

    def judge_and_promote(self, reason: str) -> None:
        """From the run's page: read the gate, which has too few captions, and override it."""
        self.page.get_by_role("link", name=re.compile("^Evaluate ")).click()
        self.see(self.page.get_by_text("compared with tiny-1"))
        self.see(self.page.get_by_role("heading", name="Side by side"))
        promote = self.page.get_by_role("button", name="Promote")
        decision = self.page.locator("form", has=promote)
        decision.get_by_label("Reason").fill(reason)
        decision.get_by_label(re.compile("Override the gate")).check()
        promote.click()
        self.see(self.page.get_by_text("Promoted. Workers use it from their next batch."))


def test_from_edits_to_drafts_of_the_promoted_model(address, page, tmp_path):
    base = tiny_version(tmp_path)
    category = CategoryFactory(name="Shirts")
    for _ in range(PRODUCTS):
        ProductImageFactory(product__category=category)
    person = get_user_model().objects.create_superuser(**PERSON)
    operator = Operator(page, address)
    log_in(page, address, **PERSON)

    operator.describe("describe_selected")
    operator.begin_reviewing()
    expect(operator.written_by()).to_contain_text("tiny-1")
    texts = [f"Shirt number {number}, as the house style has it." for number in range(PRODUCTS)]
    for text in texts:
        operator.edit_and_approve(text)
    operator.see(page.get_by_role("heading", name="All is reviewed"))
    approved = Description.objects.filter(state=DescriptionState.APPROVED, reviewed_by=person)
    assert sorted(approved.values_list("standard", flat=True)) == sorted(texts)
    assert set(approved.values_list("model_version", flat=True)) == {base.pk}

    operator.retrain()
    run = TrainingRun.objects.get()
    assert run.state == TrainingRunState.SUCCEEDED
    assert (run.host, run.created_by, run.version.base) == ("gpu-1", person, base)
    learned = set(run.manifest.values_list("description_key", flat=True))
    assert learned == set(approved.values_list("pk", flat=True))

    operator.judge_and_promote("The loop is closed")
    version = ModelVersion.objects.get(pk=run.version.pk)
    assert version.state == ModelVersionState.ACTIVE
    assert ModelVersion.objects.get(pk=base.pk).state == ModelVersionState.RETIRED
    entry = Deployment.objects.filter(action=DeploymentAction.PROMOTED).first()
    assert (entry.version, entry.former, entry.override) == (version, base, True)
    assert (entry.reason, entry.actor) == ("The loop is closed", person)

    operator.describe("describe_again")
    job = DescriptionJob.objects.first()
    drafts = Description.objects.filter(job_item__job=job, state=DescriptionState.DRAFT)
    assert drafts.count() == PRODUCTS
    assert set(drafts.values_list("model_version", flat=True)) == {version.pk}
    first = drafts.order_by("created_at").first()
    assert (first.created_at - job.created_at).total_seconds() < SWAP
    operator.begin_reviewing()
    expect(operator.written_by()).to_contain_text(version.name)
