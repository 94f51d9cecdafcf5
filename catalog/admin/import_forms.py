"""The forms of imports: where the products come from, and what each column holds."""

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from catalog.choices import ConflictUse, DescriptionUse, Encoding
from catalog.exceptions import ImportRefused
from catalog.importing.services import import_path_check
from catalog.tables.formats.plain import TARGETS
from catalog.tables.language_codes import LANGUAGE_LENGTH, LANGUAGE_PATTERN


class ImportForm(forms.Form):
    """An upload, or a path in the server's import folder; one of the two."""

    upload = forms.FileField(
        required=False,
        label=_("File"),
        help_text=_("CSV, TSV, XLSX, an XML feed, or a ZIP file with photos."),
    )
    path = forms.CharField(
        required=False,
        max_length=500,
        label=_("Or a path on the server"),
        help_text=_("A file or folder in the server's import folder."),
    )
    descriptions = forms.ChoiceField(
        choices=DescriptionUse.choices, label=_("Use descriptions in the file as")
    )
    language = forms.RegexField(
        regex=LANGUAGE_PATTERN,
        initial=lambda: settings.SHOP_LANGUAGE,
        max_length=LANGUAGE_LENGTH,
        label=_("Language of the file"),
        help_text=_("In another language than the shop's, its texts are stored as translations."),
    )
    conflicts = forms.ChoiceField(
        choices=ConflictUse.choices,
        required=False,
        label=_("Facts that were changed in the file and here"),
        help_text=_("Facts that the file has not changed since its last import stay as they are."),
    )
    publish = forms.BooleanField(required=False, label=_("Publish the products"))
    encoding = forms.ChoiceField(
        choices=Encoding.choices, required=False, label=_("Encoding of a text file")
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        upload, path = cleaned.get("upload"), cleaned.get("path", "").strip()
        if bool(upload) == bool(path) and not self.errors:
            raise forms.ValidationError(_("Choose a file or enter a path on the server."))
        if path:
            try:
                cleaned["checked_path"] = import_path_check(path)
            except ImportRefused as error:
                self.add_error("path", str(error))
        return cleaned


class MappingForm(forms.Form):
    """A choice for each column, by its number: the name of a column may hold anything."""

    def __init__(self, header: list[str], guess: dict[str, str], *args: Any) -> None:
        super().__init__(*args)
        self._header = header
        for number, column in enumerate(header):
            self.fields[f"column-{number}"] = forms.ChoiceField(
                choices=list(TARGETS.items()),
                required=False,
                label=column or _("Column %(number)s") % {"number": number + 1},
                initial=guess.get(column, ""),
            )
        self.fields["all_known"] = forms.BooleanField(
            required=False, label=_("All products of this file are in the catalog already")
        )

    def clean(self) -> dict[str, Any]:
        """Without a title every new product of the file would be a faulty row."""
        if "title" not in self.cleaned_data.values() and not self.cleaned_data["all_known"]:
            raise forms.ValidationError(
                _(
                    "No column is used as the title, and new products need one. Choose it, or say "
                    "below the table that all products are in the catalog already."
                )
            )
        return self.cleaned_data

    def columns(self) -> list[forms.BoundField]:
        """The choices, in the order of the columns."""
        return [self[f"column-{number}"] for number in range(len(self._header))]

    def mapping(self) -> dict[str, str]:
        """Column to target, of a valid form."""
        return {
            column: self.cleaned_data[f"column-{number}"]
            for number, column in enumerate(self._header)
        }
