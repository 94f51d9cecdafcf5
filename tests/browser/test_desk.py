"""The review desk in a real browser, most of it by keyboard alone."""

import re

import pytest
from playwright.sync_api import expect

from catalog.choices import DescriptionState
from catalog.models import Description
from catalog.transitions.description import description_change_text
from tests.factories import (
    DescriptionFactory,
    DescriptionJobItemFactory,
    ModelVersionFactory,
    ProductImageFactory,
    UserFactory,
)


def draft(**given):
    image = ProductImageFactory()
    given.setdefault("confidence", 0.5)
    return DescriptionFactory(product=image.product, image=image, **given)


@pytest.fixture
def desk(logged_in, live_server):
    """Opens an address of the desk, logged in."""

    def go(path="/admin/review/"):
        page = logged_in()
        page.goto(live_server.url + path)
        return page

    return go


def title(page):
    return page.locator("#desk h1")


def state(description):
    description.refresh_from_db()
    return description.state


def test_twenty_drafts_by_keyboard_alone(desk):
    drafts = [draft(confidence=number / 100) for number in range(20)]
    page = desk()
    page.keyboard.press("Enter")  # begins
    for number, one in enumerate(drafts):
        expect(title(page)).to_have_text(one.product.title)
        if number % 5 == 1:
            page.keyboard.press("r")
            page.keyboard.press("2")
        elif number % 5 == 3:
            page.keyboard.press("e")
            page.keyboard.type(" Warm, and a quick read.")  # keys of the desk are letters here
            page.keyboard.press("Control+Enter")
        else:
            page.keyboard.press("a")
    expect(page.get_by_role("heading", name="All is reviewed")).to_be_visible()
    states = [state(one) for one in drafts]
    assert states.count(DescriptionState.REJECTED) == 4
    assert states.count(DescriptionState.APPROVED) == 16
    assert {one.rejection_reason for one in drafts} == {"", "Wrong colour"}
    assert drafts[3].standard == "Red cotton shirt for men. Warm, and a quick read."

    page.keyboard.press("u")
    expect(title(page)).to_have_text(drafts[19].product.title)
    page.keyboard.press("u")
    expect(title(page)).to_have_text(drafts[18].product.title)
    assert [state(one) for one in drafts[17:]] == ["approved", "draft", "draft"]


def test_skip_next_previous_help_and_zoom(desk):
    first, second, third = (draft(confidence=number / 10) for number in range(3))
    page = desk(f"/admin/review/{first.pk}/")
    for key, one in [("s", second), ("n", third), ("p", second), ("p", first)]:
        page.keyboard.press(key)
        expect(title(page)).to_have_text(one.product.title)
        expect(page).to_have_url(re.compile(f"/admin/review/{one.pk}/"))
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
    page.keyboard.press("a")  # nothing behind an open dialog
    page.keyboard.press("Escape")
    page.keyboard.press("z")
    expect(page.get_by_role("dialog", name="The photo, enlarged")).to_be_visible()
    page.keyboard.press("z")
    expect(page.get_by_role("dialog", name="The photo, enlarged")).to_be_hidden()
    page.go_back()
    expect(title(page)).to_have_text(second.product.title)
    assert {state(one) for one in (first, second, third)} == {"draft"}


def test_alternatives_differences_and_history(desk):
    one = draft()
    DescriptionFactory(
        product=one.product, state=DescriptionState.APPROVED, standard="Red shirt. Made to last."
    )
    page = desk(f"/admin/review/{one.pk}/")
    compared = page.locator(".desk-comparison").first
    expect(compared).to_contain_text("Against the approved text")
    expect(compared.locator("del").last).to_have_text(" Made to last.")

    page.get_by_role("button", name="Made to last.").click()
    editor = page.get_by_role("textbox", name="Description", exact=True)
    expect(editor).to_have_value("Red cotton shirt for men. Made to last.")
    generated = page.locator(".desk-comparison", has_text="what the model wrote")
    expect(generated.locator("ins")).to_have_text(" Made to last.")
    page.keyboard.press("Escape")
    page.keyboard.press("1")
    expect(editor).to_have_value("Red shirt. Made to last.")
    page.keyboard.press("Escape")
    page.keyboard.press("w")
    expect(page.locator(".desk-messages")).to_have_text("The text is saved.")
    page.keyboard.press("h")
    expect(page.locator(".desk-history li").first.locator("del").first).to_have_text("cotton ")
    expect(page.locator(".desk-by-person").first).to_be_visible()


def test_enter_in_a_line_of_text_never_approves(desk):
    one, two = draft(confidence=0.1), draft(confidence=0.2)
    page = desk(f"/admin/review/{one.pk}/")
    page.get_by_label("Alt text").press("Enter")
    page.keyboard.press("Escape")
    page.keyboard.press("r")
    page.get_by_label("Another reason, or none").fill("Two items on the photo")
    page.keyboard.press("Enter")
    expect(title(page)).to_have_text(two.product.title)
    assert state(one) == DescriptionState.REJECTED
    assert one.rejection_reason == "Two items on the photo"


def test_again_brings_a_new_text_while_one_waits(desk):
    one = draft(model_version=ModelVersionFactory())
    page = desk(f"/admin/review/{one.pk}/")
    page.keyboard.press("g")
    page.keyboard.type("linen")
    page.keyboard.press("Enter")
    expect(page.get_by_text("A worker is writing")).to_be_visible()
    item = one.product.job_items.get()
    assert item.job.options == {"facts": "linen"}
    DescriptionFactory(
        product=one.product, image=one.image, job_item=item, standard="Linen shirt.",
        model_version=one.model_version,
    )  # fmt: skip
    page.get_by_role("link", name="Review the new text").click()
    editor = page.get_by_role("textbox", name="Description", exact=True)
    expect(editor).to_have_value("Linen shirt.")


def test_a_double_click_on_approve_approves_one(desk):
    one, two = draft(confidence=0.1), draft(confidence=0.2)
    page = desk(f"/admin/review/{one.pk}/")
    page.get_by_role("button", name="Approve").dblclick()
    expect(title(page)).to_have_text(two.product.title)
    assert (state(one), state(two)) == ("approved", "draft")
    assert one.events.count() == 1


def test_two_who_change_one_text_see_both_versions(desk):
    one = draft()
    page = desk(f"/admin/review/{one.pk}/")
    description_change_text(
        description=one, actor=UserFactory(), texts={"standard": "Words of another."}
    )
    page.keyboard.press("e")
    page.keyboard.type(" Mine.")
    page.keyboard.press("Control+Enter")
    conflict = page.get_by_role("alert", name="Two versions")
    expect(conflict).to_contain_text("Words of another.")
    editor = page.get_by_role("textbox", name="Description", exact=True)
    expect(editor).to_have_value("Red cotton shirt for men. Mine.")
    page.get_by_role("button", name="Take the saved version").click()
    expect(editor).to_have_value("Words of another.")
    page.get_by_role("button", name="Approve").click()
    expect(page.get_by_role("heading", name="All is reviewed")).to_be_visible()
    one.refresh_from_db()
    assert (one.state, one.standard) == (DescriptionState.APPROVED, "Words of another.")


def test_a_session_that_ends_while_somebody_types_loses_nothing(desk):
    one = draft()
    page = desk(f"/admin/review/{one.pk}/")
    page.keyboard.press("e")
    page.keyboard.type(" Typed for long.")
    page.context.clear_cookies(name="sessionid")
    page.keyboard.press("Control+Enter")
    page.wait_for_url("**/admin/login/**")
    page.get_by_label("Username").fill("merchandiser")
    page.get_by_label("Password").fill("a long pass phrase")
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_text("You typed something here that was not saved.")).to_be_visible()
    page.get_by_role("button", name="Put it back").click()
    editor = page.get_by_role("textbox", name="Description", exact=True)
    expect(editor).to_have_value("Red cotton shirt for men. Typed for long.")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("heading", name="All is reviewed")).to_be_visible()
    assert Description.objects.get().standard == "Red cotton shirt for men. Typed for long."
    assert page.evaluate("Object.keys(localStorage).filter(key => key.includes('review'))") == []


def test_bad_input_is_told_and_kept(desk):
    one = draft()
    page = desk(f"/admin/review/{one.pk}/")
    editor = page.get_by_role("textbox", name="Description", exact=True)
    for typed, said in [
        ("x" * 100_000, "has 100,000 characters; up to 5,000 are allowed"),
        ("    ", "The description is empty"),
        ("Red \u202eshirt", "turns the direction of writing"),
    ]:
        editor.fill(typed)
        page.get_by_role("button", name="Approve").click()
        expect(page.locator(".desk-messages")).to_contain_text(said)
        expect(editor).to_have_value(typed)
    bad = "<script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\">"
    editor.fill(bad)
    expect(page.locator(".desk-comparison ins").first).to_contain_text("<script>")
    one.delete()
    page.get_by_role("button", name="Approve").click()
    expect(page.get_by_role("textbox", name="What you typed")).to_have_value(bad)
    assert page.title() != "owned"


def test_similar_photos_go_along_and_come_back_together(desk):
    one = draft(confidence=0.1)
    image = ProductImageFactory(perceptual_hash=one.image.perceptual_hash)
    other = DescriptionFactory(product=image.product, image=image, confidence=0.9)
    page = desk(f"/admin/review/{one.pk}/")
    page.get_by_label(other.product.title).check()
    page.keyboard.press("a")
    expect(page.locator(".desk-messages")).to_have_text("2 texts approved.")
    page.keyboard.press("u")
    expect(page.locator(".desk-messages")).to_have_text("Undone for 2 texts.")
    assert {state(one), state(other)} == {"draft"}


def test_filters_and_the_job_whose_drafts_are_reviewed(desk):
    item = DescriptionJobItemFactory()
    of_job = DescriptionFactory(product=item.product, image=item.image, job_item=item)
    draft(confidence=0.1)
    page = desk()
    page.get_by_label("Job").select_option(str(item.job_id))
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_text("1 draft awaits review in this choice")).to_be_visible()
    page.get_by_role("link", name="Start reviewing").click()
    expect(title(page)).to_have_text(of_job.product.title)
    page.keyboard.press("a")
    expect(page.get_by_role("heading", name="All drafts that match are reviewed")).to_be_visible()
