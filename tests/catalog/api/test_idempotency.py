"""Idempotency-Key: the work is done once, however often and from wherever it is asked for."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from catalog.models import IdempotentRequest, Product
from tests.factories import ProductFactory, photo_bytes
from tests.rivals import at_once

LIST = reverse("api:product-list")
BODY = {"sku": "A", "title": "Shirt"}
KEY = {"Idempotency-Key": "one"}
pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


@pytest.fixture
def writer(with_scopes):
    return with_scopes("read", "write")


def test_the_same_request_is_answered_alike(writer):
    first = writer.post(LIST, BODY, headers=KEY)
    Product.objects.all().delete()
    again = writer.post(LIST, {"title": "Shirt", "sku": "A"}, headers=KEY)
    assert (first.status_code, again.status_code) == (201, 201)
    assert (again.content, again["Location"], again["ETag"]) == (
        first.content,
        first["Location"],
        first["ETag"],
    )
    assert "Idempotency-Replayed" not in first
    assert again["Idempotency-Replayed"] == "true"
    assert not Product.objects.exists()


def test_another_request_with_the_key_is_refused(writer):
    writer.post(LIST, BODY, headers=KEY)
    for url, body in ((LIST, {**BODY, "sku": "B"}), (reverse("api:product-bulk"), BODY)):
        answer = writer.post(url, body, headers=KEY)
        assert answer.status_code == 422
        assert answer.json()["type"].endswith("/idempotency-key-reused/")
    assert Product.objects.count() == 1


def test_each_client_has_keys_of_its_own(writer, with_scopes):
    writer.post(LIST, BODY, headers=KEY)
    other = with_scopes("write").post(LIST, {**BODY, "sku": "B"}, headers=KEY)
    assert (other.status_code, Product.objects.count()) == (201, 2)


def test_what_was_refused_may_be_tried_again(writer):
    assert writer.post(LIST, {"sku": "A"}, headers=KEY).status_code == 400
    assert writer.post(LIST, BODY, headers=KEY).status_code == 201
    ProductFactory(sku="B")
    second = {"Idempotency-Key": "two"}
    assert writer.post(LIST, {**BODY, "sku": "B"}, headers=second).status_code == 409
    assert list(IdempotentRequest.objects.values_list("key", flat=True)) == ["one"]


@pytest.mark.parametrize("key", ["", " ", "x" * 256, "ümlaut", "two words", "tab\t"])
def test_a_key_that_is_none(writer, key):
    answer = writer.post(LIST, BODY, headers={"Idempotency-Key": key})
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["pointer"] == "#/Idempotency-Key"
    assert not Product.objects.exists()


def age(hours=0, seconds=0):
    old = timezone.now() - timedelta(hours=hours, seconds=seconds)
    IdempotentRequest.objects.update(created_at=old)


def test_a_day_later_the_key_is_free(writer):
    writer.post(LIST, BODY, headers=KEY)
    age(hours=24, seconds=1)
    assert writer.post(LIST, {**BODY, "sku": "B"}, headers=KEY).status_code == 201
    assert Product.objects.count() == 2


def test_while_the_first_is_at_work_the_second_waits(writer):
    writer.post(LIST, BODY, headers=KEY)
    IdempotentRequest.objects.update(status=None)
    Product.objects.all().delete()
    answer = writer.post(LIST, BODY, headers=KEY)
    assert (answer.status_code, answer["Retry-After"]) == (409, "1")
    assert answer.json()["type"].endswith("/request-in-progress/")
    age(seconds=61)  # the process that had it is gone
    assert writer.post(LIST, BODY, headers=KEY).status_code == 201


def test_a_crash_leaves_neither_work_nor_note(writer, monkeypatch):
    """The note of the answer fails, as if the process died there."""

    def dies(**_: object):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr("catalog.services.idempotency.request_finish", dies)
        writer.post(LIST, BODY, headers=KEY)
    assert not Product.objects.exists()
    assert writer.post(LIST, BODY, headers=KEY).status_code == 201


def test_a_photo_is_told_by_its_content(writer):
    ProductFactory(sku="A")
    url = reverse("api:product-images", args=["A"])

    def send(content):
        from django.core.files.uploadedfile import SimpleUploadedFile

        form = {"photo": SimpleUploadedFile("a.jpg", content, "image/jpeg")}
        return writer._client.post(url, form, headers={**writer.headers, **KEY})

    first = send(photo_bytes())
    assert first.status_code == 201
    assert send(photo_bytes()).content == first.content
    assert send(photo_bytes(colour=(1, 2, 3))).status_code == 422


@pytest.mark.django_db(transaction=True)
def test_of_many_at_once_one_does_the_work(with_scopes):
    writer = with_scopes("write")
    answers = at_once(lambda _: writer.post(LIST, BODY, headers=KEY).status_code, range(4))
    assert Product.objects.count() == 1
    assert 201 in answers
    assert set(answers) <= {201, 409}
