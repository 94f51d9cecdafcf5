"""Every refusal is a problem document, and every kind of problem is described."""

from pathlib import Path

import pytest
from django.urls import reverse

from catalog.api.problems import Problem

LIST = reverse("api:product-list")
ROOT = Path(__file__).resolve().parents[3]
pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("method", "url", "status", "name"),
    [
        ("get", "/api/v1/nowhere/", 404, "not-found"),
        ("get", "/api/v1/", 404, "not-found"),
        ("post", "/api/v1/nowhere/", 404, "not-found"),
        ("get", reverse("api:product-detail", args=["NONE"]), 404, "not-found"),
        ("get", reverse("api:problem", args=["none"]), 404, "not-found"),
        ("delete", LIST, 405, "method-not-allowed"),
        ("options", LIST, 405, "method-not-allowed"),
        ("get", f"{LIST}?limit=abc", 400, "invalid-request"),
        ("get", f"{LIST}?format=xml", 400, "invalid-request"),
    ],
)
def test_a_refusal(client, method, url, status, name):
    answer = getattr(client, method)(url)
    assert (answer.status_code, answer["Content-Type"]) == (status, "application/problem+json")
    problem = answer.json()
    assert problem["type"] == f"http://testserver/api/v1/problems/{name}/"
    assert problem["status"] == status
    assert problem["detail"]
    assert client.get(problem["type"]).json()["title"] == problem["title"]


def test_only_json_is_served(client):
    answer = client.get(LIST, headers={"Accept": "application/xml"})
    assert (answer.status_code, answer["Content-Type"]) == (406, "application/problem+json")


def test_our_own_fault_says_nothing_of_ours(client, monkeypatch, caplog):
    def broken(*args):
        raise RuntimeError("secret of the house")

    monkeypatch.setattr("catalog.selectors.products.latest_change", broken)
    client.raise_request_exception = False
    answer = client.get(LIST)
    assert (answer.status_code, answer["Content-Type"]) == (500, "application/problem+json")
    assert answer.json()["type"].endswith("/problems/internal-error/")
    assert b"secret" not in answer.content
    assert "secret of the house" in caplog.text


@pytest.mark.parametrize("problem", Problem)
def test_each_kind_is_described(client, problem):
    answer = client.get(reverse("api:problem", args=[problem.slug])).json()
    assert (answer["name"], answer["status"]) == (problem.slug, problem.status)
    row = f"| `{problem.slug}` | {problem.status} | {problem.title} | "
    assert f"{row}{problem.advice} |" in (ROOT / "docs" / "api.md").read_text()
