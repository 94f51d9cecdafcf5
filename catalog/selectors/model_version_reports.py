"""How good a model version is: its report, and how its drafts fare with reviewers."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, F, Q, QuerySet

from catalog.choices import DeploymentAction, DescriptionState, GateVerdict, ModelVersionState
from catalog.gate import figure_label, gate_verdict
from catalog.models import Deployment, Description, ModelVersion, TrainingExample
from catalog.selectors.training_runs import photo_thumbnails


@dataclass(frozen=True, slots=True)
class Reception:
    """How the drafts of one version fared since a time."""

    version: ModelVersion
    drafts: int
    approved: int
    #: Of the approved drafts, those that nobody edited.
    unchanged: int
    rejected: int

    @property
    def approval_rate(self) -> float | None:
        """Share of the reviewed drafts that were approved; None before the first review."""
        reviewed = self.approved + self.rejected
        return self.approved / reviewed if reviewed else None

    @property
    def unchanged_rate(self) -> float | None:
        """Share of the approved drafts that nobody edited; None before the first approval."""
        return self.unchanged / self.approved if self.approved else None


def receptions(versions: list[ModelVersion], *, since: datetime | None) -> list[Reception]:
    """The versions side by side, over the same time, in their order. One query."""
    drafts = Description.objects.filter(model_version__in=versions).exclude(generated_standard="")
    if since is not None:
        drafts = drafts.filter(created_at__gte=since)
    # A reviewed text that another has superseded was approved too.
    approved = Q(state__in=(DescriptionState.APPROVED, DescriptionState.WITHDRAWN)) | Q(
        state=DescriptionState.SUPERSEDED, reviewed_at__isnull=False
    )
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


@dataclass(frozen=True, slots=True)
class FigureRow:
    """A measure of the version in use and of the candidate; None where it was not taken."""

    label: str
    before: float | None
    after: float | None


@dataclass(frozen=True, slots=True)
class VersionReport:
    """What the page shows besides the version's own row; lists are empty without a judgement."""

    gate: dict[str, Any]
    verdict: GateVerdict | None
    against: str
    learned: list[FigureRow]
    kept: list[FigureRow]
    categories: list[dict[str, Any]]
    samples: list[dict[str, Any]]
    changes: list[dict[str, Any]]
    changed: int
    compared: int
    #: Drafts of the catalog that are worse than those of the version in use, of so many drafted.
    faulty: list[dict[str, Any]]
    drafted: int
    manifest: list[tuple[str, int]]
    receptions: list[Reception]
    log: QuerySet[Deployment]


def version_report(version: ModelVersion, active: ModelVersion | None) -> VersionReport:
    """The report of a version; `active` is the one in use now, with whose drafts it is compared."""
    found = version.judgement
    samples, changes = found.get("samples", []), found.get("changes", [])
    faulty = found.get("faulty", [])
    thumbnails = photo_thumbnails(row["photo"] for row in (*samples, *changes, *faulty))
    for row in (*samples, *changes, *faulty):
        row["thumbnail"] = thumbnails.get(row["photo"], "")
    for row in faulty:
        row["fault_labels"] = [figure_label(name) for name in row["faults"]]
    return VersionReport(
        gate=found.get("gate", {}),
        verdict=gate_verdict(found),
        against=found.get("against", ""),
        learned=_rows(found.get("learned", {})),
        kept=_rows(found.get("kept", {})),
        categories=found.get("categories", []),
        samples=samples,
        changes=changes,
        changed=found.get("changed", 0),
        compared=found.get("compared", 0),
        faulty=faulty,
        drafted=found.get("drafted", 0),
        manifest=_manifest(version),
        receptions=_receptions(version, active),
        log=Deployment.objects.filter(version=version).select_related("actor", "former"),
    )


def _rows(figures: dict[str, list[float | None]]) -> list[FigureRow]:
    return [FigureRow(figure_label(name), *pair) for name, pair in figures.items()]


def _manifest(version: ModelVersion) -> list[tuple[str, int]]:
    """How many captions of each category it learned from or was judged by."""
    rows = TrainingExample.objects.filter(run__version=version).order_by()
    counted = rows.values_list("category").annotate(count=Count("pk")).order_by("-count")
    return [(name or "–", count) for name, count in counted]


def _receptions(version: ModelVersion, active: ModelVersion | None) -> list[Reception]:
    """How drafts of a canary and of the active version fare since the trial began."""
    if version.state != ModelVersionState.CANARY or active is None:
        return []
    entries = Deployment.objects.filter(version=version, action=DeploymentAction.CANARY_STARTED)
    begun = entries.values_list("at", flat=True).first()
    return receptions([active, version], since=begun)
