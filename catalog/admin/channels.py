"""Channels, edited by managers; and the page that says what is complete for each."""

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from catalog.admin.desk.pages import desk_view
from catalog.admin.pages import site_page
from catalog.completeness import requirements_of
from catalog.exceptions import ChannelRefused
from catalog.models import Channel
from catalog.models.voice import lines_of
from catalog.selectors.completeness import completeness_report


class ChannelForm(forms.ModelForm[Channel]):
    """Refuses, in words, a line that is no requirement."""

    class Meta:
        model = Channel
        fields = ("name", "language", "requirements", "banned", "position")

    def clean_requirements(self) -> str:
        lines = str(self.cleaned_data["requirements"])
        try:
            requirements_of(lines)
        except ChannelRefused as refused:
            raise ValidationError(str(refused)) from refused
        return "\n".join(lines_of(lines))

    def clean_banned(self) -> str:
        return "\n".join(lines_of(str(self.cleaned_data["banned"])))


@admin.register(Channel)
class ChannelAdmin(admin.ModelAdmin[Channel]):
    """A few rows that come with the catalog; a shop changes them and adds its own."""

    form = ChannelForm
    list_display = ["name", "language", "position"]
    empty_state = _("A channel says what a product needs, for example for a marketplace.")


def completeness_view(request: HttpRequest) -> HttpResponse:
    """Totals by channel, what is missing for each, and a heat map by category."""
    channels = list(Channel.objects.all())
    report = completeness_report(channels)
    return site_page(
        request,
        "completeness/page",
        title=_("Completeness"),
        channels=list(zip(channels, report.totals, report.gaps, strict=True)),
        categories=report.categories.items(),
    )


urlpatterns: list[URLPattern] = [
    path(
        "completeness/",
        desk_view(require_safe(completeness_view), permission="catalog.view_product"),
        name="completeness",
    ),
]
