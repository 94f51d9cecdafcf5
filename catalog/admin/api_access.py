"""Access for other programs: API keys, people's own tokens, webhooks and their deliveries."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, TypeVar

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from rest_framework_api_key.admin import APIKeyModelAdmin as _Packaged  # registers what follows
from rest_framework_api_key.models import APIKey

from catalog.admin.pages import ReadOnlyAdmin, permitted, refusals_as_messages, user_of
from catalog.models import (
    ApiKey,
    ApiScope,
    PersonToken,
    WebhookAttempt,
    WebhookDelivery,
    WebhookEndpoint,
)
from catalog.services.api_keys import (
    OVERLAP,
    api_key_create,
    api_key_revoke,
    api_key_rotate,
    person_token_create,
)
from catalog.services.webhooks import webhook_change
from catalog.transitions.webhook import delivery_send_again

# The package registers its own model; ours adds scopes, limits and successors, and replaces it.
if isinstance(admin.site._registry.get(APIKey), _Packaged):
    admin.site.unregister(APIKey)

SHOWN_ONCE = _("Copy this key now, because it cannot be shown again: %s")

Credential = TypeVar("Credential", ApiKey, PersonToken)


class CredentialForm(forms.ModelForm[Credential]):
    """Scopes as boxes, and days instead of a date. A service makes the key itself."""

    scopes = forms.MultipleChoiceField(
        choices=ApiScope.choices,
        initial=[ApiScope.READ],
        widget=forms.CheckboxSelectMultiple,
        help_text=_("What programs may do with it."),
    )
    days = forms.IntegerField(
        label=_("Valid for (days)"), min_value=1, max_value=3650, help_text=_("At most 3650.")
    )

    @property
    def lasts(self) -> timedelta | None:
        """How long it is valid; None for a key that never expires."""
        days: Any = self.cleaned_data.get("days")
        return timedelta(days=days) if days else None


class ApiKeyForm(CredentialForm[ApiKey]):
    """A key may be valid for ever."""

    days = forms.IntegerField(
        label=_("Valid for (days)"),
        min_value=1,
        max_value=3650,
        required=False,
        help_text=_("Leave empty for a key that never expires."),
    )

    class Meta:
        model = ApiKey
        fields = ["name", "scopes", "rate", "days"]


class CredentialAdmin(admin.ModelAdmin[Credential]):
    """A credential is shown once, when it is added, and never changes."""

    #: What the page of one shows; `fields` are what the form asks for.
    shown: Sequence[str]

    def get_fields(self, request: HttpRequest, obj: Credential | None = None) -> list[Any]:
        return list(self.fields or ()) if obj is None else [*self.shown]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    @admin.display(description=_("Scopes"))
    def scope_list(self, credential: Credential) -> str:
        return ", ".join(credential.scopes) or gettext("None")


@admin.register(ApiKey)
class ApiKeyAdmin(CredentialAdmin[ApiKey]):
    """A key never changes: people replace it, with an overlap, or revoke it."""

    form = ApiKeyForm
    list_display = ["name", "prefix", "scope_list", "rate", "in_use", "expiry_date", "last_used_at"]
    list_filter = ["revoked"]
    search_fields = ["name", "prefix"]
    fields = ["name", "scopes", "rate", "days"]
    shown = ["name", "prefix", "scope_list", "rate", "created", "created_by", "expiry_date",
             "last_used_at", "revoked", "replaces"]  # fmt: skip
    actions = ["replace_selected", "revoke_selected"]
    empty_state = _("Storefronts and other programs need a key to use the API. Add one here.")

    has_manage_permission = permitted("catalog.change_apikey")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: ApiKey, form: Any, change: bool) -> None:  # noqa: FBT001
        key, text = api_key_create(
            name=obj.name,
            scopes=form.cleaned_data["scopes"],
            rate=obj.rate,
            lasts=form.lasts,
            actor=user_of(request),
        )
        obj.pk = key.pk
        messages.warning(request, SHOWN_ONCE % text)

    @admin.action(description=_("Replace selected keys"), permissions=["manage"])
    def replace_selected(self, request: HttpRequest, queryset: QuerySet[ApiKey]) -> None:
        for key in queryset:
            with refusals_as_messages(request):
                text = api_key_rotate(key=key, actor=user_of(request))[1]
                messages.warning(request, SHOWN_ONCE % text)
                messages.info(
                    request,
                    _("The old key %(key)s works for another %(days)s days.")
                    % {"key": key.name, "days": OVERLAP.days},
                )

    @admin.action(description=_("Revoke selected keys"), permissions=["manage"])
    def revoke_selected(self, request: HttpRequest, queryset: QuerySet[ApiKey]) -> None:
        for key in queryset:
            api_key_revoke(key=key, actor=user_of(request))
            messages.success(
                request, _("%(key)s is revoked.") % {"key": f"{key.name} ({key.prefix})"}
            )

    @admin.display(description=_("Valid"), boolean=True)
    def in_use(self, key: ApiKey) -> bool:
        return not (key.revoked or key.has_expired)


class PersonTokenForm(CredentialForm[PersonToken]):
    """A token always expires."""

    class Meta:
        model = PersonToken
        fields = ["name", "scopes", "days"]


@admin.register(PersonToken)
class PersonTokenAdmin(CredentialAdmin[PersonToken]):
    """Everybody sees, adds and deletes their own tokens alone.

    A token may do what both its scopes and its account may.
    """

    form = PersonTokenForm
    shown = ["name", "scope_list", "created", "expiry", "last_used_at"]
    list_display = [*shown]
    fields = ["name", "scopes", "days"]
    empty_state = _("Add a token to use the API from your own scripts.")

    def get_queryset(self, request: HttpRequest) -> QuerySet[PersonToken]:
        return super().get_queryset(request).filter(user=request.user)

    def save_model(self, request: HttpRequest, obj: PersonToken, form: Any, change: bool) -> None:  # noqa: FBT001
        token, text = person_token_create(
            user=user_of(request),
            name=obj.name,
            scopes=form.cleaned_data["scopes"],
            lasts=form.lasts,
        )
        obj.pk, obj.user = token.pk, token.user
        messages.warning(request, SHOWN_ONCE % text)


@admin.register(WebhookEndpoint)
class WebhookEndpointAdmin(ReadOnlyAdmin[WebhookEndpoint]):
    """The owners of webhooks add them over the API."""

    list_display = ["url", "owner", "enabled", "failing_since", "notice"]
    fields = ["url", "owner", "events", "created_at", "failing_since", "disabled_at", "notice"]
    actions = ["enable_selected"]
    empty_state = _("Other systems add webhooks over the API, to be notified of changes.")

    @admin.action(description=_("Enable selected webhooks"), permissions=["manage"])
    def enable_selected(self, request: HttpRequest, queryset: QuerySet[WebhookEndpoint]) -> None:
        for webhook in queryset:
            webhook_change(webhook=webhook, enabled=True)
            messages.success(
                request,
                _("%(webhook)s is enabled. Waiting deliveries are sent now.")
                % {"webhook": webhook},
            )

    @admin.display(description=_("Enabled"), boolean=True)
    def enabled(self, webhook: WebhookEndpoint) -> bool:
        return webhook.disabled_at is None


class AttemptInline(admin.TabularInline[WebhookAttempt, WebhookDelivery]):
    """What the receiver answered to each attempt."""

    model = WebhookAttempt
    extra = 0
    fields = readonly_fields = ("at", "status", "detail")
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False


@admin.register(WebhookDelivery)
class WebhookDeliveryAdmin(ReadOnlyAdmin[WebhookDelivery]):
    """The log of deliveries, the latest first."""

    list_display = ["event", "endpoint", "state", "attempts", "due_at", "delivered_at"]
    list_filter = ["state"]
    list_select_related = ["event", "endpoint"]
    ordering = ["-id"]
    fields = ["event", "endpoint", "state", "attempts", "created_at", "due_at", "delivered_at"]
    inlines = [AttemptInline]
    actions = ["send_again_selected"]
    empty_state = _("Nothing has been sent yet.")

    @admin.action(description=_("Send selected deliveries again"), permissions=["manage"])
    def send_again_selected(
        self, request: HttpRequest, queryset: QuerySet[WebhookDelivery]
    ) -> None:
        for delivery in queryset:
            with refusals_as_messages(request, about=str(delivery)):
                delivery_send_again(delivery=delivery)
                messages.success(request, _("%(delivery)s is sent again.") % {"delivery": delivery})
