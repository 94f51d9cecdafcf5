"""The form by which keys and tokens are made: what for, what they may, for how long."""

from datetime import timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from catalog.models import ApiScope


class CredentialForm(forms.ModelForm):
    """Scopes as boxes; days instead of a date. The text itself is made by a service."""

    scopes = forms.MultipleChoiceField(
        choices=ApiScope.choices,
        initial=[ApiScope.READ],
        widget=forms.CheckboxSelectMultiple,
        help_text=_("What it may do."),
    )
    days = forms.IntegerField(min_value=1, max_value=3650, help_text=_("Days until it expires."))

    @property
    def lasts(self) -> timedelta | None:
        """How long it works; None for ever."""
        days: Any = self.cleaned_data.get("days")
        return timedelta(days=days) if days else None
