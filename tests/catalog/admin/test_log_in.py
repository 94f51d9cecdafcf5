"""The log-in: its page, and the lock after wrong passwords."""

from ipaddress import ip_network
from urllib.parse import urlencode

import pytest
from django.http import HttpResponse
from django.urls import reverse

from catalog.middleware import ClientAddressMiddleware
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


@pytest.mark.parametrize(
    "wanted",
    ["https://evil.example/", "//evil.example", "/nowhere/", "/admin/nowhere/", "javascript:1"],
)
def test_a_log_in_leads_to_the_start_page_from_what_is_no_page(client, wanted):
    UserFactory(username="mara", password="right pass phrase", is_staff=True)
    right = {"username": "mara", "password": "right pass phrase"}
    for given in ({"query_params": {"next": wanted}}, {}):
        data = right if given else right | {"next": wanted}
        address = f"{LOG_IN}?{urlencode(given['query_params'])}" if given else LOG_IN
        answer = client.post(address, data)
        assert (answer.status_code, answer["Location"]) == (302, reverse("admin:index"))
        client.logout()


def test_a_log_in_leads_to_the_page_that_was_asked_for(client):
    UserFactory(username="mara", password="right pass phrase", is_staff=True)
    wanted = reverse("admin:review")
    right = {"username": "mara", "password": "right pass phrase", "next": wanted}
    assert client.post(LOG_IN, right)["Location"] == wanted


def test_one_password_on_many_names_locks_the_address(client, settings):
    settings.LOGIN_FAILURES_OF_ADDRESS = 5
    UserFactory(username="mara", password="right pass phrase", is_staff=True)
    for number in range(5):
        tried = {"username": f"name-{number}", "password": "Summer2026"}
        assert client.post(LOG_IN, tried).status_code == 200
    right = {"username": "mara", "password": "right pass phrase"}
    assert client.post(LOG_IN, right).status_code == 429
    assert client.get(LOG_IN).status_code == 200
    assert client.post(LOG_IN, right, REMOTE_ADDR="10.0.0.2").status_code == 302


def test_behind_a_proxy_each_client_has_a_lock_of_its_own(client, settings):
    settings.TRUSTED_PROXIES = [ip_network("127.0.0.0/8"), ip_network("10.0.0.0/8")]
    settings.LOGIN_FAILURES_OF_ADDRESS = 2
    UserFactory(username="mara", password="right pass phrase", is_staff=True)
    for number in range(2):
        tried = {"username": f"name-{number}", "password": "Summer2026"}
        # What a client made up stands first; the proxies add whom they were called by.
        made_up = f"9.9.9.{number}, 203.0.113.7, 10.0.0.1"
        assert client.post(LOG_IN, tried, HTTP_X_FORWARDED_FOR=made_up).status_code == 200
    right = {"username": "mara", "password": "right pass phrase"}
    assert client.post(LOG_IN, right, HTTP_X_FORWARDED_FOR="203.0.113.7").status_code == 429
    assert client.post(LOG_IN, right, HTTP_X_FORWARDED_FOR="203.0.113.8").status_code == 302


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("", "198.51.100.1"),
        ("203.0.113.7", "198.51.100.1"),  # nobody trusts who connects
    ],
)
def test_a_strangers_header_counts_for_nothing(rf, settings, header, expected):
    settings.TRUSTED_PROXIES = [ip_network("10.0.0.0/8")]
    request = rf.get("/", REMOTE_ADDR="198.51.100.1", HTTP_X_FORWARDED_FOR=header)
    ClientAddressMiddleware(lambda request: HttpResponse())(request)
    assert request.META["REMOTE_ADDR"] == expected
