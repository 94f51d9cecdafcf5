"""The page of the style sheet: evidence, a switch, and its undoing."""

import pytest
from django.urls import reverse

from catalog.choices import DescriptionState
from catalog.models import StyleRule
from tests.factories import DescriptionFactory, UserFactory

pytestmark = pytest.mark.django_db
SHEET = reverse("admin:catalog_stylerule_changelist")


def page(client, address=SHEET):
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def test_from_edits_to_a_rule_that_is_followed_and_undone(admin_client):
    assert "No preference has been found yet" in page(admin_client)
    for _ in range(5):
        DescriptionFactory(
            state=DescriptionState.APPROVED,
            generated_standard="A cap in navy blue <b>.",
            standard="A cap in ink <b>.",
            reviewed_by=UserFactory(),
        )
    found = admin_client.post(reverse("admin:catalog_stylerule_find"), follow=True)
    assert "1 preference found." in found.content.decode()
    rule = StyleRule.objects.get()
    shown = page(admin_client)
    assert "5 of 5 edits" in shown
    assert 'aria-label="Switch on: navy blue → ink"' in shown
    evidence = page(admin_client, reverse("admin:catalog_stylerule_change", args=[rule.pk]))
    assert evidence.count("A cap in ink &lt;b&gt;.") == 5
    switch = reverse("admin:catalog_stylerule_switch", args=[rule.pk])
    on = admin_client.post(switch, {"on": "yes"}, follow=True).content.decode()
    assert "New drafts follow it." in on
    assert "Switch off" in on
    off = admin_client.post(switch, {"on": "no"}, follow=True).content.decode()
    assert "New drafts no longer follow it." in off
    rule.refresh_from_db()
    assert not rule.is_on


def test_a_rule_that_is_not_there_is_not_found(admin_client):
    for address in ("catalog_stylerule_change", "catalog_stylerule_switch"):
        assert admin_client.post(reverse(f"admin:{address}", args=[4711])).status_code == 404
