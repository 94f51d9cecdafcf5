"""People's own tokens. Everybody sees, makes and deletes their own; nobody sees another's."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from catalog.admin.api_key import SHOWN_ONCE
from catalog.admin.credentials_form import CredentialForm
from catalog.models import PersonToken
from catalog.services.api_keys import person_token_create


class PersonTokenForm(CredentialForm):
    """A token always ends."""

    class Meta:
        model = PersonToken
        fields = ["name", "scopes", "days"]


@admin.register(PersonToken)
class PersonTokenAdmin(admin.ModelAdmin):
    """A token may do what both it and the account may."""

    form = PersonTokenForm
    list_display = ["name", "scope_list", "created", "expiry", "last_used_at"]
    fields = ["name", "scopes", "days"]
    empty_state = _("With a token of your own you can use the API from scripts.")

    def get_fields(self, request: HttpRequest, obj: PersonToken | None = None) -> list[str]:
        shown = ["name", "scope_list", "created", "expiry", "last_used_at"]
        return ["name", "scopes", "days"] if obj is None else shown

    def get_queryset(self, request: HttpRequest) -> QuerySet[PersonToken]:
        return super().get_queryset(request).filter(user=request.user)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: PersonToken, form: Any, change: bool) -> None:  # noqa: FBT001
        token, text = person_token_create(
            user=request.user,
            name=obj.name,
            scopes=form.cleaned_data["scopes"],
            lasts=form.lasts,
        )
        obj.pk, obj.user = token.pk, token.user
        messages.warning(request, SHOWN_ONCE % text)

    @admin.display(description=_("May"))
    def scope_list(self, token: PersonToken) -> str:
        return ", ".join(token.scopes)
