"""Languages written from right to left: pages turn round as a whole, and still fit."""

import pytest
from playwright.sync_api import expect

from catalog.choices import JobState
from catalog.models import TrainingEpoch, TrainingRun
from moda_engine.brief.claims import Brief, Claim
from tests.factories import (
    DescriptionFactory,
    DescriptionJobFactory,
    ModelVersionFactory,
    ProductImageFactory,
)

WIDTHS = {390: 844, 1280: 900}


@pytest.fixture
def draft():
    """A draft with a photo and a word that has a source, and a job under way."""
    image = ProductImageFactory()
    DescriptionJobFactory(state=JobState.RUNNING)
    return DescriptionFactory(
        product=image.product,
        image=image,
        confidence=0.4,
        brief=Brief((Claim("product_type", "Shirts", "photo", 0.9),)).to_json(),
        standard="Cotton shirt for men.",
    )


@pytest.fixture
def hebrew(settings, logged_in, live_server):
    """Opens a page in Hebrew, by Django's own catalogue, at a width."""
    settings.LANGUAGES = [("en", "English"), ("he", "Hebrew")]
    page = logged_in()
    cookie = {"name": settings.LANGUAGE_COOKIE_NAME, "value": "he", "url": live_server.url}
    page.context.add_cookies([cookie])

    def go(path, width=1280):
        page.set_viewport_size({"width": width, "height": WIDTHS[width]})
        page.goto(live_server.url + path)
        expect(page.locator("html")).to_have_attribute("dir", "rtl")
        return page

    return go


def middle(page, selector):
    box = page.locator(selector).first.bounding_box()
    return box["x"] + box["width"] / 2


@pytest.mark.parametrize("width", WIDTHS)
def test_home_queue_and_desk_fit(hebrew, draft, width):
    for path in ("/admin/", "/admin/review/", f"/admin/review/{draft.pk}/"):
        page = hebrew(path, width)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path


def test_photo_and_editor_change_sides(hebrew, draft, live_server):
    page = hebrew(f"/admin/review/{draft.pk}/")
    assert middle(page, ".desk-photos") > middle(page, ".desk-editor")
    page.context.clear_cookies(name="django_language")
    page.reload()
    expect(page.locator("html")).to_have_attribute("dir", "ltr")
    assert middle(page, ".desk-photos") < middle(page, ".desk-editor")


def test_the_editor_marks_stay_beneath_their_words(hebrew, draft):
    """An English text in a Hebrew page reads from the left, and so do the marks behind it."""
    page = hebrew(f"/admin/review/{draft.pk}/")
    editor, mark = (
        page.locator(one).first.bounding_box() for one in (".desk-editor", ".desk-marks mark")
    )
    assert 0 < mark["x"] - editor["x"] < editor["width"] / 4


def test_the_losses_stand_left_of_their_lines(hebrew):
    run = TrainingRun.objects.create(base=ModelVersionFactory())
    TrainingEpoch.objects.create(run=run, number=1, training_loss=2.5, validation_loss=1.25)
    page = hebrew(f"/admin/catalog/trainingrun/{run.pk}/watch/")
    mark = page.locator(".moda-curve-mark").first.bounding_box()
    line = page.locator(".moda-curve-grid").first.bounding_box()
    assert mark["x"] + mark["width"] < line["x"]
