"""Auto-approval: proven by reviews, audited, stopped by itself, and all of it in the log."""

from datetime import timedelta

import pytest
from django.utils import timezone

from catalog.choices import DescriptionAction, DescriptionState, ModelVersionState, ReviewStep
from catalog.exceptions import ApprovalRefused
from catalog.models import (
    ApprovalCertificate,
    CertifiedDraft,
    Description,
    DescriptionEvent,
    ReviewAction,
    ReviewLease,
)
from catalog.selectors.reviewed_drafts import reviewed_drafts
from catalog.services import auto_approval
from catalog.services.auto_approval import (
    certificate_issue,
    certificate_stop,
    certified_drafts_approve,
)
from moda_engine.brief.claims import Brief, Claim
from tests.factories import (
    CategoryFactory,
    DescriptionFactory,
    ModelVersionFactory,
    ProductFactory,
    UserFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]
BRIEF = Brief((Claim("colour", "Red", "catalog", 1.0, "colour"),)).to_json()
DRAFT = "Red cap for men."


@pytest.fixture
def version():
    return ModelVersionFactory()


@pytest.fixture
def nobody_audits(monkeypatch):
    monkeypatch.setattr(auto_approval, "AUDITED_PERCENT", 0)


def draft(version, **values):
    given = {
        "product": ProductFactory(category=None),
        "model_version": version,
        "confidence": 0.95,
        "brief": BRIEF,
        "standard": DRAFT,
        "generated_standard": DRAFT,
        **values,
    }
    return DescriptionFactory(**given)


def judged(version, count=1, *, seconds=9.0, together=1, **values):
    """Drafts that a person opened and judged one by one."""
    person = UserFactory()
    rows = []
    for _ in range(count):
        review = ReviewAction.objects.create(
            reviewer=person, step=ReviewStep.APPROVE, count=together, seconds=seconds
        )
        given = {
            "state": DescriptionState.APPROVED,
            "reviewed_by": person,
            "reviewed_at": timezone.now(),
            **values,
        }
        rows.append(draft(version, **given))
        DescriptionEvent.objects.create(
            description=rows[-1], action=DescriptionAction.APPROVED, review=review
        )
    return rows


def certificate(version, **values):
    given = {
        "version": version,
        "alpha": 0.02,
        "threshold": 0.9,
        "reviews": 149,
        "wrong": 0,
        "bound": 0.02,
        **values,
    }
    return ApprovalCertificate.objects.create(**given)


def states(*rows):
    return [Description.objects.get(pk=row.pk).state for row in rows]


def test_reviews_prove_a_certificate_and_are_its_evidence(version):
    rows = judged(version, 15)
    with pytest.raises(ApprovalRefused, match="14 more reviews are needed"):
        certificate_issue(version=version, category="", alpha=0.1, actor=None)
    rows += judged(version, 14)
    found = certificate_issue(version=version, category="", alpha=0.1, actor=UserFactory())
    assert (found.reviews, found.wrong, found.threshold) == (29, 0, 0.5)
    assert sorted(found.evidence) == sorted(row.pk for row in rows)
    with pytest.raises(ApprovalRefused, match="in force already"):
        certificate_issue(version=version, category="", alpha=0.1, actor=None)


@pytest.mark.parametrize(
    ("values", "alpha", "state"),
    [
        ({}, 0.0, ModelVersionState.ACTIVE),
        ({}, 0.3, ModelVersionState.ACTIVE),
        ({}, 0.1, ModelVersionState.RETIRED),
        ({"state": DescriptionState.REJECTED}, 0.1, ModelVersionState.ACTIVE),
        ({"standard": "Blue cap for men."}, 0.1, ModelVersionState.ACTIVE),
    ],
)
def test_what_is_not_proven_is_refused(values, alpha, state):
    version = ModelVersionFactory(state=state)
    judged(version, 29, **values)
    with pytest.raises(ApprovalRefused):
        certificate_issue(version=version, category="", alpha=alpha, actor=None)
    assert not ApprovalCertificate.objects.exists()


def test_other_words_for_the_same_are_not_wrong(version):
    judged(version, standard="A cap for men, in red.")
    judged(version, standard="A cap for men, in blue.")
    judged(version, state=DescriptionState.REJECTED)
    found = reviewed_drafts(version)[""]
    assert sorted(one.review.wrong for one in found) == [False, True, True]


def test_only_texts_that_a_person_read_are_evidence(version):
    shirts = CategoryFactory(name="Shirts", parent=CategoryFactory(name="Clothes"))
    judged(version, product=ProductFactory(category=shirts))
    judged(version, seconds=0.4)
    judged(version, seconds=None)
    judged(version, together=7)
    judged(version, generated_standard="")
    judged(version, confidence=None)
    assert {name: len(rows) for name, rows in reviewed_drafts(version).items()} == {"Clothes": 1}


def test_drafts_above_the_threshold_are_approved_and_the_log_says_by_what(version, nobody_audits):
    found = certificate(version)
    sure = draft(version)
    left = [
        draft(version, confidence=0.89),
        draft(version, contradictions=1),
        draft(version, photo_disagrees=True),
        draft(version, standard="Red cap, edited."),
        draft(ModelVersionFactory(state=ModelVersionState.RETIRED)),
        draft(version, product=ProductFactory(category=CategoryFactory())),
    ]
    open_now = draft(version)
    ReviewLease.objects.create(
        description=open_now,
        reviewer=UserFactory(),
        taken_at=timezone.now(),
        until=timezone.now() + timedelta(minutes=1),
    )
    assert certified_drafts_approve() == 1
    assert states(sure, *left, open_now) == ["approved", *["draft"] * 7]
    row = CertifiedDraft.objects.get()
    assert (row.description, row.certificate, row.audited) == (sure, found, False)
    assert certified_drafts_approve() == 0
    with pytest.raises(TypeError, match="never changed"):
        row.save()


def test_a_share_goes_to_reviewers_unmarked(version, monkeypatch):
    monkeypatch.setattr(auto_approval, "AUDITED_PERCENT", 100)
    certificate(version)
    row = draft(version)
    assert certified_drafts_approve() == 0
    assert states(row) == ["draft"]
    assert CertifiedDraft.objects.get().audited
    assert certified_drafts_approve() == 0  # decided once


def test_the_audit_stops_it_and_says_why(version, nobody_audits):
    found = certificate(version)
    for row in judged(version, 3, state=DescriptionState.REJECTED):
        CertifiedDraft.objects.create(description=row, certificate=found, audited=True)
    waiting = draft(version)
    assert certified_drafts_approve() == 0
    found.refresh_from_db()
    assert found.stop_reason == "The audit found 3 of 3 drafts wrong in a claim."
    assert (found.stopped_by, states(waiting)) == (None, ["draft"])


def test_a_person_stops_it_with_a_reason_and_a_retired_version_ends_it(version, nobody_audits):
    found = certificate(version)
    with pytest.raises(ApprovalRefused, match="Say why"):
        certificate_stop(certificate=found, actor=None, reason=" ")
    person = UserFactory()
    certificate_stop(certificate=found, actor=person, reason="Sale")
    certificate_stop(certificate=found, actor=None, reason="Again")
    assert (found.stopped_by, found.stop_reason) == (person, "Sale")
    draft(version)
    assert certified_drafts_approve() == 0
    other = certificate(version)
    version.state = ModelVersionState.RETIRED
    version.save()
    assert certified_drafts_approve() == 0
    other.refresh_from_db()
    assert other.stop_reason == "Its version is retired."
