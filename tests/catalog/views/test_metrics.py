"""`/metrics` says what is true, to who has the token; rules and dashboard name what it says."""

import json
import re
import shutil
import subprocess
from datetime import timedelta
from pathlib import Path

import pytest
from django.db.utils import OperationalError
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families

from catalog.choices import FailureReason
from catalog.models import DescriptionJobItem, TrainingHost
from catalog.views import metrics as view
from tests.factories import (
    DescriptionJobFactory,
    DescriptionJobItemFactory,
    ModelVersionFactory,
    end_item,
)

DEPLOY = Path(__file__).parents[3] / "deploy"
TOKEN = "of-prometheus-alone"


@pytest.fixture
def scrape(client, settings):
    """The samples of an answer: by name, values by their labels."""
    settings.METRICS_TOKEN = TOKEN

    def scrape(name=None):
        answer = client.get(
            "/metrics", headers={"authorization": f"Bearer {TOKEN}", "host": "10.1.2.3"}
        )
        assert answer.status_code == 200
        samples = {}
        for family in text_string_to_metric_families(answer.content.decode()):
            for sample in family.samples:
                samples.setdefault(sample.name, {})[tuple(sample.labels.values())] = sample.value
        return samples if name is None else samples[name]

    return scrape


def test_metrics_are_closed_until_a_token_is_set_and_to_all_who_lack_it(client, settings):
    settings.METRICS_TOKEN = ""
    assert client.get("/metrics", headers={"authorization": "Bearer "}).status_code == 404
    settings.METRICS_TOKEN = TOKEN
    for said in ("", TOKEN, "Bearer ", f"Bearer {TOKEN}x", f"Basic {TOKEN}"):
        answer = client.get("/metrics", headers={"authorization": said})
        assert answer.status_code == 401
        assert b"moda_" not in answer.content
    assert client.post("/metrics").status_code == 405


@pytest.mark.postgres
@pytest.mark.django_db
def test_work_leases_failures_and_versions_are_counted(scrape):
    version = ModelVersionFactory(name="spring")
    ModelVersionFactory(name="autumn", state="candidate")
    job = DescriptionJobFactory()
    items = [DescriptionJobItemFactory(job=job) for _ in range(5)]
    paused = DescriptionJobFactory(state="paused")
    DescriptionJobItemFactory(job=paused, due_at=timezone.now() - timedelta(days=3))
    end_item(items[0])
    end_item(items[1], failed=FailureReason.PHOTO_UNREADABLE)
    waiting = DescriptionJobItem.objects.filter(pk=items[2].pk)
    waiting.update(due_at=timezone.now() - timedelta(minutes=10))
    later = DescriptionJobItem.objects.filter(pk=items[4].pk)
    later.update(due_at=timezone.now() + timedelta(hours=1))
    held = DescriptionJobItem.objects.filter(pk=items[3].pk)
    held.update(
        state="leased",
        lease_token="0" * 32,
        lease_until=timezone.now() - timedelta(seconds=1),
        model_version=version,
    )
    TrainingHost.objects.create(name="gpu-1", seen_at=timezone.now() - timedelta(seconds=30))

    found = scrape()

    assert found["moda_info"] == {(view.program_version(),): 1}
    assert found["moda_database_up"] == found["moda_storage_up"] == {(): 1}
    assert found["moda_open_work"] == {
        ("descriptions",): 3, ("import_photos",): 0, ("imports",): 0, ("exports",): 0,
        ("training",): 0, ("webhooks",): 0,
    }  # fmt: skip
    assert found["moda_oldest_due_seconds"]["descriptions",] == pytest.approx(600, abs=30)
    assert found["moda_leases"]["descriptions",] == 1
    assert found["moda_expired_leases"] == {
        ("descriptions",): 1, ("import_photos",): 0, ("imports",): 0, ("exports",): 0,
        ("training",): 0,
    }  # fmt: skip
    assert found["moda_job_items_ended"] == {("", "done"): 1, ("photo_unreadable", "failed"): 1}
    assert found["moda_model_version_in_use"] == {("spring", "", "active"): 1}
    assert found["moda_training_host_seen_seconds"]["gpu-1",] == pytest.approx(30, abs=20)


@pytest.mark.django_db
def test_the_free_disk_of_each_folder_is_told(scrape, settings):
    free = scrape("moda_disk_free_bytes")
    assert set(free) == {("data",), ("media",), ("model",)}
    assert free["data",] == pytest.approx(shutil.disk_usage(settings.DATA_DIRECTORY).free, rel=0.1)


@pytest.mark.postgres
@pytest.mark.django_db
def test_a_scrape_costs_the_same_for_any_number_of_items(scrape, django_assert_max_num_queries):
    for _ in range(3):
        DescriptionJobItemFactory()
    with django_assert_max_num_queries(30):
        scrape()


@pytest.mark.django_db
def test_a_database_that_is_away_is_told_and_the_rest_as_well(scrape, monkeypatch):
    def away():
        raise OperationalError("gone")

    monkeypatch.setattr(view, "operations_now", away)
    found = scrape()
    assert found["moda_database_up"] == {(): 0}
    assert found["moda_storage_up"] == {(): 1}
    assert "moda_open_work" not in found


@pytest.fixture
def names(scrape):
    """Every name that a working installation tells."""
    ModelVersionFactory()
    end_item(DescriptionJobItemFactory())
    TrainingHost.objects.create(name="gpu-1", seen_at=timezone.now())
    return set(scrape())


@pytest.mark.django_db
@pytest.mark.parametrize("file", ["prometheus/alerts.yaml", "grafana/dashboard.json"])
def test_rules_and_dashboard_name_metrics_that_there_are(file, names):
    named = set(re.findall(r"\bmoda_[a-z_]+", (DEPLOY / file).read_text()))
    assert len(named) >= 6
    assert named <= names


def test_the_dashboard_shows_each_panel_in_a_place_of_its_own():
    dashboard = json.loads((DEPLOY / "grafana" / "dashboard.json").read_text())
    places = [(panel["gridPos"]["x"], panel["gridPos"]["y"]) for panel in dashboard["panels"]]
    assert len(set(places)) == len(places) == 10
    assert {panel["datasource"]["uid"] for panel in dashboard["panels"]} == {"${source}"}


@pytest.mark.parametrize(
    "command",
    [
        ("check", "rules", "alerts.yaml"),
        ("test", "rules", "alerts_test.yaml"),
        ("check", "config", "--syntax-only", "prometheus.yaml"),
    ],
    ids=" ".join,
)
def test_prometheus_itself_takes_the_rules(command):
    if shutil.which("promtool") is None:
        pytest.skip("promtool is not installed: it is in the package `prometheus`")
    done = subprocess.run(
        ["promtool", *command], cwd=DEPLOY / "prometheus", capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
