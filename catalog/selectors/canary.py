"""How the drafts of versions fare with people: approved as they are, edited, or rejected."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, F, Q

from catalog.choices import DescriptionState
from catalog.models import Description, ModelVersion


@dataclass(frozen=True, slots=True)
class Reception:
    """Of one version, since a time: its drafts, and what people made of those they looked at."""

    version: ModelVersion
    drafts: int
    approved: int
    #: Of the approved ones, those whose words nobody changed.
    unchanged: int
    rejected: int

    @property
    def approval_rate(self) -> float | None:
        """Share of the reviewed that were approved; None before any was."""
        reviewed = self.approved + self.rejected
        return self.approved / reviewed if reviewed else None

    @property
    def unchanged_rate(self) -> float | None:
        """Share of the approved that were right as they were."""
        return self.unchanged / self.approved if self.approved else None


def receptions(versions: list[ModelVersion], *, since: datetime | None) -> list[Reception]:
    """Side by side, over the same span; one query."""
    drafts = Description.objects.filter(model_version__in=versions).exclude(generated_standard="")
    if since is not None:
        drafts = drafts.filter(created_at__gte=since)
    # What was approved, and another approved after it, was approved all the same.
    approved = Q(
        state__in=(
            DescriptionState.APPROVED,
            DescriptionState.WITHDRAWN,
        )
    ) | Q(state=DescriptionState.SUPERSEDED, reviewed_at__isnull=False)
    rows = (
        drafts.order_by()
        .values("model_version")
        .annotate(
            drafts=Count("pk"),
            approved=Count("pk", filter=approved),
            unchanged=Count("pk", filter=approved & Q(standard=F("generated_standard"))),
            rejected=Count("pk", filter=Q(state=DescriptionState.REJECTED)),
        )
    )
    found = {row.pop("model_version"): row for row in rows}
    nothing = {"drafts": 0, "approved": 0, "unchanged": 0, "rejected": 0}
    return [Reception(version, **found.get(version.pk, nothing)) for version in versions]
