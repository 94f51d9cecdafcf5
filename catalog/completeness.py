"""What a product needs for a channel: each line read into a condition that the database judges."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q, QuerySet, TextField, Value
from django.db.models.functions import Concat, Length
from django.db.models.lookups import LessThanOrEqual
from django.utils.translation import gettext as _

from catalog.choices import DescriptionState
from catalog.exceptions import ChannelRefused
from catalog.models import Channel, Description, ProductImage
from catalog.models.description import TEXT_FIELDS
from catalog.models.voice import lines_of

BANNED = "banned"
#: Texts that one pattern is held against: one is faster than many, and SQLite nests them.
_JOINED = 3
_LINE = re.compile(
    r"(?P<what>title|brand|category|colour|gender|photos|text\s+\w+|attribute\s+\S.*?)"
    r"(?:\s*(?P<side><=|>=)\s*(?P<number>\d{1,5}))?",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Requirement:
    """One thing that a channel needs. `key` is what an address calls it."""

    key: str
    #: Characters, or of photos their least number; 0 for no limit.
    number: int = 0

    @property
    def label(self) -> str:
        """In words."""
        kind, _colon, name = self.key.partition(":")
        words = {
            "title": _("Title"),
            "brand": _("Brand"),
            "category": _("Category"),
            "colour": _("Colour"),
            "gender": _("Gender"),
            BANNED: _("No banned words"),
            "text": _("Approved text: %(name)s") % {"name": name.replace("_", " ")},
            "attribute": _("Attribute: %(name)s") % {"name": name},
        }
        if kind == "photos":
            return _("Photos: at least %(number)s") % {"number": self.number or 1}
        if not self.number:
            return words[kind]
        return _("%(what)s, up to %(number)s characters") % {
            "what": words[kind],
            "number": self.number,
        }


def requirements_of(lines: str) -> list[Requirement]:
    """The requirements of a channel's lines, each once. Raises `ChannelRefused` naming a line."""
    found: dict[str, Requirement] = {}
    for line in lines_of(lines):
        requirement = _requirement(line)
        found[requirement.key] = requirement
    return list(found.values())


def _requirement(line: str) -> Requirement:
    read = _LINE.fullmatch(line)
    refused = ChannelRefused(
        _("“%(line)s” is not understood: write for example “title <= 70”, “photos >= 2”.")
        % {"line": line[:80]}
    )
    if read is None:
        raise refused
    # Lines that are pasted have tabs and hard blanks too.
    kind, name = [*read["what"].split(None, 1), ""][:2]
    kind, name, number = kind.lower(), name.strip(), int(read["number"] or 0)
    if read["side"] and read["side"] != (">=" if kind == "photos" else "<="):
        raise refused
    if read["side"] and (not number or kind in ("category", "gender", "attribute")):
        raise refused
    if kind == "text" and name not in TEXT_FIELDS:
        known = ", ".join(TEXT_FIELDS)
        raise ChannelRefused(
            _("There is no text “%(name)s”. Choose among: %(known)s.")
            % {"name": name, "known": known}
        )
    return Requirement(f"{kind}:{name}" if name else kind, number)


def channel_requirements(channel: Channel) -> list[Requirement]:
    """All that a product needs for it, banned words last."""
    needed = requirements_of(channel.requirements)
    return [*needed, Requirement(BANNED)] if lines_of(channel.banned) else needed


def is_met(requirement: Requirement, channel: Channel) -> Q:
    """The condition on a product."""
    kind, _colon, name = requirement.key.partition(":")
    if kind == "photos":
        least = max(1, requirement.number)
        photos = ProductImage.objects.filter(product=OuterRef("pk")).order_by()
        return Q(Exists(photos[least - 1 : least]))
    if kind == "category":
        return Q(category__isnull=False)
    if kind == "attribute":
        return Q(attributes__has_key=name)
    if kind == "text":
        return Q(Exists(_approved(channel).filter(_fits(name, requirement.number))))
    if kind == BANNED:
        return _clean(channel)
    return _fits(kind, requirement.number)


def is_complete(channel: Channel) -> Q:
    """The condition on a product that has all that the channel needs."""
    complete = Q()
    for requirement in channel_requirements(channel):
        complete &= is_met(requirement, channel)
    return complete


def _approved(channel: Channel) -> QuerySet[Description]:
    return Description.objects.filter(
        product=OuterRef("pk"), language=channel.language, state=DescriptionState.APPROVED
    )


def _fits(column: str, most: int) -> Q:
    filled = ~Q(**{column: ""})
    return filled & Q(LessThanOrEqual(Length(column), most)) if most else filled


def _clean(channel: Channel) -> Q:
    """No banned word in the title or in an approved text; a word is found in any case."""
    words = "|".join(re.escape(word) for word in lines_of(channel.banned))
    pattern = rf"(^|\W)({words})(\W|$)"
    joined = {
        f"texts_{first}": _joined(TEXT_FIELDS[first : first + _JOINED])
        for first in range(0, len(TEXT_FIELDS), _JOINED)
    }
    said = Q()
    for name in joined:
        said |= Q(**{f"{name}__iregex": pattern})
    banned = Exists(_approved(channel).annotate(**joined).filter(said))
    return ~Q(title__iregex=pattern) & ~Q(banned)


def _joined(fields: Sequence[str]) -> Concat:
    parts = [part for field in fields for part in (field, Value("\n"))]
    return Concat(*parts, output_field=TextField())
