"""Auto-approval: what the reviews prove by version and category, and what was approved by it."""

from dataclasses import dataclass
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from catalog.admin.pages import ReadOnlyAdmin, refusals_as_messages, site_page, user_of
from catalog.certificate import Certificate, certify, reviews_needed
from catalog.choices import USED_VERSION_STATES
from catalog.exceptions import ApprovalRefused
from catalog.models import ApprovalCertificate, CertifiedDraft, ModelVersion
from catalog.selectors.reviewed_drafts import ReviewedDraft, reviewed_drafts
from catalog.services.auto_approval import certificate_issue, certificate_stop

#: Per cent of wrong drafts that the page proposes to accept.
USUAL_PERCENT = 2.0
#: Drafts of a certificate that its page shows.
SHOWN = 200


@dataclass(frozen=True)
class Offer:
    """What the reviews of a version's drafts in a category prove at a share of wrong ones."""

    version: ModelVersion
    category: str
    reviews: int
    wrong: int
    found: Certificate | None
    #: Reviews that are missing at least.
    missing: int

    @classmethod
    def of(
        cls, version: ModelVersion, category: str, reviewed: list[ReviewedDraft], alpha: float
    ) -> "Offer":
        reviews = [one.review for one in reviewed]
        missing = max(0, reviews_needed(alpha) - len(reviews))
        wrong = sum(one.wrong for one in reviews)
        found = certify(reviews, alpha)
        return cls(version, category, len(reviews), wrong, found, missing)


@admin.register(ApprovalCertificate)
class ApprovalCertificateAdmin(ReadOnlyAdmin[ApprovalCertificate]):
    """A page of what could be certified and what is, and a page for each certificate."""

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        issue, stop = wrap(require_POST(self.issue_view)), wrap(require_POST(self.stop_view))
        return [
            path("issue/", issue, name="catalog_approvalcertificate_issue"),
            path("<int:certificate_id>/stop/", stop, name="catalog_approvalcertificate_stop"),
            *super().get_urls(),
        ]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """Offers for the versions in use, then all certificates, the newest first."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        percent = _percent(request.GET.get("percent", "")) or USUAL_PERCENT
        versions = ModelVersion.objects.filter(state__in=USED_VERSION_STATES)
        return site_page(
            request,
            "catalog/approvalcertificate/all",
            title=_("Auto-approval"),
            opts=self.opts,
            percent=percent,
            offers=[
                Offer.of(version, category, reviewed, percent / 100)
                for version in versions
                for category, reviewed in reviewed_drafts(version).items()
            ],
            certificates=_counted(),
            may_decide=self.has_manage_permission(request),
        )

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """One certificate: its proof, and the drafts that it decided on."""
        key = object_id if object_id.isdecimal() else 0
        certificate = get_object_or_404(_counted(), pk=key)
        if not self.has_view_permission(request, certificate):
            raise PermissionDenied
        decided = CertifiedDraft.objects.filter(certificate=certificate, audited=False)
        return site_page(
            request,
            "catalog/approvalcertificate/one",
            title=str(certificate),
            opts=self.opts,
            certificate=certificate,
            drafts=decided.select_related("description__product").order_by("-pk")[:SHOWN],
            may_decide=self.has_manage_permission(request),
        )

    def issue_view(self, request: HttpRequest) -> HttpResponse:
        """Begin for a version and category, where the reviews prove it."""
        if not self.has_manage_permission(request):
            raise PermissionDenied
        key = request.POST.get("version", "")
        version = ModelVersion.objects.filter(pk=key if key.isdecimal() else 0).first()
        percent = _percent(request.POST.get("percent", ""))
        with refusals_as_messages(request):
            if version is None:
                raise ApprovalRefused(_("Choose a model version in use."))
            certificate_issue(
                version=version,
                category=request.POST.get("category", ""),
                alpha=(percent or 0.0) / 100,
                actor=user_of(request),
            )
            messages.success(request, str(_("Certified. Drafts are approved from now on.")))
        return redirect("admin:catalog_approvalcertificate_changelist")

    def stop_view(self, request: HttpRequest, certificate_id: int) -> HttpResponse:
        """Approve nothing more by a certificate."""
        if not self.has_manage_permission(request):
            raise PermissionDenied
        certificate = get_object_or_404(ApprovalCertificate, pk=certificate_id)
        reason = request.POST.get("reason", "")
        with refusals_as_messages(request):
            certificate_stop(certificate=certificate, actor=user_of(request), reason=reason)
            messages.success(request, str(_("Stopped. Nothing more is approved by it.")))
        return redirect("admin:catalog_approvalcertificate_change", certificate_id)


def _percent(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _counted() -> QuerySet[ApprovalCertificate]:
    """The certificates with how many drafts each approved and left to the audit."""
    rows = ApprovalCertificate.objects.select_related("version", "issued_by", "stopped_by")
    return rows.annotate(
        approved=Count("drafts", filter=Q(drafts__audited=False)),
        audited=Count("drafts", filter=Q(drafts__audited=True)),
    )
