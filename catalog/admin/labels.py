"""What lists show and filter by: states as badges, confidences, versions, categories, photos."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language_info, gettext_lazy
from django.utils.translation import gettext as _
from django_stubs_ext import StrOrPromise

from catalog.category_tree import CategoryTree
from catalog.choices import (
    OPEN_ITEM_STATES,
    DescriptionState,
    ExportState,
    GateVerdict,
    ImportSourceState,
    ImportState,
    JobState,
    ModelVersionState,
    PageText,
    ProductState,
    TrainingRunState,
)
from catalog.gate import gate_verdict
from catalog.models import Description, DescriptionJobItem, ModelVersion, Product
from catalog.selectors.jobs import items_unrecognised

#: The colour of a state by its stored value; others are plain.
KINDS: dict[str, str] = {
    DescriptionState.DRAFT: "warn",
    DescriptionState.APPROVED: "good",
    DescriptionState.REJECTED: "bad",
    JobState.QUEUED: "info",
    JobState.RUNNING: "info",
    JobState.PAUSED: "warn",
    JobState.COMPLETED: "good",
    JobState.FAILED: "bad",
    ModelVersionState.ACTIVE: "good",
    ModelVersionState.CANARY: "warn",
    ModelVersionState.CANDIDATE: "info",
    ProductState.PUBLISHED: "good",
    ImportSourceState.ACTIVE: "good",
    ImportSourceState.STOPPED: "warn",
    ImportState.READING: "info",
    ImportState.MAPPING: "warn",
    ImportState.CHECKING: "info",
    ImportState.CHECKED: "warn",
    ImportState.APPLYING: "info",
    ImportState.PHOTOS: "info",
    ImportState.UNDOING: "info",
    ExportState.DONE: "good",
    TrainingRunState.PREPARING: "info",
    TrainingRunState.TRAINING: "info",
    TrainingRunState.EVALUATING: "info",
    TrainingRunState.INTERRUPTED: "warn",
    TrainingRunState.SUCCEEDED: "good",
}


def language_label(code: str) -> str:
    """`de` -> `German`, in the language of the page; the code itself where Django knows no name."""
    try:
        return str(get_language_info(code)["name_translated"])
    except KeyError:
        return code


_TEXTS = {
    "standard": gettext_lazy("Description"),
    "alt_text": gettext_lazy("Alt text"),
    "detailed": gettext_lazy("Detailed description"),
    **dict(PageText.choices),
}


def field_label(field: str) -> StrOrPromise:
    """What people call a text of a description."""
    return _TEXTS[field]


class VersionChoiceField(forms.ModelChoiceField[ModelVersion]):
    """Model versions, each with its state where that is not the usual one."""

    def label_from_instance(self, obj: Any) -> str:
        return choice_label(obj)


def choice_label(version: ModelVersion) -> str:
    """A version's name in a list to choose from: "spring-3 (retired)"."""
    if version.state == ModelVersionState.ACTIVE:
        return version.name
    state = str(version.get_state_display()).lower()
    return _("%(version)s (%(state)s)") % {"version": version.name, "state": state}


_VERDICTS: dict[str, str] = {
    GateVerdict.PASSED: "good",
    GateVerdict.FAILED: "bad",
    GateVerdict.UNCLEAR: "warn",
}


def gate_badge(judgement: Mapping[str, Any]) -> SafeString | str:
    """The verdict of the gate; empty for a version that was never judged."""
    verdict = gate_verdict(judgement)
    return "" if verdict is None else badge(verdict.label, _VERDICTS[verdict])


def check_badge(check: Mapping[str, Any]) -> SafeString:
    """The verdict of one line of the gate."""
    return gate_badge({"gate": check}) or badge("–")  # type: ignore[return-value]


def badge(text: StrOrPromise, kind: str = "plain") -> SafeString:
    """`text` on a coloured ground: plain, info, warn, good or bad. The word alone says it all."""
    return format_html('<span class="moda-badge moda-badge-{}">{}</span>', kind, text)


def state_badge(state: str, label: StrOrPromise) -> SafeString:
    """A state of any model, by its stored value and its label."""
    return badge(label, KINDS.get(state, "plain"))


def confidence_percent(confidence: float | None) -> str:
    """`0.834` -> `83%`; a dash where no model gave one."""
    return "–" if confidence is None else f"{confidence:.0%}"


def product_thumbnail(product: Product) -> SafeString:
    """The first of the (prefetched) photos, small. No alternative text: its name is beside it."""
    images = list(product.images.all())
    if not images:
        return format_html('<span class="moda-thumb moda-thumb-none">{}</span>', _("No photo"))
    return format_html('<img class="moda-thumb" src="{}" alt="">', images[0].thumbnail.url)


def scope_label(scope: str) -> str:
    """`brand:Acme` in words; an empty scope is the whole catalog."""
    kind, _colon, name = scope.partition(":")
    if not scope:
        return _("The whole catalog")
    return (_("Market %s") if kind == "market" else _("Brand %s")) % (name or scope)


def version_label(version: ModelVersion) -> SafeString:
    """The version's name, and a mark where another version writes the drafts by now."""
    if version.is_in_use:
        return format_html("{}", version)
    return format_html("{} {}", version, badge(_("older"), "warn"))


def with_description_state(products: QuerySet[Product]) -> QuerySet[Product]:
    """Annotate what `description_badges` shows and the filter asks for; no further query.

    Rejected is shown alone: where nothing came after it.
    """
    texts = Description.objects.filter(product=OuterRef("pk"))
    drafts = texts.filter(state=DescriptionState.DRAFT).order_by("-id")
    return products.annotate(
        is_waiting=Exists(
            DescriptionJobItem.objects.filter(product=OuterRef("pk"), state__in=OPEN_ITEM_STATES)
        ),
        is_approved=Exists(texts.filter(state=DescriptionState.APPROVED)),
        is_rejected=Exists(texts.filter(state=DescriptionState.REJECTED)),
        is_unrecognised=Exists(items_unrecognised(OuterRef("pk"))),
        draft_id=Subquery(drafts.values("id")[:1]),
        draft_confidence=Subquery(drafts.values("confidence")[:1]),
    )


def description_badges(product: Any) -> SafeString:
    """Badges of a product annotated by `with_description_state`.

    There may be several: an approved product may have a newer draft, or wait for one.
    """
    shown = []
    if product.is_approved:
        shown.append(badge(_("Approved"), "good"))
    if product.draft_id:
        percent = confidence_percent(product.draft_confidence)
        shown.append(
            badge(_("To review") if percent == "–" else f"{_('To review')} {percent}", "warn")
        )
    if product.is_waiting:
        shown.append(badge(_("Waiting"), "info"))
    if product.is_unrecognised and not product.is_approved and not product.draft_id:
        shown.append(badge(_("Photo not recognised"), "bad"))
    if product.is_rejected and not shown:
        shown.append(badge(_("Rejected"), "bad"))
    return format_html_join(" ", "{}", ((one,) for one in shown or [badge(_("None"))]))


class CategoryFilter(admin.RelatedFieldListFilter):
    """Categories as a filter, by their whole paths."""

    def field_choices(self, field: Any, request: HttpRequest, model_admin: Any) -> list[Any]:
        return list(CategoryTree().paths().items())


_TEXTLESS = Q(is_approved=False, draft_id=None)
_WITHOUT = _TEXTLESS & Q(is_waiting=False)


class DescriptionStateFilter(admin.SimpleListFilter):
    """The badges as a filter; a product may be found under more than one."""

    title = gettext_lazy("description")
    parameter_name = "description"
    CHOICES = {
        "none": (
            gettext_lazy("None"),
            _WITHOUT & Q(is_rejected=False, is_unrecognised=False),
        ),
        "rejected": (gettext_lazy("Rejected"), _WITHOUT & Q(is_rejected=True)),
        "waiting": (gettext_lazy("Waiting"), Q(is_waiting=True)),
        "draft": (gettext_lazy("To review"), Q(draft_id__isnull=False)),
        "approved": (gettext_lazy("Approved"), Q(is_approved=True)),
        "unrecognised": (gettext_lazy("Photo not recognised"), _TEXTLESS & Q(is_unrecognised=True)),
        "photo": (
            gettext_lazy("Photo and title disagree"),
            Exists(
                Description.objects.filter(
                    product=OuterRef("pk"), state=DescriptionState.DRAFT, photo_disagrees=True
                )
            ),
        ),
    }

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, StrOrPromise]]:
        return [(value, label) for value, (label, _condition) in self.CHOICES.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Product]) -> QuerySet[Product]:
        _label, condition = self.CHOICES.get(self.value() or "", ("", Q()))
        return queryset.filter(condition)
