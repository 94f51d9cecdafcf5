"""The log of what was in use when. Entries are only ever added, and never by hand."""

from django.contrib import admin
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from catalog.admin.labels import badge, scope_label
from catalog.admin.pages import ReadOnlyAdmin
from catalog.choices import DeploymentAction
from catalog.models import Deployment

KINDS = {
    DeploymentAction.PROMOTED: "good",
    DeploymentAction.ROLLED_BACK: "warn",
    DeploymentAction.CANARY_STARTED: "info",
    DeploymentAction.REJECTED: "bad",
}


@admin.register(Deployment)
class DeploymentAdmin(ReadOnlyAdmin):
    """Who put which version into use, when and why."""

    list_display = ["at", "what", "version", "former", "who_for", "reason", "actor", "overridden"]
    list_display_links = None
    list_filter = ["action", "override", "at"]
    list_select_related = ["version", "former", "actor"]
    search_fields = ["version__name", "reason"]
    empty_state = _("Nothing was put into use yet.")

    @admin.display(description=_("What"), ordering="action")
    def what(self, entry: Deployment) -> SafeString:
        words = entry.get_action_display()
        if entry.share:
            words += " (" + _("%(share)s %%") % {"share": entry.share} + ")"
        return badge(words, KINDS.get(entry.action, "plain"))

    @admin.display(description=_("For"), ordering="scope")
    def who_for(self, entry: Deployment) -> str:
        return scope_label(entry.scope)

    @admin.display(description=_("Gate"))
    def overridden(self, entry: Deployment) -> SafeString | str:
        return badge(str(_("Overridden")), "bad") if entry.override else ""
