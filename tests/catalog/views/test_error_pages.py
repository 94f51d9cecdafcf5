"""Pages for what went wrong: ours, with a way back, and no inside view."""

import pytest
from django.http import HttpRequest
from django.urls import reverse
from django.views.defaults import server_error

from tests.factories import ProductFactory, UserFactory


def test_a_fault_shows_our_page():
    answer = server_error(HttpRequest())
    assert answer.status_code == 500
    assert b"Something broke" in answer.content
    assert b"Traceback" not in answer.content


@pytest.mark.django_db
def test_what_an_account_may_not_do_says_so(client):
    client.force_login(UserFactory())
    url = reverse("admin:catalog_product_change", args=[ProductFactory().pk])
    answer = client.get(url)
    assert answer.status_code == 403
    assert b"Your account may not see this page" in answer.content
