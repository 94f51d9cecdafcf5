"""The product form: facts, uploads with bad files among them, removal of photos."""

from io import BytesIO

import pytest
from django.contrib.messages import get_messages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image

from catalog.admin.product_form import AttributesField
from catalog.choices import ProductState
from catalog.models import Product, ProductImage, Variant
from tests.factories import CategoryFactory, ProductFactory, ProductImageFactory, photo_bytes

ADD = reverse("admin:catalog_product_add")
NO_INLINE = {
    "variants-TOTAL_FORMS": "0",
    "variants-INITIAL_FORMS": "0",
    "images-TOTAL_FORMS": "0",
    "images-INITIAL_FORMS": "0",
}
pytestmark = pytest.mark.django_db


def change(product):
    return reverse("admin:catalog_product_change", args=[product.pk])


def facts(**given):
    return {"sku": "NEW-1", "title": "Linen shirt", **NO_INLINE, **given}


def said(answer):
    return [str(message) for message in get_messages(answer.wsgi_request)]


def animation():
    buffer = BytesIO()
    frames = [Image.new("RGB", (8, 8), colour) for colour in ("red", "blue")]
    frames[0].save(buffer, "WEBP", save_all=True, append_images=frames[1:])
    return buffer.getvalue()


def test_a_product_with_photos_is_added(admin_client):
    category = CategoryFactory()
    photos = [
        SimpleUploadedFile("front.jpg", photo_bytes(colour=(1, 2, 3))),
        SimpleUploadedFile("back.png", photo_bytes(colour=(9, 9, 9), encoding="PNG")),
    ]
    answer = admin_client.post(
        ADD,
        facts(
            brand="Wren",
            category=category.pk,
            colour="White",
            gender="men",
            attributes="Fabric: linen\r\nSleeve: long",
            new_photos=photos,
        ),
    )
    assert answer.status_code == 302
    product = Product.objects.get()
    assert (product.sku, product.title, product.brand) == ("NEW-1", "Linen shirt", "Wren")
    assert (product.category, product.colour, product.gender) == (category, "White", "men")
    assert product.attributes == {"Fabric": "linen", "Sleeve": "long"}
    assert product.state == ProductState.DRAFT
    assert [image.position for image in product.images.all()] == [0, 1]
    assert said(answer)[-1] == "2 photos stored."


def test_bad_files_are_named_and_the_rest_goes_on(admin_client, media_directory):
    product = ProductFactory()
    uploads = [
        SimpleUploadedFile("notes.jpg", b"%!PS-Adobe not a photo"),
        SimpleUploadedFile("cut.jpg", photo_bytes(size=(400, 400))[:900]),
        SimpleUploadedFile("good.jpg", photo_bytes()),
        SimpleUploadedFile("moving.webp", animation()),
        SimpleUploadedFile("empty.jpg", b""),
    ]
    data = facts(sku=product.sku, title="Changed", new_photos=uploads)
    answer = admin_client.post(change(product), data)
    assert answer.status_code == 302
    messages = said(answer)
    for name in ("notes.jpg", "cut.jpg", "moving.webp", "empty.jpg"):
        (sentence,) = [message for message in messages if message.startswith(f"{name} was refused")]
        assert len(sentence) > len(f"{name} was refused: ") + 10
    assert messages[-1] == "1 photo stored."
    product.refresh_from_db()
    assert product.title == "Changed"
    assert product.images.count() == 1
    stored = [path for path in media_directory.rglob("*") if path.is_file()]
    assert len(stored) == 2  # one photo and its thumbnail


def test_the_same_photo_again_is_not_stored_twice(admin_client):
    product = ProductFactory()
    for _ in range(2):
        upload = SimpleUploadedFile("same.jpg", photo_bytes())
        admin_client.post(change(product), facts(sku=product.sku, new_photos=[upload]))
    assert product.images.count() == 1


def test_a_photo_is_removed_by_its_tick(admin_client, django_capture_on_commit_callbacks):
    image = ProductImageFactory()
    kept = ProductImageFactory(product=image.product)
    data = facts(
        sku=image.product.sku,
        **{
            "variants-TOTAL_FORMS": "0",
            "variants-INITIAL_FORMS": "0",
            "images-TOTAL_FORMS": "2",
            "images-INITIAL_FORMS": "2",
            "images-0-id": image.pk,
            "images-0-product": image.product_id,
            "images-0-DELETE": "on",
            "images-1-id": kept.pk,
            "images-1-product": image.product_id,
        },
    )
    with django_capture_on_commit_callbacks(execute=True):
        admin_client.post(change(image.product), data)
    assert list(ProductImage.objects.all()) == [kept]
    assert not image.file.storage.exists(image.file.name)
    assert kept.file.storage.exists(kept.file.name)


@pytest.mark.parametrize(
    ("given", "field", "sentence"),
    [
        ({"sku": "no\ttabs"}, "sku", "Use no control characters and no blanks at its ends."),
        ({"sku": "TAKEN"}, "sku", "already exists"),
        ({"attributes": "Fabric linen"}, "attributes", "Line 1 should read “Name: value”"),
        ({"attributes": "A: 1\nA: 2"}, "attributes", "“A” appears twice."),
        ({"gender": "robots"}, "gender", "Select a valid choice"),
    ],
)
def test_a_wrong_fact_is_refused_with_nothing_stored(admin_client, given, field, sentence):
    ProductFactory(sku="TAKEN")
    answer = admin_client.post(
        ADD, facts(**given, new_photos=[SimpleUploadedFile("good.jpg", photo_bytes())])
    )
    assert answer.status_code == 200
    assert sentence in str(answer.context["adminform"].form.errors[field])
    assert Product.objects.count() == 1
    assert not ProductImage.objects.exists()


def test_untouched_facts_keep_their_type(admin_client):
    product = ProductFactory(attributes={"Sizes": [38, 40], "Fit": "slim"})
    page = admin_client.get(change(product))
    stored = page.context["adminform"].form["attributes"].value()
    assert set(AttributesField().prepare_value(stored).splitlines()) == {
        "Sizes: [38, 40]",
        "Fit: slim",
    }
    assert "Sizes: [38, 40]" in page.content.decode()
    data = facts(sku=product.sku, attributes="Sizes: [38, 40]\r\nFit: loose")
    admin_client.post(change(product), data)
    product.refresh_from_db()
    assert product.attributes == {"Sizes": [38, 40], "Fit": "loose"}


def test_a_viewer_sees_everything_and_changes_nothing(viewer):
    image = ProductImageFactory(product__title="Linen shirt")
    page = viewer.get(change(image.product))
    assert page.status_code == 200
    text = page.content.decode()
    assert "Linen shirt" in text
    assert "new_photos" not in text
    assert "images-0-DELETE" not in text
    answer = viewer.post(
        change(image.product),
        facts(title="Mine", new_photos=[SimpleUploadedFile("good.jpg", photo_bytes())]),
    )
    assert answer.status_code == 403
    image.product.refresh_from_db()
    assert image.product.title == "Linen shirt"
    assert image.product.images.count() == 1


def test_photos_need_their_own_permission(client_with):
    product = ProductFactory()
    client = client_with("view_product", "change_product")
    assert "new_photos" not in client.get(change(product)).content.decode()
    upload = SimpleUploadedFile("good.jpg", photo_bytes())
    client.post(change(product), facts(sku=product.sku, new_photos=[upload]))
    assert not ProductImage.objects.exists()


def test_a_stranger_is_sent_to_the_log_in(client):
    answer = client.get(change(ProductFactory()))
    assert answer.url.startswith(reverse("admin:login"))
    page = client.get(answer.url).content.decode()
    assert "<h1>Log in</h1>" in page


def test_variants_are_edited_as_rows(admin_client):
    image = ProductImageFactory(product__sku="P")
    rows = {
        "images-TOTAL_FORMS": "1",
        "images-INITIAL_FORMS": "1",
        "images-0-id": image.pk,
        "images-0-product": image.product.pk,
        "variants-TOTAL_FORMS": "1",
        "variants-INITIAL_FORMS": "0",
        "variants-0-product": image.product.pk,
        "variants-0-sku": "P/M",
        "variants-0-options": "Size: M\r\nColour: Navy",
        "variants-0-price": "19.90",
        "variants-0-currency": "EUR",
        "variants-0-photo": image.pk,
        "variants-0-position": "0",
    }
    answer = admin_client.post(change(image.product), facts(sku="P", **rows))
    assert answer.status_code == 302
    variant = Variant.objects.get()
    assert (variant.sku, variant.options, str(variant.price), variant.photo) == (
        "P/M",
        [["Size", "M"], ["Colour", "Navy"]],
        "19.9000",
        image,
    )
    rows |= {
        "variants-INITIAL_FORMS": "1",
        "variants-0-id": variant.pk,
        "variants-0-DELETE": "on",
    }
    admin_client.post(change(image.product), facts(sku="P", **rows))
    assert not Variant.objects.exists()


def test_a_viewer_sees_variants_and_changes_none(viewer):
    variant = Variant.objects.create(product=ProductFactory(), sku="ONLY-SEEN")
    page = viewer.get(change(variant.product)).content.decode()
    assert "ONLY-SEEN" in page
    assert "variants-0-sku" not in page


def test_a_search_finds_a_product_by_the_sku_of_a_variant(admin_client):
    variant = Variant.objects.create(product=ProductFactory(title="Found tee"), sku="TEE/M")
    ProductFactory(title="Other")
    page = admin_client.get(reverse("admin:catalog_product_changelist"), {"q": variant.sku})
    assert "Found tee" in page.content.decode()
    assert "Other" not in page.content.decode()


def part_of(prefix, *rows, initial=0):
    """The fields of an inline with these rows."""
    fields = {f"{prefix}-TOTAL_FORMS": len(rows), f"{prefix}-INITIAL_FORMS": initial}
    for number, row in enumerate(rows):
        fields |= {f"{prefix}-{number}-{name}": value for name, value in row.items()}
    return fields


def test_translations_are_added_changed_and_removed(admin_client):
    product = ProductFactory(sku="NEW-1", title="Linen shirt")
    german = {"language": "de", "title": "Hemd", "colour": "Blau", "attributes": "Stoff: Leinen"}
    spanish = {"language": "es", "title": "Camisa"}
    url = change(product)
    admin_client.post(url, facts(**part_of("translations", german, spanish)))
    rows = product.translations.order_by("language")
    assert list(rows.values_list("language", "title", "colour", "attributes")) == [
        ("de", "Hemd", "Blau", {"Stoff": "Leinen"}),
        ("es", "Camisa", "", {}),
    ]
    page = admin_client.get(url).content.decode()
    assert 'value="Hemd"' in page
    first, second = rows
    changed = {**german, "id": first.pk, "title": "Oberhemd"}
    removed = {**spanish, "id": second.pk, "DELETE": "on"}
    admin_client.post(url, facts(**part_of("translations", changed, removed, initial=2)))
    assert list(rows.values_list("language", "title")) == [("de", "Oberhemd")]
    admin_client.post(url, facts())  # a form without this part leaves it
    assert product.translations.count() == 1


@pytest.mark.parametrize(
    ("languages", "reason"),
    [
        (["en"], "The title and attributes above are in this language. Change them there."),
        (["klingon"], "Write a code such as de or pt-BR."),
        (["de", "de"], "Please correct the duplicate data for"),
    ],
)
def test_a_language_that_cannot_be_is_refused_and_changes_nothing(admin_client, languages, reason):
    product = ProductFactory(sku="NEW-1", title="Shirt")
    rows = [{"language": language, "title": "x"} for language in languages]
    answer = admin_client.post(change(product), facts(**part_of("translations", *rows)))
    assert reason in answer.content.decode()
    product.refresh_from_db()
    assert (product.title, product.translations.count()) == ("Shirt", 0)


def test_further_categories_are_chosen_by_their_path(admin_client):
    men = CategoryFactory(name="Men")
    shirts, sale = CategoryFactory(name="Shirts", parent=men), CategoryFactory(name="Sale")
    product = ProductFactory(sku="NEW-1", category=men)
    rows = [
        {"category": one.pk, "position": place} for place, one in enumerate([sale, shirts, men])
    ]
    url = change(product)
    admin_client.post(url, facts(category=men.pk, **part_of("further_places", *rows)))
    places = product.further_places.order_by("position")
    assert [place.category for place in places] == [sale, shirts]  # the main one is no further one
    assert "Men &gt; Shirts" in admin_client.get(url).content.decode()
