"""Auto-approval: certified by reviews, audited by reviewers who do not know, stopped by itself."""

import secrets
from collections.abc import Sequence

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from catalog.certificate import audit_fails, certify, reviews_needed
from catalog.choices import DescriptionState
from catalog.claims import contradictions_in, texts_of
from catalog.exceptions import ApprovalRefused
from catalog.models import (
    ApprovalCertificate,
    CertifiedDraft,
    Description,
    ModelVersion,
    ReviewLease,
)
from catalog.models.description import IN_MACHINE_WORDS
from catalog.selectors.reviewed_drafts import category_ids, outcomes_of, reviewed_drafts
from catalog.transitions.description import drafts_approve
from catalog.transitions.text_changes import products_lock

#: Of a hundred drafts that could be approved by themselves, so many go to reviewers, unmarked.
AUDITED_PERCENT = 5
#: Drafts that are decided on in one transaction.
CHUNK = 200
#: The largest share of wrong drafts that may be accepted.
LARGEST_ALPHA = 0.2


def certificate_issue(
    *, version: ModelVersion, category: str, alpha: float, actor: User | None
) -> ApprovalCertificate:
    """Prove from reviews that drafts may be approved by themselves, and begin.

    `category` is a root of the category tree. Raises `ApprovalRefused` where the version is not in
    use, `alpha` is not between 0 and 20 per cent, the reviews do not prove it, or one is in force.
    """
    if not version.is_in_use:
        raise ApprovalRefused(_("%(version)s writes no new drafts.") % {"version": version})
    if not 0 < alpha <= LARGEST_ALPHA:
        raise ApprovalRefused(_("Accept more than 0 and at most 20 per cent of wrong drafts."))
    reviewed = reviewed_drafts(version).get(category, [])
    found = certify([one.review for one in reviewed], alpha)
    if found is None:
        raise ApprovalRefused(_refusal(len(reviewed), alpha))
    above = [one.pk for one in reviewed if one.review.confidence >= found.threshold]
    try:
        with transaction.atomic():
            return ApprovalCertificate.objects.create(
                version=version,
                category=category,
                alpha=alpha,
                threshold=found.threshold,
                reviews=found.reviews,
                wrong=found.wrong,
                bound=found.bound,
                evidence=above,
                issued_by=actor,
            )
    except IntegrityError as error:
        raise ApprovalRefused(_("A certificate is in force already: stop it first.")) from error


def certificate_stop(
    *, certificate: ApprovalCertificate, actor: User | None, reason: str
) -> ApprovalCertificate:
    """Approve nothing more by it. Raises `ApprovalRefused` without a reason; twice is once."""
    if not reason.strip():
        raise ApprovalRefused(_("Say why, in a few words: the log keeps it."))
    with transaction.atomic():
        fresh = ApprovalCertificate.objects.select_for_update().get(pk=certificate.pk)
        if fresh.stopped_at is None:
            fresh.stopped_at, fresh.stopped_by = timezone.now(), actor
            fresh.stop_reason = reason.strip()
            fresh.save(update_fields=["stopped_at", "stopped_by", "stop_reason"])
    certificate.refresh_from_db()
    return certificate


def certified_drafts_approve() -> int:
    """Look at each audit, then approve what the certificates in force allow; returns how many.

    One chunk of each certificate: the sweep calls it every few seconds.
    """
    approved = 0
    in_force = ApprovalCertificate.objects.filter(stopped_at__isnull=True)
    for certificate in in_force.select_related("version").order_by("pk"):
        if not certificate.version.is_in_use:
            certificate_stop(certificate=certificate, actor=None, reason="Its version is retired.")
        elif not _audit(certificate):
            approved += _approve_chunk(certificate)
    return approved


def _audit(certificate: ApprovalCertificate) -> bool:
    """Stop a certificate that the audit speaks against; whether it did."""
    audited = Description.objects.filter(
        certified__certificate=certificate, certified__audited=True
    )
    found = [one.review.wrong for one in outcomes_of(audited)]
    if not audit_fails(sum(found), len(found), certificate.alpha):
        return False
    reason = f"The audit found {sum(found)} of {len(found)} drafts wrong in a claim."
    certificate_stop(certificate=certificate, actor=None, reason=reason)
    return True


def _approve_chunk(certificate: ApprovalCertificate) -> int:
    with transaction.atomic():
        # Another sweep of this moment waits here, and finds the drafts decided.
        fresh = ApprovalCertificate.objects.select_for_update().get(pk=certificate.pk)
        if fresh.stopped_at is not None:
            return 0
        asked = _drafts(certificate)
        ids = list(asked.values_list("pk", flat=True)[:CHUNK])
        products_lock(Description.objects.filter(pk__in=ids).values_list("product_id", flat=True))
        locked = asked.filter(pk__in=ids).select_for_update(of=("self",))
        drafts = _one_a_product(list(locked.select_related("product").order_by("pk")))
        audited = {one.pk for one in drafts if secrets.randbelow(100) < AUDITED_PERCENT}
        CertifiedDraft.objects.bulk_create(
            CertifiedDraft(description=one, certificate=certificate, audited=one.pk in audited)
            for one in drafts
        )
        approved = [one for one in drafts if one.pk not in audited]
        drafts_approve(approved, actor=None)
    return len(approved)


def _drafts(certificate: ApprovalCertificate) -> QuerySet[Description]:
    """Drafts that the certificate speaks of, and that nobody has touched or has open."""
    open_now = ReviewLease.objects.filter(description=OuterRef("pk"), until__gt=timezone.now())
    drafts = Description.objects.filter(
        IN_MACHINE_WORDS,
        ~Exists(open_now),
        state=DescriptionState.DRAFT,
        model_version=certificate.version,
        confidence__gte=certificate.threshold,
        contradictions=0,
        photo_disagrees=False,
        certified__isnull=True,
    ).exclude(generated_standard="")
    if certificate.category:
        return drafts.filter(product__category__in=category_ids(certificate.category))
    return drafts.filter(product__category__isnull=True)


def _one_a_product(drafts: Sequence[Description]) -> list[Description]:
    """The newest draft of each product and language, without those that deny themselves."""
    newest = {(one.product_id, one.language): one for one in drafts}
    return [one for one in newest.values() if not contradictions_in(one, texts_of(one))]


def _refusal(reviews: int, alpha: float) -> str:
    missing = reviews_needed(alpha) - reviews
    if missing > 0:
        return _("%(count)d more reviews are needed: review drafts one by one.") % {
            "count": missing
        }
    return _("Too many of the reviewed drafts were wrong in a claim, at every confidence.")
