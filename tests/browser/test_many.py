"""Many at once in a real browser: a range by Shift, keys alone, a sample, and one undo."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from catalog.admin.desk import selection
from catalog.choices import DescriptionState
from catalog.models import Description
from catalog.workers.bulk_reviews import bulk_review_run_chunk
from tests.factories import DescriptionFactory, ProductImageFactory


def grave(page):
    found = Axe().run(page, options={"preload": False}).response["violations"]
    return [fault["id"] for fault in found if fault["impact"] in ("serious", "critical")]


def approved():
    return Description.objects.filter(state=DescriptionState.APPROVED).count()


def drafts(number):
    for place in range(number):
        image = ProductImageFactory(product__title=f"Shirt {place}")
        DescriptionFactory(product=image.product, image=image, confidence=place / 100)


def test_a_range_is_approved_and_undone_by_the_mouse(logged_in, live_server):
    drafts(12)
    page = logged_in()
    page.goto(f"{live_server.url}/admin/review/many/")
    expect(page.get_by_role("button", name="Approve")).to_be_disabled()
    page.locator(".many-card").nth(1).click()
    page.locator(".many-card").nth(4).click(modifiers=["Shift"])
    expect(page.get_by_text("4 chosen")).to_be_visible()
    page.get_by_role("button", name="Approve").click()
    expect(page.get_by_role("heading", name="Look at a sample first")).to_be_visible()
    assert grave(page) == []
    page.get_by_role("button", name="Approve 4 drafts").click()
    assert approved() == 0  # the browser asks for the boxes first
    for box in page.get_by_label("Seen").all():
        box.check()
    page.get_by_role("button", name="Approve 4 drafts").click()
    expect(page.get_by_text("4 drafts approved.")).to_be_visible()
    assert approved() == 4
    page.get_by_role("button", name="Undo my last step").click()
    expect(page.get_by_text("Undone for 4 texts.")).to_be_visible()
    assert approved() == 0


def test_all_that_match_are_rejected_by_keys_alone(logged_in, live_server):
    drafts(12)
    page = logged_in()
    page.goto(f"{live_server.url}/admin/review/many/?most=50")
    page.keyboard.press("ArrowDown")  # the first card
    page.keyboard.press("Space")
    page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("Shift+ArrowRight")
    expect(page.get_by_text("3 chosen")).to_be_visible()
    page.keyboard.press("m")
    expect(page.get_by_text("12 chosen")).to_be_visible()
    page.keyboard.press("r")
    expect(page.get_by_text("drawn at random from the 12")).to_be_visible()
    page.get_by_label("Reason").fill("arms")  # its letters are no keys while typing
    page.get_by_label("Reason").blur()
    for _ in range(10):
        page.keyboard.press("s")
    page.keyboard.press("r")
    expect(page.get_by_text("12 drafts rejected.")).to_be_visible()
    rejected = Description.objects.filter(state=DescriptionState.REJECTED)
    assert set(rejected.values_list("rejection_reason", flat=True)) == {"arms"}
    page.keyboard.press("u")
    expect(page.get_by_text("Undone for 12 texts.")).to_be_visible()


def test_a_long_queue_is_watched_while_a_worker_judges_it(logged_in, live_server, monkeypatch):
    monkeypatch.setattr(selection, "MOST", 5)
    drafts(6)
    page = logged_in()
    page.goto(f"{live_server.url}/admin/review/many/")
    page.keyboard.press("m")
    page.keyboard.press("a")
    expect(page.get_by_text("a worker judges them")).to_be_visible()
    for _ in range(6):
        page.keyboard.press("s")
    page.keyboard.press("a")
    expect(page.get_by_role("heading", name="Approved: 0 of 6 texts")).to_be_visible()
    assert grave(page) == []
    while bulk_review_run_chunk():
        pass
    expect(page.get_by_role("heading", name="Approved: 6 of 6 texts")).to_be_visible()
    assert approved() == 6
