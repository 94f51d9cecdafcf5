"""What may be chosen when many products are to be described."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from catalog.choices import ModelVersionState, TextLength
from catalog.models import ModelVersion

USUAL, WITHOUT_TEXT, AGAIN = "usual", "without_text", "again"
WHICH = [
    (
        USUAL,
        _("All but those described by this model version, or approved in a person's words"),
    ),
    (WITHOUT_TEXT, _("Only those without any text")),
    (AGAIN, _("All, even if described: each gets a new draft")),
]


class DescribeForm(forms.Form):
    """The options of a job. `counted` says for which choice the page has counted."""

    which = forms.ChoiceField(label=_("Which products"), choices=WHICH, widget=forms.RadioSelect)
    length = forms.ChoiceField(
        label=_("What to write"), choices=TextLength.choices, initial=TextLength.STANDARD
    )
    model_version = forms.ModelChoiceField(
        label=_("Model version"),
        queryset=ModelVersion.objects.exclude(state=ModelVersionState.REJECTED),
        required=False,
        empty_label=_("The one in use when a photo's turn comes"),
    )
    catalog_facts = forms.BooleanField(
        label=_(
            "Tell the model what the catalog knows: brand, colour, gender, category, attributes"
        ),
        required=False,
    )
    counted = forms.CharField(required=False, widget=forms.HiddenInput)

    def choice(self) -> str:
        """All that changes what will happen, in one word."""
        version = self.cleaned_data["model_version"]
        chosen = (
            self.cleaned_data["which"],
            self.cleaned_data["length"],
            version and version.pk,
            self.cleaned_data["catalog_facts"],
        )
        return "/".join(str(part or "") for part in chosen)

    def arguments(self) -> dict[str, Any]:
        """As the services of jobs take them."""
        return {
            "again": self.cleaned_data["which"] == AGAIN,
            "only_without_text": self.cleaned_data["which"] == WITHOUT_TEXT,
            "model_version": self.cleaned_data["model_version"],
            "options": self._options(),
        }

    def _options(self) -> dict[str, Any]:
        """What is as usual is not named, so that the request is the same as without a choice."""
        length, told = self.cleaned_data["length"], self.cleaned_data["catalog_facts"]
        named = {} if length == TextLength.STANDARD else {"length": length}
        return {**named, "catalog_facts": True} if told else named
