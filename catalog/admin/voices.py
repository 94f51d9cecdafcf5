"""How each brand speaks: its settings, and texts of an example in its voice."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from catalog.claims import example_texts, type_names_in
from catalog.models import BrandVoice
from catalog.models.voice import lines_of, pairs_of


class BrandVoiceForm(forms.ModelForm[BrandVoice]):
    """Refuses what the engine could not honour."""

    class Meta:
        model = BrandVoice
        fields = (
            *("brand", "formality", "sentence_length", "person", "spelling", "banned"),
            *("preferred", "taste", "opening", "closing"),
        )

    def clean_brand(self) -> str:
        return str(self.cleaned_data["brand"]).strip()

    def clean_banned(self) -> str:
        text = str(self.cleaned_data["banned"])
        if names := type_names_in(lines_of(text)):
            raise ValidationError(
                _("“%(word)s” names a type of item, so texts need it: prefer another word instead.")
                % {"word": names[0]}
            )
        return "\n".join(lines_of(text))

    def clean_preferred(self) -> str:
        lines = lines_of(str(self.cleaned_data["preferred"]))
        for line in lines:
            if not pairs_of(line):
                raise ValidationError(
                    _("“%(line)s” is no pair: write “trousers = pants”.") % {"line": line}
                )
        return "\n".join(lines)


@admin.register(BrandVoice)
class BrandVoiceAdmin(admin.ModelAdmin[BrandVoice]):
    """The list of voices, and a page for each with an example."""

    form = BrandVoiceForm
    list_display = ["brand", "formality", "sentence_length", "person", "spelling", "updated_at"]
    search_fields = ["brand"]
    change_form_template = "admin/catalog/brandvoice/change_form.html"

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        voice: BrandVoice | None = kwargs.get("obj")
        if voice is not None:
            context["examples"] = example_texts(voice.settings(), brand=voice.brand)
        return super().render_change_form(request, context, *args, **kwargs)
