"""Webhooks and the log of deliveries: watched here, sent again, and enabled once mended."""

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from catalog.admin.pages import ReadOnlyAdmin, refusals_as_messages
from catalog.models import WebhookAttempt, WebhookDelivery, WebhookEndpoint
from catalog.services.webhooks import webhook_change
from catalog.transitions.webhook import delivery_send_again


@admin.register(WebhookEndpoint)
class WebhookEndpointAdmin(ReadOnlyAdmin):
    """Their owners make them over the API."""

    list_display = ["url", "owner", "enabled", "failing_since", "notice"]
    fields = ["url", "owner", "events", "created_at", "failing_since", "disabled_at", "notice"]
    actions = ["enable_selected"]
    empty_state = _("Other systems ask over the API to be told of what happens here.")

    def has_manage_permission(self, request: HttpRequest) -> bool:
        """Of the action below."""
        return request.user.has_perm("catalog.change_webhookendpoint")

    @admin.action(description=_("Enable selected webhooks"), permissions=["manage"])
    def enable_selected(self, request: HttpRequest, queryset: QuerySet[WebhookEndpoint]) -> None:
        for webhook in queryset:
            webhook_change(webhook=webhook, enabled=True)
            messages.success(
                request, _("%(webhook)s is enabled; what waited is sent.") % {"webhook": webhook}
            )

    @admin.display(description=_("Enabled"), boolean=True)
    def enabled(self, webhook: WebhookEndpoint) -> bool:
        return webhook.disabled_at is None


class AttemptInline(admin.TabularInline):
    """What the receiver answered, attempt by attempt."""

    model = WebhookAttempt
    extra = 0
    fields = readonly_fields = ["at", "status", "detail"]
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False


@admin.register(WebhookDelivery)
class WebhookDeliveryAdmin(ReadOnlyAdmin):
    """The log, the latest first."""

    list_display = ["event", "endpoint", "state", "attempts", "due_at", "delivered_at"]
    list_filter = ["state"]
    list_select_related = ["event", "endpoint"]
    ordering = ["-id"]
    fields = ["event", "endpoint", "state", "attempts", "created_at", "due_at", "delivered_at"]
    inlines = [AttemptInline]
    actions = ["send_again_selected"]
    empty_state = _("Nothing was sent yet.")

    def has_manage_permission(self, request: HttpRequest) -> bool:
        """Of the action below."""
        return request.user.has_perm("catalog.change_webhookdelivery")

    @admin.action(description=_("Send selected deliveries again"), permissions=["manage"])
    def send_again_selected(
        self, request: HttpRequest, queryset: QuerySet[WebhookDelivery]
    ) -> None:
        for delivery in queryset:
            with refusals_as_messages(request, about=str(delivery)):
                delivery_send_again(delivery=delivery)
                messages.success(request, _("%(delivery)s is sent again.") % {"delivery": delivery})
