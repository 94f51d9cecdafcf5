"""Filters and tags of the admin's templates."""

from typing import Any

from django import template
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from catalog.admin.labels import (
    badge,
    check_badge,
    choice_label,
    confidence_percent,
    field_label,
    gate_badge,
    language_label,
    scope_label,
    state_badge,
    version_label,
)

register = template.Library()
register.filter("confidence_percent", confidence_percent)
register.filter("choice_label", choice_label)
register.filter("field_label", field_label)
register.filter("scope_label", scope_label)
register.filter("language_label", language_label)
register.filter("version_label", version_label)
register.simple_tag(badge, name="badge")
register.simple_tag(check_badge, name="check_badge")
register.simple_tag(gate_badge, name="gate_badge")
register.simple_tag(state_badge, name="state_badge")


@register.filter
def ended(progress: Any) -> int:
    """How many items of a `JobProgress` have ended."""
    ended: int = progress.total - progress.left
    return ended


@register.filter
def confidence_kind(confidence: float) -> str:
    """The colour of a confidence, which people see before the number."""
    return "good" if confidence >= 0.8 else "warn" if confidence >= 0.5 else "bad"


@register.filter
def figure(value: float | None) -> str:
    """A measure to three places; a dash where there is none."""
    return "–" if value is None else f"{value:.3f}"


@register.filter
def percent_of_drafts(share: int) -> str:
    """The share of drafts that a canary writes."""
    return _("%(share)d%% of new drafts") % {"share": share}


@register.filter
def duration(seconds: float) -> str:
    """A time left, as coarse as it is known: seconds below a minute, then minutes, then hours."""
    if seconds < 60:
        return _("%(count)d s") % {"count": max(round(seconds), 1)}
    if seconds < 5400:
        return _("%(count)d min") % {"count": round(seconds / 60)}
    return _("%(count)s h") % {"count": number_format(f"{seconds / 3600:.1f}")}
