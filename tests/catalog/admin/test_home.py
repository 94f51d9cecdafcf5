"""The start page: what waits, what runs, the model in use, the last training run; in queries that
do not grow.
"""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from catalog.choices import (
    DescriptionState,
    ImportState,
    JobItemState,
    JobState,
    ModelVersionState,
    TrainingRunState,
)
from catalog.models import Description, ProductImport, TrainingRun
from catalog.selectors import home
from tests.factories import (
    DescriptionFactory,
    DescriptionJobFactory,
    DescriptionJobItemFactory,
    ModelVersionFactory,
    ProductFactory,
    UserFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


def words(client):
    return " ".join(client.get(reverse("admin:index")).content.decode().split())


def reviewed(version, state, *, distance=None, minutes_ago=0, many=1):
    at = timezone.now() - timedelta(minutes=minutes_ago)
    for _ in range(many):
        DescriptionFactory(
            model_version=version, state=state, edit_distance=distance, reviewed_at=at
        )


def test_what_waits_is_counted_with_what_is_in_doubt(admin_client):
    for confidence in (0.2, 0.49, 0.5, None):
        DescriptionFactory(confidence=confidence)
    DescriptionFactory(state=DescriptionState.APPROVED)
    text = words(admin_client)
    assert "<strong>4 </strong> drafts" in text
    assert "2 of them are doubtful" in text


def test_counting_stops_at_the_cap(admin_client, monkeypatch):
    monkeypatch.setattr(home, "MOST_COUNTED", 3)
    for _ in range(3):
        DescriptionFactory()
    assert "<strong>3 </strong> drafts" in words(admin_client)
    DescriptionFactory()
    assert "<strong>more than 3 </strong> drafts" in words(admin_client)


def test_the_rates_are_those_of_the_latest_reviews_of_the_model_in_use(admin_client, monkeypatch):
    version, other = ModelVersionFactory(name="summer"), ModelVersionFactory(scope="brand")
    reviewed(version, DescriptionState.APPROVED, distance=0, many=2)
    reviewed(version, DescriptionState.SUPERSEDED, distance=9)
    reviewed(version, DescriptionState.REJECTED)
    reviewed(version, DescriptionState.REJECTED, minutes_ago=9, many=5)  # too long ago to count
    reviewed(other, DescriptionState.REJECTED, many=3)
    DescriptionFactory(model_version=version)
    monkeypatch.setattr(home, "REVIEWS_JUDGED", 4)
    text = words(admin_client)
    assert "<strong>75%</strong> approved" in text
    assert "50% of the last 4 reviewed texts were approved unchanged." in text


def test_open_jobs_and_imports_that_wait_are_shown(admin_client):
    job = DescriptionJobFactory(state=JobState.RUNNING)
    DescriptionJobItemFactory(job=job, state=JobItemState.DONE)
    DescriptionJobItemFactory(job=job)
    ended = DescriptionJobFactory(state=JobState.COMPLETED)
    ProductImport.objects.create(name="shop.csv", path="x", state=ImportState.CHECKED)
    text = words(admin_client)
    assert f">{job}</a>" in text
    assert "1 of 2 finished" in text
    assert f">{ended}</a>" not in text
    assert ">shop.csv</a>" in text


def test_the_last_run_is_shown_with_what_came_of_it(client_with):
    base = ModelVersionFactory(name="spring")
    TrainingRun.objects.create(base=base)
    failed = TrainingRun.objects.create(
        base=base, state=TrainingRunState.FAILED, message="Only <3> captions are left."
    )
    watcher = client_with("view_trainingrun")
    text = words(watcher)
    assert f'<a href="{reverse("admin:catalog_trainingrun_watch", args=[failed.pk])}">' in text
    assert 'moda-badge-bad">Failed</span>' in text
    assert "Trained from spring, requested " in text
    assert "Only &lt;3&gt; captions are left." in text
    assert text.count("Training run ") == 1
    version = ModelVersionFactory(
        name="summer",
        state=ModelVersionState.CANDIDATE,
        judgement={"gate": {"passed": False, "checks": []}},
    )
    ended = TrainingRun.objects.create(
        base=base, version=version, state=TrainingRunState.SUCCEEDED, ended_at=timezone.now()
    )
    judge = reverse("admin:catalog_modelversion_judge", args=[version.pk])
    text = words(watcher)
    assert f">{ended}</a>" in text
    assert 'moda-badge-good">Succeeded</span>' in text
    assert 'Gate: <span class="moda-badge moda-badge-bad">Failed</span>' in text
    assert judge not in text
    assert "p.m.." not in text and "a.m.." not in text
    text = words(client_with("view_trainingrun", "view_modelversion"))
    assert f'href="{judge}">Evaluate summer</a>' in text


def test_before_the_first_run_the_card_says_what_to_do(client_with):
    start = reverse("admin:catalog_trainingrun_start")
    text = words(client_with("view_trainingrun", "add_trainingrun"))
    assert "None yet. Approve descriptions, then train a model on them." in text
    assert f'href="{start}"' in text
    text = words(client_with("view_trainingrun"))
    assert "A model operator can train a model on approved descriptions." in text
    assert start not in text


def test_an_empty_catalog_says_how_to_begin(admin_client):
    assert "Import an export of your shop" in words(admin_client)
    ProductFactory()
    assert "Import an export of your shop" not in words(admin_client)


def test_the_page_of_an_application_has_no_cards(admin_client):
    ModelVersionFactory()
    page = admin_client.get(reverse("admin:app_list", args=["catalog"])).content.decode()
    for heading in ("Model in use", "Last training run", "Open jobs", "Waiting for review"):
        assert f">{heading}</h2>" not in page
    assert "No model version is in use" not in page


def test_who_may_see_nothing_is_shown_nothing(client):
    DescriptionFactory()
    client.force_login(UserFactory())
    text = words(client)
    assert "Waiting for review" not in text
    assert "Model in use" not in text
    assert "Open jobs" not in text
    assert "Last training run" not in text


def test_queries_do_not_grow(admin_client, django_assert_num_queries):
    def fill():
        version = ModelVersionFactory(scope=str(Description.objects.count()))
        reviewed(version, DescriptionState.APPROVED, distance=1, many=3)
        DescriptionFactory()
        for _ in range(3):
            DescriptionJobItemFactory(job__state=JobState.RUNNING)
        ProductImport.objects.create(name="a", path="a", state=ImportState.MAPPING)
        trained = ModelVersionFactory(scope=f"of {version}")
        TrainingRun.objects.create(base=version, version=trained)

    ModelVersionFactory()
    fill()
    with django_assert_num_queries(13):
        admin_client.get(reverse("admin:index"))
    fill()
    with django_assert_num_queries(13):
        admin_client.get(reverse("admin:index"))
