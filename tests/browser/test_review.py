"""A merchandiser's way in a real browser: from a draft to the storefront and the API."""

from playwright.sync_api import expect

from catalog.choices import DescriptionState, JobState, ProductState
from catalog.models import Description, DescriptionJob, Product
from tests.factories import (
    DescriptionFactory,
    DescriptionJobFactory,
    DescriptionJobItemFactory,
    ModelVersionFactory,
    ProductFactory,
    ProductImageFactory,
    end_item,
    photo_bytes,
)


def shirt():
    product = ProductImageFactory(product__sku="SH-1", product__title="Linen shirt").product
    DescriptionFactory(product=product, confidence=0.71, model_version=ModelVersionFactory())
    return product


def test_edit_approve_and_see_it_in_storefront_and_api(logged_in, live_server):
    product = shirt()
    page = logged_in()
    page.get_by_role("link", name="Products", exact=True).click()
    expect(page.get_by_text("To review 71%")).to_be_visible()
    page.get_by_role("link", name="Linen shirt").click()
    page.get_by_role("link", name="Review this draft").click()

    page.get_by_role("textbox", name="Description", exact=True).fill("White linen shirt for men.")
    page.get_by_label("Alt text").fill("A white shirt on a hanger")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("The text is saved.", exact=True)).to_be_visible()
    assert Description.objects.get().state == DescriptionState.DRAFT

    page.get_by_role("button", name="Approve").click()
    expect(page.get_by_text("SH-1 approved.", exact=True)).to_be_visible()
    assert Description.objects.get().state == DescriptionState.APPROVED

    page.goto(f"{live_server.url}/")
    expect(page.get_by_text("White linen shirt for men.")).to_be_visible()
    page.get_by_role("link", name="Linen shirt").click()
    expect(page.get_by_role("img", name="A white shirt on a hanger")).to_be_visible()
    assert page.evaluate("document.images[0].naturalWidth") == product.images.get().width

    answer = page.request.get(f"{live_server.url}/api/v1/products/SH-1/").json()
    assert answer["description"]["standard"] == "White linen shirt for men."
    assert answer["description"]["provenance"] == "edited"


def test_upload_photos_one_of_them_bad(logged_in, live_server):
    product = ProductFactory(sku="NEW", state=ProductState.DRAFT)
    page = logged_in()
    page.goto(f"{live_server.url}/admin/catalog/product/{product.pk}/change/")
    files = [
        {"name": "good.jpg", "mimeType": "image/jpeg", "buffer": photo_bytes()},
        {"name": "bad.jpg", "mimeType": "image/jpeg", "buffer": b"GIF89a no photo"},
    ]
    page.get_by_label("Add photos").set_input_files(files)
    page.get_by_role("button", name="Save and continue editing").click()
    expect(page.get_by_text("bad.jpg was refused")).to_be_visible()
    expect(page.get_by_text("1 photo stored.")).to_be_visible()
    expect(page.get_by_role("img", name="Photo 1, in full size")).to_be_visible()
    page.get_by_role("button", name="Publish").click()
    expect(page.get_by_text("Published: storefronts show the product.")).to_be_visible()
    assert Product.objects.get().state == ProductState.PUBLISHED


def test_describe_selected_and_watch_the_progress(logged_in, live_server):
    ProductImageFactory(product__title="Linen shirt")
    ProductFactory(title="Without photo")
    page = logged_in()
    page.goto(f"{live_server.url}/admin/catalog/product/")
    page.locator("#action-toggle").check()
    page.get_by_label("Action:").select_option("describe_selected")
    page.get_by_role("button", name="Go").click()
    expect(page.get_by_text("1 of 2 products will be described")).to_be_visible()
    expect(page.get_by_text("1 – No photo")).to_be_visible()
    page.get_by_role("button", name="Describe 1 product").click()
    expect(page.get_by_role("heading", name="1 of 2 finished")).to_be_visible()
    page.get_by_role("button", name="Pause").click()
    expect(page.get_by_role("button", name="Resume")).to_be_visible()
    page.get_by_role("button", name="Cancel the job").click()
    expect(page.get_by_text("Cancelled. Existing drafts stay.")).to_be_visible()
    expect(page.get_by_role("heading", name="2 of 2 finished")).to_be_visible()


def test_the_progress_page_follows_the_job_by_itself(logged_in, live_server):
    job = DescriptionJobFactory(state=JobState.RUNNING)
    items = [DescriptionJobItemFactory(job=job) for _ in range(2)]
    page = logged_in()
    page.goto(f"{live_server.url}/admin/catalog/descriptionjob/{job.pk}/progress/")
    expect(page.get_by_role("heading", name="0 of 2 finished")).to_be_visible()
    end_item(items[0])
    expect(page.get_by_role("heading", name="1 of 2 finished")).to_be_visible()
    end_item(items[1])
    DescriptionJob.objects.update(state=JobState.COMPLETED)
    expect(page.get_by_text("Completed", exact=True)).to_be_visible()
    expect(page.get_by_role("button", name="Pause")).to_have_count(0)


def test_script_in_a_text_does_not_run(logged_in, live_server):
    text = "<script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\">"
    product = ProductFactory(sku="X", title="Plain")
    DescriptionFactory(
        product=product,
        standard=text,
        detailed=text,
        generated_standard="Words.",
        state=DescriptionState.APPROVED,
    )
    page = logged_in()
    addresses = ["/", "/products/X/", f"/admin/catalog/product/{product.pk}/change/"]
    for address in addresses:
        page.goto(f"{live_server.url}{address}")
        assert page.title() != "owned"
        expect(page.get_by_text("<script>document").first).to_be_visible()
