"""The log-in: its page, and the lock after wrong passwords."""

import pytest
from django.urls import reverse

from tests.factories import UserFactory

LOG_IN = reverse("admin:login")
pytestmark = pytest.mark.django_db


def test_the_page_has_a_heading_and_a_strict_policy(client):
    page = client.get(LOG_IN)
    assert "<h1>Log in</h1>" in page.content.decode()
    assert "unsafe" not in page["Content-Security-Policy"]


def test_wrong_passwords_lock_the_name_for_this_address_alone(client, settings):
    UserFactory(username="mara", password="right pass phrase")
    wrong = {"username": "mara", "password": "wrong"}
    for _ in range(settings.AXES_FAILURE_LIMIT - 1):
        assert client.post(LOG_IN, wrong).status_code == 200
    locked = client.post(LOG_IN, wrong)
    assert locked.status_code == 429
    assert "Too many wrong passwords" in locked.content.decode()
    right = {**wrong, "password": "right pass phrase"}
    assert client.post(LOG_IN, right).status_code == 429
    assert client.post(LOG_IN, right, REMOTE_ADDR="10.0.0.2").status_code == 302
