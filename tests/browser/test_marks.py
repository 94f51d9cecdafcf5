"""Marks, sources and edits that reach every text, in a real browser and by keyboard."""

import re

import pytest
from playwright.sync_api import expect

from catalog.choices import DescriptionState
from catalog.models import Description
from catalog.transitions.drafts import drafts_create, drafts_supersede_untouched
from moda_engine.brief.claims import Brief, Claim, Seen
from tests.factories import ModelVersionFactory, ProductImageFactory

BRIEF = Brief(
    (
        Claim("product_type", "Tops", "catalog", 1.0, "title", Seen("Dresses", 0.9)),
        Claim("colour", "Pink", "photo", 0.8),
        Claim("gender", "Women", "catalog", 1.0, "gender"),
    ),
    probabilities={"colour": {"Pink": 0.8, "White": 0.1}, "fastening": {"Lace-Ups": 0.2}},
)
TEXTS = {
    "standard": "Pink top for women with laces.",
    "alt_text": "Women's pink top with laces.",
    "detailed": "A pink top for women. It has laces.",
}


def generated(image, **given):
    draft = Description(
        product=image.product, image=image, **{"brief": BRIEF.to_json(), **TEXTS, **given}
    )
    drafts_create(drafts=[draft])
    draft.refresh_from_db()
    return draft


@pytest.fixture
def draft():
    return generated(ProductImageFactory(product__sku="SH-1"), confidence=0.1)


@pytest.fixture
def page(logged_in, live_server, draft):
    page = logged_in()
    page.goto(f"{live_server.url}/admin/review/{draft.pk}/")
    return page


def editor(page, name="standard"):
    return page.locator(f"#id_{name}")


def marks(page, kind, name="standard"):
    return page.locator(f"#marks-{name} .said-{kind}")


def source(page, name="standard"):
    return page.locator(f"#source-{name}")


def test_marks_stand_under_their_words_and_differ_in_more_than_colour(page):
    wrong, unborne = marks(page, "wrong"), marks(page, "unborne")
    expect(wrong).to_have_text(["laces"])
    expect(unborne).to_have_text(["top"])
    styles = [
        one.evaluate("mark => getComputedStyle(mark).textDecorationStyle")
        for one in (wrong, unborne)
    ]
    assert styles == ["wavy", "dashed"]
    # The marks lie where the letters of the editor are.
    sizes = page.evaluate(
        """() => ["id_standard", "marks-standard"].map((id) => {
            const style = getComputedStyle(document.getElementById(id));
            return [style.font, style.lineHeight, style.paddingTop, style.paddingLeft];
        })"""
    )
    assert sizes[0] == sizes[1]


def test_pointing_at_a_word_and_moving_into_it_shows_its_source(page):
    box = marks(page, "unborne").bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    expect(source(page)).to_have_text("top: the title says top; the photo suggests dress, 90%")
    page.mouse.move(0, 0)
    expect(source(page)).to_have_text("")

    page.keyboard.press("e")  # selects the first word that may be wrong
    expect(source(page)).to_have_text("laces: has no source; for the photo it is 20% likely")
    page.keyboard.press("Home")
    expect(source(page)).to_have_text("Pink: seen in the photo, 80%")
    page.keyboard.press("Escape")
    page.keyboard.press("m")
    assert page.evaluate("getSelection().toString()") == "laces"


def test_marks_follow_what_is_typed_and_the_server_judges_it(page):
    page.route("**/reading/", lambda route: route.abort())  # the server has not read it yet
    editor(page).press("Home")
    page.keyboard.type("Lovely ")
    expect(marks(page, "wrong")).to_have_text(["laces"])
    assert page.locator("#marks-standard").text_content() == f"Lovely {TEXTS['standard']}"
    editor(page).fill(TEXTS["standard"].replace(" with laces", ""))
    expect(marks(page, "wrong")).to_have_count(0)
    page.unroute("**/reading/")
    editor(page).fill("White top for men.")
    expect(marks(page, "wrong")).to_have_text(["White", "men"])
    expect(page.locator("#marked li").nth(1)).to_contain_text("the field Gender says women")


def test_an_edit_is_offered_to_the_other_texts_and_approved_with_it(page, draft):
    page.keyboard.press("e")
    editor(page).fill(TEXTS["standard"].replace("Pink", "White"))
    expect(page.locator("#offer-alt_text ins")).to_have_text("white")
    expect(page.locator("#offer-detailed ins")).to_have_text("white")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("heading", name="All is reviewed")).to_be_visible()
    draft.refresh_from_db()
    assert draft.state == DescriptionState.APPROVED
    assert draft.alt_text == "Women's white top with laces."
    assert draft.detailed == "A white top for women. It has laces."
    page.keyboard.press("u")
    expect(editor(page, "alt_text")).to_have_value(TEXTS["alt_text"])


def test_declined_edits_are_asked_about_and_approved_by_keyboard(page, draft):
    page.keyboard.press("e")
    editor(page).fill(TEXTS["standard"].replace("Pink", "White"))
    expect(page.locator("#offer-alt_text ins")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("d")
    expect(page.locator("#declined-alt_text")).to_be_checked()
    page.keyboard.press("a")
    question = page.get_by_role("dialog", name="Approve texts that contradict one another?")
    expect(question).to_contain_text("Description: White · Alt text: pink")
    page.keyboard.press("Escape")
    expect(question).to_be_hidden()
    expect(page.locator("#declined-detailed")).to_be_checked()
    page.keyboard.press("a")
    expect(question).to_be_visible()
    page.keyboard.press("a")
    expect(page.get_by_role("heading", name="All is reviewed")).to_be_visible()
    draft.refresh_from_db()
    assert (draft.standard, draft.alt_text) == (
        "White top for women with laces.",
        TEXTS["alt_text"],
    )


def test_on_a_phone_the_editor_is_not_behind_the_buttons(page):
    page.set_viewport_size({"width": 390, "height": 844})
    page.keyboard.press("e")
    box = editor(page).bounding_box()
    assert box["y"] + box["height"] <= page.locator(".desk-actions").bounding_box()["y"]


def test_the_alt_text_stays_one_line(page):
    editor(page, "alt_text").press("End")
    page.keyboard.press("Enter")
    expect(editor(page, "alt_text")).to_have_value(TEXTS["alt_text"])


def test_a_rejected_draft_gives_way_to_the_one_that_it_replaced(page, live_server):
    image = ProductImageFactory(product__title="Twice described")
    old = generated(image, model_version=ModelVersionFactory(name="v1"), confidence=0.05)
    drafts_supersede_untouched(product_ids=[image.product_id], language="en")
    new = generated(image, standard="Pink thing.", confidence=0.05)
    page.goto(f"{live_server.url}/admin/review/{new.pk}/")
    page.keyboard.press("r")
    page.keyboard.press("4")
    expect(page.get_by_role("button", name="Bring back the draft of v1")).to_be_visible()
    page.keyboard.press("b")
    expect(page).to_have_url(re.compile(f"/admin/review/{old.pk}/"))
    expect(editor(page)).to_have_value(TEXTS["standard"])
    old.refresh_from_db()
    assert old.state == DescriptionState.DRAFT
