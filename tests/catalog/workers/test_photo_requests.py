"""The worker for photos for which somebody waits."""

from datetime import timedelta
from io import BytesIO

import pytest
from django.utils import timezone

from catalog.exceptions import LeaseLost
from catalog.models import PhotoRequest, PhotoRequestState
from catalog.photos import photo_shrunk
from catalog.transitions.job_item import (
    photo_request_fail,
    photo_request_finish,
    photo_request_lease,
)
from catalog.workers.photo_requests import photo_requests_run
from tests import describing
from tests.describing import write_texts
from tests.factories import photo_bytes

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


def request(number=0, **values):
    photo = photo_shrunk(BytesIO(photo_bytes(colour=(number,) * 3)), name="a")
    row = PhotoRequest.objects.create(
        photo=photo, expires_at=timezone.now() + timedelta(minutes=30)
    )
    PhotoRequest.objects.filter(pk=row.pk).update(**values)
    return row


def test_all_that_wait_are_described_and_their_photos_dropped(version):
    rows = [request(0), request(255)]
    assert photo_requests_run() == 2
    for row, text in zip(rows, ("Item in #000000.", "Item in #ffffff."), strict=True):
        row.refresh_from_db()
        assert (row.state, row.answer["standard"]) == (PhotoRequestState.DONE, text)
        assert bytes(row.photo) == b""


def test_a_wake_loads_the_model_before_anybody_waits(version, monkeypatch):
    loaded = []
    monkeypatch.setattr(
        describing, "describe_photos", lambda version, photos, **_: loaded.append((version, photos))
    )
    assert photo_requests_run() == 0
    assert loaded == [(version, [])]


def test_without_a_version_a_request_is_answered_with_that():
    row = request()
    assert photo_requests_run() == 1
    row.refresh_from_db()
    assert row.answer == {"reason": "No model version is active."}


def test_what_nobody_waits_for_any_more_is_left_alone(version):
    request(created_at=timezone.now() - timedelta(seconds=11))
    request(state=PhotoRequestState.LEASED)
    assert photo_requests_run() == 0


def test_one_whose_asker_left_in_the_middle_does_no_harm(version, stand_in):
    request(0)
    request(255)

    def script(photos):
        PhotoRequest.objects.filter(state=PhotoRequestState.LEASED).delete()
        return write_texts(photos)

    stand_in(script)
    assert photo_requests_run() == 2
    assert not PhotoRequest.objects.exists()


def test_each_step_starts_from_its_state():
    row = request()
    with pytest.raises(LeaseLost):
        photo_request_finish(key=row.pk, answer={})
    with pytest.raises(LeaseLost):
        photo_request_fail(key=row.pk, reason="x")
    assert photo_request_lease(key=row.pk)
    assert not photo_request_lease(key=row.pk)
    photo_request_finish(key=row.pk, answer={"a": 1})
    with pytest.raises(LeaseLost):
        photo_request_fail(key=row.pk, reason="x")
    row.refresh_from_db()
    assert (row.state, row.answer) == (PhotoRequestState.DONE, {"a": 1})
