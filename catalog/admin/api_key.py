"""Keys of machines: made, replaced and revoked here; the text of one is shown once."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from rest_framework_api_key.admin import APIKeyModelAdmin as _Packaged  # registers what follows
from rest_framework_api_key.models import APIKey

from catalog.admin.credentials_form import CredentialForm
from catalog.admin.pages import refusals_as_messages
from catalog.models import ApiKey
from catalog.services.api_keys import OVERLAP, api_key_create, api_key_revoke, api_key_rotate

# The package shows its own model, which is not used here: ours has scopes, limits and successors.
if isinstance(admin.site._registry.get(APIKey), _Packaged):
    admin.site.unregister(APIKey)

SHOWN_ONCE = _("This is the key; copy it now, for it cannot be shown again: %s")


class ApiKeyForm(CredentialForm):
    """A key may work for ever."""

    days = forms.IntegerField(
        min_value=1, max_value=3650, required=False, help_text=_("Days until it expires; or never.")
    )

    class Meta:
        model = ApiKey
        fields = ["name", "scopes", "rate", "days"]


@admin.register(ApiKey)
class ApiKeyAdmin(admin.ModelAdmin):
    """A key is never changed: it is replaced, with an overlap, or revoked."""

    form = ApiKeyForm
    list_display = ["name", "prefix", "scope_list", "rate", "in_use", "expiry_date", "last_used_at"]
    list_filter = ["revoked"]
    search_fields = ["name", "prefix"]
    fields = ["name", "scopes", "rate", "days"]
    actions = ["replace_selected", "revoke_selected"]
    empty_state = _("Storefronts and integrations use the API with keys. Make the first one.")

    def get_fields(self, request: HttpRequest, obj: ApiKey | None = None) -> list[str]:
        shown = ["name", "prefix", "scope_list", "rate", "created", "created_by", "expiry_date"]
        if obj is not None:
            return [*shown, "last_used_at", "revoked", "replaces"]
        return ["name", "scopes", "rate", "days"]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_manage_permission(self, request: HttpRequest) -> bool:
        """Of the actions below."""
        return request.user.has_perm("catalog.change_apikey")

    def save_model(self, request: HttpRequest, obj: ApiKey, form: Any, change: bool) -> None:  # noqa: FBT001
        key, text = api_key_create(
            name=obj.name,
            scopes=form.cleaned_data["scopes"],
            rate=obj.rate,
            lasts=form.lasts,
            actor=request.user,
        )
        obj.pk = key.pk
        messages.warning(request, SHOWN_ONCE % text)

    @admin.action(description=_("Replace selected keys"), permissions=["manage"])
    def replace_selected(self, request: HttpRequest, queryset: QuerySet[ApiKey]) -> None:
        for key in queryset:
            with refusals_as_messages(request):
                text = api_key_rotate(key=key, actor=request.user)[1]
                messages.warning(request, SHOWN_ONCE % text)
                messages.info(
                    request,
                    _("The former %(key)s works for %(days)s days more.")
                    % {"key": key.name, "days": OVERLAP.days},
                )

    @admin.action(description=_("Revoke selected keys"), permissions=["manage"])
    def revoke_selected(self, request: HttpRequest, queryset: QuerySet[ApiKey]) -> None:
        for key in queryset:
            api_key_revoke(key=key, actor=request.user)
            messages.success(
                request, _("%(key)s is revoked, for ever.") % {"key": f"{key.name} ({key.prefix})"}
            )

    @admin.display(description=_("May"), empty_value=_("nothing"))
    def scope_list(self, key: ApiKey) -> str:
        return ", ".join(key.scopes)

    @admin.display(description=_("In use"), boolean=True)
    def in_use(self, key: ApiKey) -> bool:
        return not (key.revoked or key.has_expired)
