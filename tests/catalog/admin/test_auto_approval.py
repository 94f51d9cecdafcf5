"""The page of auto-approval: what is missing, a certificate, and its end."""

import pytest
from django.urls import reverse

from catalog.models import ApprovalCertificate, CertifiedDraft
from tests.catalog.services.test_auto_approval import certificate, draft, judged
from tests.factories import ModelVersionFactory

pytestmark = pytest.mark.django_db
ALL = reverse("admin:catalog_approvalcertificate_changelist")


def page(client, address=ALL):
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_page_says_how_many_reviews_are_missing_and_begins_when_there_are_enough(admin_client):
    assert "reviewed one by one yet" in page(admin_client)
    version = ModelVersionFactory()
    judged(version, 29)
    assert "120 more reviews are needed." in page(admin_client)
    shown = page(admin_client, f"{ALL}?percent=10")
    assert "0 of 29 wrong, with 95% confidence at most 10%" in shown
    asked = {"version": version.pk, "category": "", "percent": "10.0"}
    assert 'name="percent" value="10.0"' in shown
    issue = reverse("admin:catalog_approvalcertificate_issue")
    refused = admin_client.post(issue, {**asked, "percent": "2"}, follow=True)
    assert "120 more reviews are needed: review drafts one by one." in refused.content.decode()
    done = admin_client.post(issue, asked, follow=True)
    assert "Drafts are approved from now on." in done.content.decode()
    assert ApprovalCertificate.objects.get().alpha == 0.1


def test_a_stopped_certificate_lists_what_to_look_at_again(admin_client):
    version = ModelVersionFactory()
    found = certificate(version)
    row = draft(version, state="approved")
    CertifiedDraft.objects.create(description=row, certificate=found, audited=False)
    address = reverse("admin:catalog_approvalcertificate_change", args=[found.pk])
    assert "Look at these again" not in page(admin_client, address)
    stop = reverse("admin:catalog_approvalcertificate_stop", args=[found.pk])
    said = admin_client.post(stop, {"reason": "Sale"}, follow=True).content.decode()
    assert "Stopped. Nothing more is approved by it." in said
    assert "Look at these again" in said
    assert row.product.sku in said
    assert "Sale" in page(admin_client)
