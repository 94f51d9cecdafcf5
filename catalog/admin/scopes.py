"""Scopes of model versions as people read them."""

from django.utils.translation import gettext as _


def scope_label(scope: str) -> str:
    """`brand:Acme` as words; the empty scope is the whole catalog."""
    kind, _colon, name = scope.partition(":")
    if not scope:
        return _("The whole catalog")
    return (_("Market %s") if kind == "market" else _("Brand %s")) % (name or scope)
