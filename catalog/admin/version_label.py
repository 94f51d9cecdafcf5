"""Who wrote a draft, marked where that version writes no more."""

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from catalog.admin.badges import badge
from catalog.models import ModelVersion
from catalog.selectors.model_versions import is_in_use


def version_label(version: ModelVersion) -> SafeString:
    """The version's name; behind it a mark, if newer drafts are written by another."""
    if is_in_use(version):
        return format_html("{}", version)
    return format_html("{} {}", version, badge(_("older"), "warn"))
