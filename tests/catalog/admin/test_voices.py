"""The page of a brand's voice: what it refuses, what it stores, and the example that it shows."""

import pytest
from django.urls import reverse

from catalog.known_product import products_known
from catalog.models import BrandVoice
from tests.factories import ProductFactory

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]
ADD = reverse("admin:catalog_brandvoice_add")
GIVEN = {
    "brand": "Wren",
    "formality": "formal",
    "sentence_length": "short",
    "person": "item",
    "spelling": "american",
    "banned": " easy \n\neasy\nsimple",
    "preferred": "T-shirt = tee",
    "taste": "dreamy",
    "opening": "New in",
    "closing": "",
}


def test_a_voice_is_saved_and_told_with_the_products_of_its_brand(admin_client):
    assert admin_client.post(ADD, GIVEN).status_code == 302
    assert BrandVoice.objects.get().settings() == {
        "formality": "formal",
        "sentence_length": "short",
        "spelling": "american",
        "banned": ["easy", "simple"],
        "preferred": {"T-shirt": "tee"},
        "taste": ["dreamy"],
        "opening": "New in",
    }
    ours, other = ProductFactory(brand="WREN "), ProductFactory(brand="Acme")
    known = products_known([ours.pk, other.pk], sources=[])
    assert known[ours.pk]["voice"]["taste"] == ["dreamy"]
    assert "voice" not in known[other.pk]


def test_the_page_shows_an_example_in_the_voice(admin_client):
    admin_client.post(ADD, GIVEN)
    page = admin_client.get(
        reverse("admin:catalog_brandvoice_change", args=[BrandVoice.objects.get().pk])
    ).content.decode()
    assert "Wren Men&#x27;s" in page or "Wren " in page
    assert "New in. " in page
    assert " tee by Wren" in page


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"banned": "shirt"}, "“shirt” names a type of item"),
        ({"preferred": "trousers"}, "“trousers” is no pair"),
        ({"brand": " "}, "This field is required"),
        ({"opening": "x" * 201}, "at most 200 characters"),
    ],
)
def test_what_cannot_be_honoured_is_refused(admin_client, given, reason):
    page = admin_client.post(ADD, {**GIVEN, **given}).content.decode()
    assert reason in page
    assert not BrandVoice.objects.exists()


def test_a_brand_has_one_voice_however_it_is_cased(admin_client):
    admin_client.post(ADD, GIVEN)
    page = admin_client.post(ADD, {**GIVEN, "brand": "wren"}).content.decode()
    assert "This brand has a voice already" in page
    assert BrandVoice.objects.count() == 1
