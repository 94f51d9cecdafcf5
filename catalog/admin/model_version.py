"""The sets of weights that workers know. Read-only: a command registers them."""

from django.contrib import admin
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from catalog.admin.badges import state_badge
from catalog.admin.read_only import ReadOnlyAdmin
from catalog.models import ModelVersion


@admin.register(ModelVersion)
class ModelVersionAdmin(ReadOnlyAdmin):
    """What each version is, where from, and how it measured."""

    list_display = ["name", "state_label", "licence", "created_at", "activated_at"]
    list_filter = ["state"]
    search_fields = ["name"]
    readonly_fields = ["state_label"]
    fields = [
        "name",
        "state_label",
        "scope",
        "directory",
        "weights_sha256",
        "licence",
        "metrics",
        "created_at",
        "activated_at",
    ]
    empty_state = _("No model version is registered, so nothing can be described yet.")

    @admin.display(description=_("State"), ordering="state")
    def state_label(self, version: ModelVersion) -> SafeString:
        return state_badge(version.state, version.get_state_display())
