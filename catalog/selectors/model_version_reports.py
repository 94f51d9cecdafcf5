"""What the page of a model version shows, read from its judgement, manifest and log."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, QuerySet

from catalog.choices import DeploymentAction, ModelVersionState
from catalog.models import Deployment, ModelVersion, TrainingExample
from catalog.selectors.canary import Reception, receptions
from catalog.selectors.gate import figure_label
from catalog.selectors.training_runs import photo_thumbnails


@dataclass(frozen=True, slots=True)
class FigureRow:
    """A figure of the version in use and of the candidate; None where nobody could take it."""

    label: str
    before: float | None
    after: float | None


@dataclass(frozen=True, slots=True)
class VersionReport:
    """Everything beside the version's own row. Empty lists where its run judged nothing."""

    gate: dict[str, Any]
    against: str
    learned: list[FigureRow]
    kept: list[FigureRow]
    categories: list[dict[str, Any]]
    samples: list[dict[str, Any]]
    changes: list[dict[str, Any]]
    changed: int
    compared: int
    manifest: list[tuple[str, int]]
    receptions: list[Reception]
    log: QuerySet[Deployment]


def version_report(version: ModelVersion, active: ModelVersion | None) -> VersionReport:
    """`active` is the version in use now: drafts are compared with its."""
    found = version.judgement
    samples, changes = found.get("samples", []), found.get("changes", [])
    thumbnails = photo_thumbnails(row["photo"] for row in (*samples, *changes))
    for row in (*samples, *changes):
        row["thumbnail"] = thumbnails.get(row["photo"], "")
    return VersionReport(
        gate=found.get("gate", {}),
        against=found.get("against", ""),
        learned=_rows(found.get("learned", {})),
        kept=_rows(found.get("kept", {})),
        categories=found.get("categories", []),
        samples=samples,
        changes=changes,
        changed=found.get("changed", 0),
        compared=found.get("compared", 0),
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
    """Since the trial began, where it is tried; nothing for versions that are not."""
    if version.state != ModelVersionState.CANARY or active is None:
        return []
    entries = Deployment.objects.filter(version=version, action=DeploymentAction.CANARY_STARTED)
    begun = entries.values_list("at", flat=True).first()
    return receptions([active, version], since=begun)
