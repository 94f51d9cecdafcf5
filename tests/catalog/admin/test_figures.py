"""The figures page and its CSV."""

import csv
from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from catalog.admin.charts import chart_of
from catalog.choices import DescriptionState
from catalog.selectors.figures import Figures
from tests.factories import DescriptionFactory, ModelVersionFactory, UserFactory

pytestmark = pytest.mark.django_db
PAGE = reverse("admin:review_figures")
CSV = reverse("admin:review_figures_csv")


@pytest.fixture
def reviewed():
    """One approved unchanged, one edited, one rejected, by somebody with a dangerous name."""
    version = ModelVersionFactory(name="=summer")
    user = UserFactory(username="+anna")
    for state, distance in (("approved", 0), ("approved", 7), ("rejected", None)):
        DescriptionFactory(
            model_version=version,
            state=DescriptionState(state),
            edit_distance=distance,
            reviewed_by=user,
            reviewed_at=timezone.now(),
            rejection_reason="<b>Wrong</b>" if state == "rejected" else "",
        )
    return user


def words(answer):
    return " ".join(answer.content.decode().split())


def test_the_page_shows_figures_chart_and_reasons(admin_client, reviewed):
    text = words(admin_client.get(PAGE))
    assert "<dt>Reviewed</dt><dd>3</dd>" in text
    assert "<dt>Approved unchanged</dt><dd>33%</dd>" in text
    assert "1 unchanged, 1 edited, 1 rejected" in text
    assert 'class="moda-chart-rejected" x="29.1" y="0.00" width="0.8" height="33.33"' in text
    assert '<th scope="row">+anna</th>' in text
    assert "&lt;b&gt;Wrong&lt;/b&gt;" in text
    assert "style=" not in text[text.index("moda-chart") : text.index("</figure>")]


def test_without_reviews_the_page_says_so(admin_client, reviewed):
    text = words(admin_client.get(PAGE, {"until": "2020-01-01"}))
    assert "No reviews in this period" in text


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"since": "2026-02-30"}, "Enter a valid date."),
        ({"since": "2026-03-02", "until": "2026-03-01"}, "The last day is before the first day."),
        ({"since": "2020-03-02", "until": "2026-03-01"}, "Choose at most one year."),
        ({"reviewer": "999999"}, "Select a valid choice."),
    ],
)
def test_a_choice_that_makes_no_sense_is_told(admin_client, asked, said):
    answer = admin_client.get(PAGE, asked)
    assert answer.status_code == 200
    assert said in words(answer)


def test_the_csv_has_a_line_a_group_and_no_formula(admin_client, reviewed):
    answer = admin_client.get(CSV)
    today = timezone.localdate()
    first = today - timedelta(days=29)
    assert answer["Content-Disposition"] == (
        f'attachment; filename="moda-reviewing-{first}-{today}.csv"'
    )
    lines = list(csv.reader(answer.getvalue().decode().splitlines()))
    assert lines[0][:5] == ["day", "person", "model_version", "reviewed", "approved"]
    assert lines[1:] == [[today.isoformat(), "'+anna", "'=summer", "3", "2", "1", "1", "3.5", ""]]


def test_queries_do_not_grow(admin_client, reviewed, django_assert_num_queries):
    with django_assert_num_queries(9):
        admin_client.get(PAGE)
    for _ in range(3):
        DescriptionFactory(
            model_version=ModelVersionFactory(scope=str(timezone.now())),
            state=DescriptionState.APPROVED,
            edit_distance=3,
            reviewed_by=UserFactory(),
            reviewed_at=timezone.now(),
        )
    with django_assert_num_queries(9):
        admin_client.get(PAGE)


def test_a_chart_has_a_bar_a_day_with_reviews():
    figures = Figures(rejected=2)
    figures.distances.update([0, 0, 5])
    chart = chart_of({date(2026, 3, 2): figures}, since=date(2026, 3, 1), until=date(2026, 3, 3))
    assert (chart.most, chart.width) == (5, 3)
    (bar,) = chart.bars
    assert bar.x == "1.1"
    assert [(part.kind, part.y, part.height) for part in bar.parts] == [
        ("unchanged", "60.00", "40.00"),
        ("edited", "40.00", "20.00"),
        ("rejected", "0.00", "40.00"),
    ]
