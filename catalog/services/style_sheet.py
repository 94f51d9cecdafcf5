"""The style sheet: found again in the edits of approved drafts, and switched by people."""

from collections.abc import Iterator

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from catalog.choices import DescriptionState
from catalog.claims import Preference, preferences
from catalog.exceptions import StyleRefused
from catalog.models import Description, StyleRule
from catalog.models.style_rule import LONGEST_PHRASE

#: The latest approved drafts that are read; what people preferred long ago may have changed.
LATEST = 5_000
#: Texts that the page of a rule shows as evidence.
EXAMPLES = 25


def style_rules_find(*, language: str = "en") -> int:
    """Count the preferences in the edits of approved drafts again; returns how many there are.

    New ones are off. What a person has decided stays, with its new figures; what was never decided
    and no longer holds goes.
    """
    ids, edits = _edits(language)
    found = [one for one in preferences(edits) if len(one.said) <= LONGEST_PHRASE]
    with transaction.atomic():
        rules = StyleRule.objects.select_for_update().filter(language=language)
        known = {(rule.said, rule.wanted): rule for rule in rules}
        for one in found:
            rule = known.pop((one.said, one.wanted), None) or StyleRule(
                language=language, said=one.said, wanted=one.wanted
            )
            _count(rule, one, ids)
        undecided = [rule.pk for rule in known.values() if rule.decided_at is None]
        StyleRule.objects.filter(pk__in=undecided).delete()
    return len(found)


def style_rule_switch(*, rule: StyleRule, actor: User | None, on: bool) -> StyleRule:
    """Have new drafts follow a rule, or no longer. The same again changes nothing.

    Raises `StyleRefused` where another rule in use is for the same words.
    """
    with transaction.atomic():
        rules = list(StyleRule.objects.select_for_update().filter(language=rule.language))
        fresh = next(one for one in rules if one.pk == rule.pk)
        rival = next((one for one in rules if one.is_on and one.said == fresh.said), None)
        if on and rival is not None and rival.pk != fresh.pk:
            raise StyleRefused(
                _("“%(said)s” is written as “%(wanted)s” already: switch that off first.")
                % {"said": rival.said, "wanted": rival.wanted}
            )
        if fresh.is_on != on:
            fresh.is_on, fresh.decided_by, fresh.decided_at = on, actor, timezone.now()
            fresh.save(update_fields=["is_on", "decided_by", "decided_at"])
    rule.refresh_from_db()
    return rule


def _edits(language: str) -> tuple[list[int], list[tuple[str, str, str]]]:
    """Ids of the latest approved drafts, and (draft, approved text, brand) of each."""
    rows = (
        Description.objects.filter(
            language=language, state=DescriptionState.APPROVED, reviewed_by__isnull=False
        )
        .exclude(generated_standard="")
        .order_by("-reviewed_at", "-pk")
        .values_list("pk", "generated_standard", "standard", "product__brand")[:LATEST]
    )
    found = list(rows)
    return [pk for pk, *_rest in found], [(draft, text, brand) for _pk, draft, text, brand in found]


def _count(rule: StyleRule, found: Preference, ids: list[int]) -> None:
    rule.changed, rule.seen = found.changed, found.seen
    rule.examples = list(_first(ids, found))
    rule.save()


def _first(ids: list[int], found: Preference) -> Iterator[int]:
    for row in found.rows[:EXAMPLES]:
        yield ids[row]
