"""The grid in a real browser: cells by keyboard, two people on one cell, a paste, and undo."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from catalog.models import Product
from tests.factories import CategoryFactory, ProductFactory


def grave(page):
    found = Axe().run(page, options={"preload": False}).response["violations"]
    return [fault["id"] for fault in found if fault["impact"] in ("serious", "critical")]


def products():
    hats = CategoryFactory(name="Hats")
    for number in range(4):
        ProductFactory(
            sku=f"S{number}", title=f"Cap {number}", brand="Wren", category=hats, gender="men"
        )


def opened(logged_in, live_server):
    products()
    page = logged_in()
    page.goto(f"{live_server.url}/admin/grid/")
    return page


def cell(page, row, column):
    return page.locator("#grid tbody tr").nth(row).locator("td").nth(column)


def brands():
    return list(Product.objects.order_by("sku").values_list("brand", flat=True))


def pasted(page, text):
    """What a browser does with Ctrl+V on the focused cell."""
    page.evaluate(
        """text => {
          const data = new DataTransfer();
          data.setData("text/plain", text);
          const told = { clipboardData: data, bubbles: true, cancelable: true };
          document.activeElement.dispatchEvent(new ClipboardEvent("paste", told));
        }""",
        text,
    )


def test_cells_are_edited_and_undone_by_keys_alone(logged_in, live_server):
    page = opened(logged_in, live_server)
    cell(page, 0, 1).click()
    page.keyboard.type("Lark")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Saved.")).to_be_visible()
    page.keyboard.press("F2")
    page.keyboard.type("Finch")
    page.keyboard.press("Tab")
    expect(cell(page, 1, 1)).to_have_text("Finch")
    expect(cell(page, 1, 1)).not_to_have_attribute("data-saving", "")
    expect(cell(page, 1, 2)).to_be_focused()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Enter")
    page.keyboard.type("nonsense")
    page.keyboard.press("Escape")
    expect(cell(page, 1, 1)).to_have_text("Finch")
    expect(cell(page, 1, 1)).to_be_focused()
    assert brands() == ["Lark", "Finch", "Wren", "Wren"]
    page.keyboard.press("Control+z")
    expect(page.get_by_text("Undone: 1 cell is as it was before.")).to_be_visible()
    assert brands() == ["Lark", "Wren", "Wren", "Wren"]


def test_a_cell_that_is_refused_keeps_what_was_typed(logged_in, live_server, complaints):
    page = opened(logged_in, live_server)
    cell(page, 0, 4).click()
    page.keyboard.type("kids")
    page.keyboard.press("Enter")
    expect(page.get_by_text("“kids” is no gender.")).to_be_visible()
    expect(cell(page, 0, 4).locator("input")).to_have_value("kids")
    page.keyboard.press("Control+a")
    page.keyboard.type("Boys")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Saved.")).to_be_visible()
    expect(cell(page, 0, 4)).to_have_text("Boys")
    assert Product.objects.get(sku="S0").gender == "boys"
    (refusal,) = complaints  # the browser itself tells of the answer 422
    assert "422" in refusal
    complaints.clear()


def test_whoever_was_logged_out_keeps_what_was_typed(logged_in, live_server):
    page = opened(logged_in, live_server)
    page.context.clear_cookies(name="sessionid")
    title = cell(page, 0, 1)
    title.focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Control+a")
    page.keyboard.type("A new name")
    page.keyboard.press("Enter")
    expect(title.locator("input")).to_have_value("A new name")
    assert not Product.objects.filter(title="A new name").exists()


def test_the_second_of_two_people_decides(logged_in, live_server, complaints):
    page = opened(logged_in, live_server)
    Product.objects.filter(sku="S0").update(brand="Lark")
    cell(page, 0, 1).click()
    page.keyboard.type("Finch")
    page.keyboard.press("Enter")
    group = page.get_by_role("group", name="Two values")
    expect(group).to_contain_text("Lark")
    expect(group).to_contain_text("Finch")
    assert grave(page) == []
    page.get_by_role("button", name="Keep mine").click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    assert brands()[0] == "Finch"
    complaints.clear()  # of the answer 409


def test_a_range_is_pasted_after_a_look_and_undone(logged_in, live_server):
    page = opened(logged_in, live_server)
    cell(page, 1, 1).click()
    pasted(page, "Lark\tHats\nFinch\tTents\nCrow\tHats\nSwan\tHats\n")
    expect(page.get_by_text("1 line is beyond the last row and is left out.")).to_be_visible()
    expect(page.get_by_text("There is no category “Tents”.")).to_be_visible()
    assert grave(page) == []
    page.get_by_role("button", name="Change 3 cells").click()
    expect(page.get_by_text("3 cells changed.")).to_be_visible()
    assert brands() == ["Wren", "Lark", "Finch", "Crow"]
    page.get_by_role("button", name="Undo my last step").click()
    expect(page.get_by_text("Undone: 3 cells are as they were before.")).to_be_visible()
    assert brands() == ["Wren"] * 4


def test_columns_are_chosen_and_saved_as_a_view(logged_in, live_server):
    page = opened(logged_in, live_server)
    page.get_by_text("Columns", exact=True).click()
    page.get_by_label("Another attribute, by its name").fill("Fabric")
    page.get_by_role("button", name="Show these columns").click()
    expect(page.get_by_role("columnheader", name="Fabric")).to_be_visible()
    page.get_by_text("Save this view").click()
    page.get_by_label("Name", exact=True).fill("Fabrics")
    page.get_by_label("Share it with colleagues").check()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("The view “Fabrics” is saved.")).to_be_visible()
    for summary in page.locator(".grid-tool summary").all():
        summary.click()
    assert grave(page) == []
    page.goto(f"{live_server.url}/admin/")
    page.get_by_role("link", name="Fabrics").click()
    expect(page.get_by_role("columnheader", name="Fabric")).to_be_visible()
