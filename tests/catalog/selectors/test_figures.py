"""Figures follow what stands: counted by day, person and version, without what was undone."""

from datetime import UTC, date, datetime, timedelta

import pytest

from catalog.choices import DescriptionState, ReviewStep
from catalog.models import Description, ReviewAction
from catalog.selectors.figures import (
    Figures,
    FiguresChoice,
    figures_by,
    figures_rows,
    rejection_reasons,
)
from catalog.transitions.description import (
    description_approve,
    description_reject,
    description_reopen,
)
from tests.factories import DescriptionFactory, ModelVersionFactory, UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]
DAY = date(2026, 3, 2)
CHOICE = FiguresChoice(since=DAY, until=DAY)
GENERATED = "Red cotton shirt for men."


@pytest.fixture
def anna():
    return UserFactory(username="anna")


@pytest.fixture
def summer():
    return ModelVersionFactory(name="summer")


NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def judged(step, draft, actor, *, seconds=None, days=0, **given):
    """A step of a reviewer, as if it had been made at noon so many days after `DAY`."""
    action = ReviewAction.objects.create(reviewer=actor, step=step, count=1, seconds=seconds)
    change = description_approve if step == ReviewStep.APPROVE else description_reject
    change(description=draft, actor=actor, review=action, **given)
    at = NOON + timedelta(days=days)
    Description.objects.filter(pk=draft.pk).update(reviewed_at=at)
    ReviewAction.objects.filter(pk=action.pk).update(at=at)
    return action


def approved(version, actor, words=GENERATED, **given):
    draft = DescriptionFactory(model_version=version, standard=words)
    judged(ReviewStep.APPROVE, draft, actor, **given)
    return draft


def rejected(version, actor, reason, **given):
    draft = DescriptionFactory(model_version=version)
    judged(ReviewStep.REJECT, draft, actor, reason=reason, **given)
    return draft


def test_reviews_are_counted_with_medians(anna, summer):
    approved(summer, anna, seconds=4.9)
    approved(summer, anna, "Blue cotton shirt for men.", seconds=8.2)
    approved(summer, anna, f"{GENERATED} Washable.", seconds=20)
    rejected(summer, anna, "Wrong colour")
    (row,) = figures_rows(CHOICE)
    assert (row.day, row.person, row.version) == (DAY, "anna", "summer")
    figures = row.figures
    assert (figures.reviewed, figures.approved, figures.unchanged, figures.edited) == (4, 3, 1, 2)
    assert (figures.rejected, figures.unchanged_share) == (1, 0.25)
    # "Red" to "Blue" exchanges R, e, d for B, l, u, e with one kept; the other puts 10 in.
    assert figures.distances == {0: 1, 4: 1, 10: 1}
    assert figures.median_distance == 4
    assert figures.median_seconds == 8


def test_the_median_of_an_even_number_is_half_way():
    assert Figures().median_seconds is None
    one, two = Figures(), Figures()
    one.seconds.update([3, 3, 9])
    two.seconds.update([10])
    one.add(two)
    assert one.median_seconds == 6


def test_what_was_undone_does_not_count(anna, summer):
    draft = DescriptionFactory(model_version=summer)
    action = judged(ReviewStep.APPROVE, draft, anna, seconds=5)
    ReviewAction.objects.create(reviewer=anna, step=ReviewStep.UNDO, count=1, undoes=action)
    description_reopen(description=draft, actor=anna)
    assert figures_rows(CHOICE) == []


def test_a_superseded_text_was_approved_and_a_human_one_is_left_out(anna, summer):
    first = approved(summer, anna)
    Description.objects.filter(pk=first.pk).update(state=DescriptionState.SUPERSEDED)
    human = DescriptionFactory(generated_standard="", created_by=anna)
    judged(ReviewStep.APPROVE, human, anna)
    human.refresh_from_db()
    assert human.edit_distance is None
    (row,) = figures_rows(CHOICE)
    assert row.figures.approved == 1


def test_groups_and_choices(anna, summer):
    winter, bert = ModelVersionFactory(name="winter", scope="x"), UserFactory(username="bert")
    approved(summer, anna)
    approved(summer, bert)
    approved(winter, bert, days=-1)
    both = FiguresChoice(since=DAY - timedelta(days=1), until=DAY)
    rows = figures_rows(both)
    counts = {name: one.reviewed for name, one in figures_by(rows, lambda row: row.person).items()}
    assert counts == {"anna": 1, "bert": 2}
    assert list(figures_by(rows, lambda row: row.day)) == [DAY - timedelta(days=1), DAY]
    assert len(figures_rows(CHOICE)) == 2
    chosen = FiguresChoice(both.since, DAY, reviewer=bert.pk, model_version=winter.pk)
    assert [(row.person, row.version) for row in figures_rows(chosen)] == [("bert", "winter")]


def test_reasons_are_counted_per_version(anna, summer):
    for reason in ("Wrong colour", "", "Wrong colour"):
        rejected(summer, anna, reason)
    rejected(summer, anna, "Too late", days=1)
    found = [(one.version, one.reason, one.drafts) for one in rejection_reasons(CHOICE)]
    assert found == [("summer", "Wrong colour", 2), ("summer", "", 1)]
