"""The style sheet: found in edits, switched by people, and told of every product."""

import pytest

from catalog.choices import DescriptionState
from catalog.exceptions import StyleRefused
from catalog.known_product import products_known
from catalog.models import StyleRule
from catalog.services.style_sheet import style_rule_switch, style_rules_find
from tests.factories import DescriptionFactory, ProductFactory, UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]

DRAFT, EDITED = "A pair of sports shoes in red.", "A pair of trainers in red."


def approved(text=EDITED, draft=DRAFT, **values):
    given = {
        "state": DescriptionState.APPROVED,
        "standard": text,
        "generated_standard": draft,
        "reviewed_by": UserFactory(),
        **values,
    }
    return DescriptionFactory(**given)


def rules():
    return [(one.said, one.wanted, one.changed, one.seen, one.is_on) for one in
            StyleRule.objects.all()]  # fmt: skip


def test_preferences_are_found_with_their_evidence_and_are_off():
    edits = [approved() for _ in range(8)]
    approved(DRAFT)
    # None of these was edited by a reviewer of a machine's draft.
    approved(state=DescriptionState.DRAFT)
    approved(reviewed_by=None)
    approved(draft="")
    approved(language="de")
    assert style_rules_find() == 1
    assert rules() == [("sports shoes", "trainers", 8, 9, False)]
    assert sorted(StyleRule.objects.get().examples) == sorted(one.pk for one in edits)


def test_what_was_decided_stays_and_what_no_longer_holds_goes():
    first = [approved() for _ in range(5)]
    blue = {"text": "An ink cap.", "draft": "A navy blue cap."}
    second = [approved(**blue) for _ in range(5)]
    style_rules_find()
    actor = UserFactory()
    style_rule_switch(rule=StyleRule.objects.get(said="navy blue"), actor=actor, on=True)
    for one in (*first, *second):
        one.state = DescriptionState.WITHDRAWN
        one.save()
    assert style_rules_find() == 0
    rule = StyleRule.objects.get()
    assert (rule.said, rule.is_on, rule.decided_by) == ("navy blue", True, actor)


def test_a_rule_is_followed_at_once_and_undone_at_once():
    rule = StyleRule.objects.create(said="sports shoes", wanted="trainers", changed=5, seen=5)
    product = ProductFactory()
    assert "style" not in products_known([product.pk])[product.pk]
    style_rule_switch(rule=rule, actor=UserFactory(), on=True)
    assert products_known([product.pk])[product.pk]["style"] == {"sports shoes": "trainers"}
    assert "style" not in products_known([product.pk], language="de")[product.pk]
    style_rule_switch(rule=rule, actor=UserFactory(), on=False)
    assert "style" not in products_known([product.pk])[product.pk]
    assert rule.decided_at is not None


def test_the_same_words_are_written_in_one_way():
    rule = StyleRule.objects.create(said="navy blue", wanted="ink", changed=5, seen=5, is_on=True)
    other = StyleRule.objects.create(said="navy blue", wanted="midnight", changed=5, seen=5)
    with pytest.raises(StyleRefused, match="“navy blue” is written as “ink” already"):
        style_rule_switch(rule=other, actor=None, on=True)
    other.refresh_from_db()
    assert not other.is_on
    assert style_rule_switch(rule=rule, actor=None, on=True).decided_at is None
