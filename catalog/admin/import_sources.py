"""Sources that come by themselves: add one, see how it does, look at once, stop it."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from catalog.admin.labels import state_badge
from catalog.admin.pages import permitted, refusals_as_messages, user_of
from catalog.exceptions import CatalogError
from catalog.importing.source_services import (
    import_source_check,
    import_source_save,
    import_source_start,
)
from catalog.models import ImportSource
from catalog.transitions.import_source import import_source_stop

_PLACE = ("url", "path", "user")


class ImportSourceForm(forms.ModelForm[ImportSource]):
    """The password is asked for, and never shown."""

    password = forms.CharField(
        label=_("Password"),
        required=False,
        max_length=500,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("Stored encrypted. Leave it empty to keep the present one."),
    )

    class Meta:
        model = ImportSource
        fields = (
            *("name", "url", "path", "user", "password", "every_minutes", "descriptions"),
            *("language", "encoding", "publish", "conflicts", "apply", "report_to"),
        )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if bool(cleaned.get("url")) == bool(cleaned.get("path")):
            return cleaned  # the constraint says so
        source = ImportSource(
            **{name: cleaned.get(name, "") for name in (*_PLACE, "language")},
            sealed_password="" if self.place_changed else self.instance.sealed_password,
        )
        try:
            import_source_check(source, password=cleaned.get("password", ""))
        except CatalogError as error:
            self.add_error("url" if source.url else "path", str(error))
        return cleaned

    @property
    def place_changed(self) -> bool:
        """Whether it leads elsewhere than before, where the former password is nobody's."""
        return any(name in self.changed_data for name in _PLACE)


@admin.register(ImportSource)
class ImportSourceAdmin(admin.ModelAdmin[ImportSource]):
    """Each source with the outcome of its last look."""

    form = ImportSourceForm
    list_display = ["name", "state_label", "message", "looked_at", "due_at", "last_import"]
    list_filter = ["state"]
    search_fields = ["name"]
    readonly_fields = ["message", "failures", "looked_at", "due_at", "ended_at", "last_import"]
    fields = [*ImportSourceForm.Meta.fields, *readonly_fields]
    actions = ["look_selected", "stop_selected"]
    empty_state = _("Add the address of your shop's feed: MODA then imports it on a schedule.")

    has_manage_permission = permitted("catalog.change_importsource")

    def save_model(self, request: HttpRequest, obj: ImportSource, form: Any, change: bool) -> None:  # noqa: FBT001
        obj.created_by = obj.created_by or user_of(request)
        import_source_save(
            source=obj,
            password=form.cleaned_data["password"],
            place_changed=change and form.place_changed,
        )

    @admin.display(description=_("State"), ordering="state")
    def state_label(self, source: ImportSource) -> Any:
        return state_badge(source.state, source.get_state_display())

    @admin.action(description=_("Look at selected sources now"), permissions=["manage"])
    def look_selected(self, request: HttpRequest, queryset: QuerySet[ImportSource]) -> None:
        for source in queryset:
            import_source_start(source=source)
            messages.success(request, _("A worker looks at %(name)s now.") % {"name": source})

    @admin.action(description=_("Stop selected sources"), permissions=["manage"])
    def stop_selected(self, request: HttpRequest, queryset: QuerySet[ImportSource]) -> None:
        for source in queryset:
            with refusals_as_messages(request):
                import_source_stop(source=source)
                messages.success(request, _("%(name)s is stopped.") % {"name": source})
