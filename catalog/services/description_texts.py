"""Texts that a person types: what is refused, how the rest is stored, and a draft by hand."""

import re

from django.contrib.auth.models import User
from django.utils.formats import number_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog.exceptions import DescriptionRefused
from catalog.models import Description, Product
from catalog.models.description import (
    ALT_TEXT_LENGTH,
    META_DESCRIPTION_LENGTH,
    PAGE_TITLE_LENGTH,
    TEXT_LENGTH,
)
from catalog.transitions import description as transitions

LONGEST_REASON = 200
#: Characters that show a text in another order than it is stored in.
_BIDIRECTIONAL = re.compile("[\u202a-\u202e\u2066-\u2069]")

_FIELDS = {
    "standard": (gettext_lazy("The description"), TEXT_LENGTH),
    "alt_text": (gettext_lazy("The alt text"), ALT_TEXT_LENGTH),
    "detailed": (gettext_lazy("The detailed description"), TEXT_LENGTH),
    "page_title": (gettext_lazy("The title"), PAGE_TITLE_LENGTH),
    "bullets": (gettext_lazy("The list of bullet points"), TEXT_LENGTH),
    "meta_title": (gettext_lazy("The title for search engines"), PAGE_TITLE_LENGTH),
    "meta_description": (
        gettext_lazy("The description for search engines"),
        META_DESCRIPTION_LENGTH,
    ),
}


def description_write(
    *,
    product: Product,
    actor: User | None,
    language: str = "en",
    **texts: str,
) -> Description:
    """A draft written by hand; `texts` by field. Raises `DescriptionRefused` as `texts_clean`."""
    return transitions.description_write(
        product=product,
        actor=actor,
        language=language,
        texts=texts_clean(**texts),
    )


def texts_clean(**texts: str) -> dict[str, str]:
    """All texts as they are stored, by field: stripped, lines ended by a line feed.

    Those that are not given are empty. Raises `DescriptionRefused` for an empty description, a
    text too long (125 characters of alt text, 150 of titles, 320 of the description for search
    engines, 5,000 of the others), a NUL, which PostgreSQL cannot store, or a bidirectional control
    character, with which words would be shown in another order than they are stored; `KeyError`
    for a field that there is none.
    """
    given = {**dict.fromkeys(_FIELDS, ""), **texts}
    clean = {field: _clean(text, *_FIELDS[field]) for field, text in given.items()}
    if not clean["standard"]:
        raise DescriptionRefused(_("The description is empty: write at least a word."))
    return clean


def reason_clean(reason: str) -> str:
    """A reason for a rejection, stripped. Raises `DescriptionRefused` above 200 characters or with
    a NUL.
    """
    reason = reason.strip()
    if len(reason) > LONGEST_REASON or "\0" in reason:
        raise DescriptionRefused(
            _("The reason has %(count)s characters; up to %(most)s, none of them NUL, are allowed.")
            % {"count": len(reason), "most": LONGEST_REASON}
        )
    return reason


def _clean(text: str, subject: Promise, longest: int) -> str:
    if "\0" in text:
        raise DescriptionRefused(
            _("%(subject)s holds a NUL character: remove it.") % {"subject": subject}
        )
    if found := _BIDIRECTIONAL.search(text):
        raise DescriptionRefused(
            _(
                "%(subject)s holds a character that turns the direction of writing (%(character)s, "
                "at place %(place)s): remove it. Right-to-left languages need none."
            )
            % {
                "subject": subject,
                "character": f"U+{ord(found[0]):04X}",
                "place": found.start() + 1,
            }
        )
    text = text.replace("\r\n", "\n").replace("\r", "\n").strip()
    if len(text) > longest:
        raise DescriptionRefused(
            _("%(subject)s has %(count)s characters; up to %(most)s are allowed.")
            % {
                "subject": subject,
                "count": number_format(len(text), force_grouping=True),
                "most": number_format(longest, force_grouping=True),
            }
        )
    return text
