"""What the admin's templates ask for."""

from dataclasses import dataclass
from typing import Any

from django import template
from django.urls import reverse
from django.utils.translation import gettext as _

from catalog.admin.badges import badge, confidence_percent, state_badge
from catalog.admin.scopes import scope_label
from catalog.admin.version_label import version_label
from catalog.choices import OPEN_JOB_STATES
from catalog.models import DescriptionJob, Product
from catalog.selectors.descriptions import descriptions_awaiting_review

register = template.Library()
register.filter("confidence_percent", confidence_percent)
register.filter("scope_label", scope_label)
register.filter("version_label", version_label)
register.simple_tag(badge, name="badge")
register.simple_tag(state_badge, name="state_badge")


@dataclass(frozen=True)
class Tile:
    """One number of the start page and where it leads."""

    count: int
    label: str
    url: str
    action: str


@register.filter
def ended(progress: Any) -> int:
    """How many items of a `JobProgress` nothing is owed for any more."""
    return progress.total - progress.left


@register.filter
def figure(value: float | None) -> str:
    """A measure to three places; a dash where nobody could take it."""
    return "–" if value is None else f"{value:.3f}"


@register.filter
def percent_of_drafts(share: int) -> str:
    """How much a canary writes."""
    return _("%(share)d %% of new drafts") % {"share": share}


@register.filter
def duration(seconds: float) -> str:
    """A time left, as coarse as it is known: seconds below a minute, then minutes, then hours."""
    if seconds < 60:
        return f"{max(round(seconds), 1)} s"
    if seconds < 5400:
        return f"{round(seconds / 60)} min"
    return f"{seconds / 3600:.1f} h"


@register.simple_tag(takes_context=True)
def dashboard(context: dict[str, Any]) -> list[Tile]:
    """The start page's numbers, those that the account may see."""
    user = context["request"].user
    tiles = []
    if user.has_perm("catalog.view_description"):
        count = descriptions_awaiting_review().count()
        url = reverse("admin:catalog_description_changelist")
        tiles.append(Tile(count, "drafts to review", url, "Review drafts"))
    if user.has_perm("catalog.view_product"):
        products = reverse("admin:catalog_product_changelist")
        without = Product.objects.filter(descriptions=None).count()
        url = f"{products}?description=none"
        tiles.append(Tile(without, "products without any text", url, "Show them"))
        tiles.append(Tile(Product.objects.count(), "products in all", products, "All products"))
    if user.has_perm("catalog.view_descriptionjob"):
        running = DescriptionJob.objects.filter(state__in=OPEN_JOB_STATES).count()
        url = reverse("admin:catalog_descriptionjob_changelist")
        tiles.append(Tile(running, "jobs not ended", url, "Show jobs"))
    return tiles
