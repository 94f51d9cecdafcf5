"""Reads of model versions: which is in use for what, and which writes the next draft."""

from dataclasses import dataclass
from hashlib import sha256
from typing import TypeGuard

from django.db.models import Q, QuerySet

from catalog.choices import USED_VERSION_STATES, ModelVersionState
from catalog.models import ModelVersion

BRAND = "brand:"


def model_version_active() -> ModelVersion | None:
    """The version that describes the whole catalog; None before one is active."""
    return ModelVersion.objects.filter(scope="", state=ModelVersionState.ACTIVE).first()


def model_version_in_scope(scope: str) -> ModelVersion | None:
    """The active version of a scope, or that of the whole catalog where the scope has none."""
    active = ModelVersion.objects.filter(state=ModelVersionState.ACTIVE)
    return active.filter(scope=scope).first() or model_version_active()


def model_versions_for_jobs() -> QuerySet[ModelVersion]:
    """The versions that a job may be asked to use, the newest first.

    A candidate writes no draft before the gate has passed it.
    """
    unused = (ModelVersionState.CANDIDATE, ModelVersionState.REJECTED)
    proven = Q(state=ModelVersionState.CANDIDATE, judgement__gate__passed=True)
    return ModelVersion.objects.filter(~Q(state__in=unused) | proven)


@dataclass(frozen=True)
class VersionsInUse:
    """The versions that may write a draft now, by scope."""

    active: dict[str, ModelVersion]
    canaries: dict[str, ModelVersion]

    @property
    def are_one(self) -> bool:
        """Whether one version writes everything, as is usual."""
        return not self.canaries and set(self.active) <= {""}

    def for_draft(self, *, key: int, brand: str, language: str) -> ModelVersion | None:
        """The version for a product: its brand's, else its market's, else the whole catalog's.

        A version that does not write the language is passed over. A canary of a scope writes a
        share of the drafts. `key` belongs to the item and decides, so that a second attempt has the
        same version.
        """
        for scope in (f"{BRAND}{brand}", f"market:{language}", ""):
            canary, active = self.canaries.get(scope), self.active.get(scope)
            if _writes(canary, language) and _lot(key, canary.pk) < (canary.canary_share or 0):
                return canary
            if _writes(active, language):
                return active
        return None

    @property
    def languages(self) -> list[str]:
        """All that the active versions write, sorted."""
        return sorted({code for version in self.active.values() for code in version.languages})

    @property
    def default_language(self) -> str:
        """What is written where no language is asked for: that of the whole catalog's version.

        Without one English, if any active version writes it, else the first of their languages.
        """
        if "" in self.active:
            return self.active[""].default_language
        return "en" if "en" in self.languages else next(iter(self.languages), "en")

    def brands_writing(self, language: str) -> list[str] | None:
        """The brands for which an active version writes the language; None stands for all."""
        scopes = [scope for scope, version in self.active.items() if version.writes(language)]
        if "" in scopes or f"market:{language}" in scopes:
            return None
        return [scope.removeprefix(BRAND) for scope in scopes if scope.startswith(BRAND)]


def _writes(version: ModelVersion | None, language: str) -> TypeGuard[ModelVersion]:
    return version is not None and version.writes(language)


def versions_in_use() -> VersionsInUse:
    """The active versions and canaries by scope. One query."""
    found = ModelVersion.objects.filter(state__in=USED_VERSION_STATES).select_related("base")
    return VersionsInUse(
        active={row.scope: row for row in found if row.state == ModelVersionState.ACTIVE},
        canaries={row.scope: row for row in found if row.state == ModelVersionState.CANARY},
    )


def _lot(key: int, version_id: int) -> int:
    """A number from 0 to 99, evenly distributed, and independent for each canary."""
    return int(sha256(f"{version_id}/{key}".encode()).hexdigest()[:8], 16) % 100
