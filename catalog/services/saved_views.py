"""Saved views of the grid: kept, shared with colleagues, renamed by saving anew, deleted."""

from collections.abc import Mapping, Sequence

from django.contrib.auth.models import User
from django.utils.translation import gettext as _

from catalog.exceptions import GridRefused
from catalog.models import SavedView

MOST_VIEWS = 50


def saved_view_save(
    *,
    owner: User,
    name: str,
    filters: Mapping[str, str],
    columns: Sequence[str],
    is_shared: bool,
) -> SavedView:
    """A view under a name; the owner's view of this name is replaced. Raises `GridRefused`."""
    clean = " ".join(name.split())
    if not clean or len(clean) > 80:
        raise GridRefused(_("Give the view a name of 1 to 80 characters."))
    own = SavedView.objects.filter(owner=owner)
    if own.exclude(name=clean).count() >= MOST_VIEWS:
        raise GridRefused(
            _("You have %(most)s views already: delete one first.") % {"most": MOST_VIEWS}
        )
    view, _new = SavedView.objects.update_or_create(
        owner=owner,
        name=clean,
        defaults={"filters": dict(filters), "columns": list(columns), "is_shared": is_shared},
    )
    return view


def saved_view_delete(*, view: SavedView, actor: User) -> None:
    """Delete one's own view. Raises `GridRefused` for a colleague's."""
    if view.owner_id != actor.pk:
        raise GridRefused(
            _("“%(view)s” belongs to %(owner)s, who alone can delete it.")
            % {"view": view.name, "owner": view.owner}
        )
    view.delete()
