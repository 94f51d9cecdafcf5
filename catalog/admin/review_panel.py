"""What a product's page shows of its texts: the draft, the approved one, the history."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from catalog.choices import OPEN_ITEM_STATES, DescriptionState
from catalog.models import Description, DescriptionJob, Product, ProductImage
from catalog.models.description import ALT_TEXT_LENGTH, TEXT_LENGTH
from catalog.transitions.description import REOPENABLE

ROWS = {"rows": 4}


class DescriptionForm(forms.Form):
    """The words of a text. `seen` is its state of change when the page was made."""

    standard = forms.CharField(
        label=_("Description"), max_length=TEXT_LENGTH, widget=forms.Textarea(attrs=ROWS)
    )
    alt_text = forms.CharField(
        label=_("Alt text"),
        max_length=ALT_TEXT_LENGTH,
        required=False,
        help_text=format_lazy(
            _("What the photo shows, for people who cannot see it: {most} characters at most."),
            most=ALT_TEXT_LENGTH,
        ),
    )
    detailed = forms.CharField(
        label=_("Detailed description"),
        max_length=TEXT_LENGTH,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    @classmethod
    def of(cls, description: Description | None) -> "DescriptionForm":
        """Filled with a text, or empty for one to be written."""
        if description is None:
            return cls()
        names = ("standard", "alt_text", "detailed")
        texts = {name: getattr(description, name) for name in names}
        return cls(initial={**texts, "seen": description.updated_at.isoformat()})

    def texts(self) -> dict[str, str]:
        """The cleaned words, as services take them."""
        return {name: self.cleaned_data[name] for name in ("standard", "alt_text", "detailed")}


@dataclass(frozen=True)
class ReviewPanel:
    """Everything one panel needs; `form` belongs to the draft, or to a text to be written."""

    product: Product
    image: ProductImage | None
    draft: Description | None
    approved: Description | None
    history: list[Description]
    waiting_job: DescriptionJob | None
    form: DescriptionForm
    approved_form: DescriptionForm | None
    may_edit: bool
    may_write: bool
    may_describe: bool


def review_panel(
    *,
    product: Product,
    user: Any,
    focus: Description | None = None,
    form: DescriptionForm | None = None,
) -> ReviewPanel:
    """The panel of a product. `focus` picks one of several drafts; else the newest is shown.

    `form` is one that was refused, with the words that the person typed.
    """
    texts = list(
        product.descriptions.select_related(
            "model_version", "image", "created_by", "reviewed_by"
        ).prefetch_related("events__actor")
    )
    drafts = [text for text in texts if text.state == DescriptionState.DRAFT]
    draft = next((text for text in drafts if text == focus), drafts[0] if drafts else None)
    approved = next((text for text in texts if text.state == DescriptionState.APPROVED), None)
    for text in texts:
        text.may_reopen = text.state in REOPENABLE  # type: ignore[attr-defined]
    return ReviewPanel(
        product=product,
        image=(draft and draft.image) or product.images.first(),
        draft=draft,
        approved=approved,
        history=[text for text in texts if text != draft],
        waiting_job=DescriptionJob.objects.filter(
            items__product=product, items__state__in=OPEN_ITEM_STATES
        ).first(),
        form=form or DescriptionForm.of(draft),
        approved_form=DescriptionForm.of(approved) if approved and not draft else None,
        may_edit=user.has_perm("catalog.change_description"),
        may_write=user.has_perm("catalog.add_description"),
        may_describe=user.has_perm("catalog.describe_product"),
    )
