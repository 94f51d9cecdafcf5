"""Asking for descriptions: what is asked for, how far it is, and whose business that is."""

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse
from django.utils import timezone

from catalog.choices import (
    DescriptionState,
    FailureReason,
    ItemOutcome,
    JobItemState,
    JobState,
    KnownSource,
)
from catalog.models import Description, DescriptionJob, DescriptionJobItem
from catalog.services.api_keys import api_key_rotate, person_token_create
from tests.factories import (
    DescriptionFactory,
    ModelVersionFactory,
    ProductFactory,
    ProductImageFactory,
    UserFactory,
    end_item,
)

JOBS = reverse("api:job-list")
pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


@pytest.fixture(autouse=True)
def wakes(monkeypatch):
    sent = []
    monkeypatch.setattr("catalog.wakeups.wake_descriptions", lambda count=1: sent.append(count))
    return sent


@pytest.fixture
def asker(with_scopes):
    return with_scopes("generate")


@pytest.fixture
def products():
    for sku, brand in (("A", "Wren"), ("B", "Wren"), ("C", "Fathom")):
        ProductImageFactory(product__sku=sku, product__brand=brand)
    ProductFactory(sku="BARE", brand="Wren")


def items(job):
    rows = DescriptionJobItem.objects.filter(job=job).order_by("product__sku")
    return list(rows.values_list("product__sku", "state"))


@pytest.mark.parametrize(
    ("asked", "options"),
    [
        ({}, {}),
        ({"catalog_facts": True}, {}),
        ({"catalog_facts": False}, {"sources": []}),
        ({"sources": ["tags", "title", "tags"]}, {"sources": ["title", "tags"]}),
        ({"sources": []}, {"sources": []}),
        ({"sources": KnownSource.values}, {}),
        ({"sources": ["title"], "catalog_facts": False}, {"sources": ["title"]}),
        ({"slots": []}, {}),
        ({"slots": ["bullets", "page_title"]}, {"slots": ["page_title", "bullets"]}),
        ({"slots": ["meta_title", "detailed"]}, {"length": "detailed", "slots": ["meta_title"]}),
    ],
)
def test_texts_say_all_that_the_catalog_knows_or_what_is_asked(asker, products, asked, options):
    assert asker.post(reverse("api:product-describe", args=["A"]), asked).status_code == 202
    assert asker.post(JOBS, {"skus": ["B"], **asked}).status_code == 202
    assert [job.options for job in DescriptionJob.objects.all()] == [options, options]


def test_a_text_that_does_not_exist_is_refused(asker, products):
    answer = asker.post(JOBS, {"skus": ["A"], "slots": ["poem"]})
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["pointer"] == "#/slots/0"
    assert not DescriptionJob.objects.exists()


def test_a_source_that_does_not_exist_is_refused(asker, products):
    answer = asker.post(JOBS, {"skus": ["A"], "sources": ["title", "price"]})
    assert answer.status_code == 400
    (error,) = answer.json()["errors"]
    assert error["pointer"] == "#/sources/1"
    assert '"price" is not a valid choice' in error["detail"]
    assert not DescriptionJob.objects.exists()


def test_one_product(asker, products, wakes, django_capture_on_commit_callbacks):
    url = reverse("api:product-describe", args=["A"])
    with django_capture_on_commit_callbacks(execute=True):
        answer = asker.post(url, {})
    assert (answer.status_code, wakes) == (202, [1])
    job = DescriptionJob.objects.get()
    assert answer["Location"] == f"http://testserver{reverse('api:job', args=[job.pk])}"
    assert (job.priority, items(job)) == (DescriptionJob.SINGLE_PRIORITY, [("A", "queued")])
    body = answer.json()
    assert (body["id"], body["state"], body["total"], body["left"]) == (job.pk, "queued", 1, 1)
    assert asker.get(answer["Location"]).json() == body


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"skus": ["A", "C"]}, [("A", "queued"), ("C", "queued")]),
        (
            {"filter": {"brand": "wren"}},
            [("A", "queued"), ("B", "queued"), ("BARE", "skipped")],
        ),
        ({"filter": {"search": "nothing"}}, []),
    ],
)
def test_many_products(asker, products, asked, expected):
    answer = asker.post(JOBS, {**asked, "language": "de"})
    assert answer.status_code == 202
    job = DescriptionJob.objects.get()
    assert (job.language, items(job)) == ("de", expected)
    assert answer.json()["state"] == ("queued" if expected else "completed")


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"skus": ["A"], "filter": {}},
        {"skus": []},
        {"skus": ["nul\0"]},
        {"skus": "A"},
        {"filter": {"gender": "robots"}},
        {"filter": {"price": 1}},
        {"filter": []},
        {"skus": ["A"], "again": "yes"},
        {"skus": ["A"], "language": "klingon"},
        [],
    ],
)
def test_what_makes_no_sense_makes_no_job(asker, products, asked):
    answer = asker.post(JOBS, asked)
    assert answer.status_code == 400
    assert answer.json()["errors"]
    assert not DescriptionJob.objects.exists()


def test_without_a_language_texts_are_in_one_that_the_version_writes(asker, products):
    ModelVersionFactory(languages=["de"])
    url = reverse("api:product-describe", args=["A"])
    for address, asked in ((JOBS, {"skus": ["A"]}), (JOBS, {"filter": {}}), (url, {})):
        assert asker.post(address, asked).status_code == 202
    assert set(DescriptionJob.objects.values_list("language", flat=True)) == {"de"}


def test_a_job_says_which_language_is_missing(asker, products):
    job = DescriptionJob.objects.get(pk=asker.post(JOBS, {"skus": ["A"]}).json()["id"])
    job.items.update(
        state=JobItemState.FAILED, failure_reason=FailureReason.LANGUAGE_MISSING,
        ended_at=timezone.now(),
    )  # fmt: skip
    failures = asker.get(reverse("api:job", args=[job.pk])).json()["failures"]
    assert failures == [
        {
            "sku": "A",
            "reason": "language_missing",
            "detail": "No model version in use writes this language: promote one, then retry",
        }
    ]


def test_a_language_that_no_version_writes_is_a_problem(asker, products):
    ModelVersionFactory()
    asks = ((JOBS, {"skus": ["A"]}), (reverse("api:product-describe", args=["A"]), {}))
    for url, asked in asks:
        answer = asker.post(url, {**asked, "language": "de"})
        assert answer.status_code == 422
        assert answer.json()["type"].endswith("/unprocessable/")
        assert answer.json()["detail"] == (
            "No model version in use writes “de” here. Those in use write: en."
        )
    assert not DescriptionJob.objects.exists()


def test_too_many_and_unknown_ones(asker, products, monkeypatch):
    monkeypatch.setattr("catalog.services.jobs.MOST_PRODUCTS", 3)
    for asked in ({"filter": {}}, {"skus": ["A", "NONE"]}):
        answer = asker.post(JOBS, asked)
        assert answer.status_code == 422
        assert answer.json()["type"].endswith("/unprocessable/")
    assert not DescriptionJob.objects.exists()


def test_failures_are_named(asker, products):
    url = asker.post(JOBS, {"skus": ["A", "B"]})["Location"]
    item = DescriptionJobItem.objects.get(product__sku="B")
    end_item(item, failed=FailureReason.PHOTO_UNREADABLE)
    DescriptionJobItem.objects.filter(pk=item.pk).update(detail="secret/path.jpg")
    answer = asker.get(url)
    assert answer.json()["failed"] == 1
    assert answer.json()["failures"] == [
        {
            "sku": "B",
            "reason": "photo_unreadable",
            "detail": "The photo cannot be read: upload it again",
        }
    ]
    assert b"secret" not in answer.content


def test_cancel(asker, products):
    url = asker.post(JOBS, {"skus": ["A"]})["Location"]
    answer = asker.post(f"{url}cancel/")
    assert (answer.status_code, answer.json()["state"]) == (200, "cancelled")
    assert answer.json()["cancelled"] == 1
    answer = asker.post(f"{url}cancel/")
    assert answer.status_code == 409
    assert answer.json()["type"].endswith("/conflict/")


def test_somebody_elses_job_is_not_there(asker, products, with_scopes, client):
    url = asker.post(JOBS, {"skus": ["A"]})["Location"]
    other = with_scopes("generate", "read", "drafts", "write", "webhooks")
    assert other.get(url).status_code == 404
    assert other.post(f"{url}cancel/").status_code == 404
    assert client.get(url).status_code == 401
    assert DescriptionJob.objects.get().state == JobState.QUEUED
    DescriptionJob.objects.create()  # one of the admin's
    number = DescriptionJob.objects.latest("pk").pk
    assert asker.get(reverse("api:job", args=[number])).status_code == 404
    assert asker.get(reverse("api:job", args=[2**70])).status_code == 404


def test_the_key_that_takes_its_place_sees_its_jobs(asker, products, client):
    url = asker.post(JOBS, {"skus": ["A"]})["Location"]
    _, text = api_key_rotate(key=asker.key)
    assert client.get(url, headers={"Authorization": f"Api-Key {text}"}).status_code == 200


def test_people_who_may_see_jobs_see_all(asker, products, client):
    url = asker.post(JOBS, {"skus": ["A"]})["Location"]
    user = UserFactory()
    _, text = person_token_create(user=user, name="x", scopes=["generate"])
    headers = {"Authorization": f"Token {text}"}
    allow = Permission.objects.filter
    user.user_permissions.add(*allow(codename="add_descriptionjob"))
    assert client.get(url, headers=headers).status_code == 404
    user.user_permissions.add(*allow(codename="view_descriptionjob"))
    assert client.get(url, headers=headers).status_code == 200


def test_products_without_an_item_and_drafts_against_the_catalog(asker, products):
    job = DescriptionJob.objects.get(pk=asker.post(JOBS, {"skus": ["A", "B"]}).json()["id"])
    first, second = job.items.order_by("pk")
    end_item(first, outcome=ItemOutcome.NOT_RECOGNISED, detail="No item is shown.")
    end_item(second)
    DescriptionFactory(
        product=second.product, job_item=second, contradictions=3, photo_disagrees=True
    )
    DescriptionFactory(product=first.product, contradictions=1)  # of no job
    body = asker.get(reverse("api:job", args=[job.pk])).json()
    counts = ("total", "done", "not_recognised", "failed", "skipped", "cancelled", "left")
    assert [body[name] for name in counts] == [2, 1, 1, 0, 0, 0, 0]
    assert (body["contradictions"], body["photo_disagrees"]) == (1, 1)
    assert body["without_item"] == [
        {"sku": "A", "reason": "not_recognised", "detail": "No item is shown."}
    ]
    assert body["failures"] == []
    assert "Red cotton shirt" not in str(body)
    Description.objects.update(state=DescriptionState.REJECTED)
    body = asker.get(reverse("api:job", args=[job.pk])).json()
    assert (body["contradictions"], body["photo_disagrees"]) == (0, 0)
