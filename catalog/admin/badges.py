"""States as short words on a coloured ground; the word alone says it all."""

from django.utils.html import format_html
from django.utils.safestring import SafeString

from catalog.choices import (
    DescriptionState,
    ExportState,
    ImportState,
    JobState,
    ModelVersionState,
    ProductState,
    TrainingRunState,
)

KINDS = {
    DescriptionState.DRAFT: "warn",
    DescriptionState.APPROVED: "good",
    DescriptionState.REJECTED: "bad",
    JobState.QUEUED: "info",
    JobState.RUNNING: "info",
    JobState.PAUSED: "warn",
    JobState.COMPLETED: "good",
    JobState.FAILED: "bad",
    ModelVersionState.ACTIVE: "good",
    ModelVersionState.CANARY: "warn",
    ModelVersionState.CANDIDATE: "info",
    ProductState.PUBLISHED: "good",
    ImportState.READING: "info",
    ImportState.MAPPING: "warn",
    ImportState.CHECKING: "info",
    ImportState.CHECKED: "warn",
    ImportState.APPLYING: "info",
    ImportState.PHOTOS: "info",
    ImportState.UNDOING: "info",
    ExportState.DONE: "good",
    TrainingRunState.PREPARING: "info",
    TrainingRunState.TRAINING: "info",
    TrainingRunState.EVALUATING: "info",
    TrainingRunState.INTERRUPTED: "warn",
    TrainingRunState.SUCCEEDED: "good",
}


def badge(text: str, kind: str = "plain") -> SafeString:
    """`text` on a ground of `kind`: plain, info, warn, good or bad."""
    return format_html('<span class="moda-badge moda-badge-{}">{}</span>', kind, text)


def state_badge(state: str, label: str) -> SafeString:
    """A state of any model, by its stored value and its label."""
    return badge(label, KINDS.get(state, "plain"))


def confidence_percent(confidence: float | None) -> str:
    """`0.834` -> `83%`; a dash when nobody estimated it."""
    return "–" if confidence is None else f"{confidence:.0%}"
