"""Products in several languages and on several shelves, over the API."""

import pytest
from django.urls import reverse

from catalog.choices import DescriptionState
from catalog.models import Product, ProductCategory, ProductChange, ProductTranslation
from tests.factories import CategoryFactory, DescriptionFactory, ProductFactory

LIST = reverse("api:product-list")
pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


def detail(sku="A"):
    return reverse("api:product-detail", args=[sku])


@pytest.fixture
def shirt():
    product = ProductFactory(
        sku="A", title="Shirt", colour="Blue", attributes={"fabric": "cotton", "fit": "slim"}
    )
    for language, title, colour, attributes in (
        ("de", "Hemd", "Blau", {"fabric": "Baumwolle"}),
        ("de-AT", "", "Blitzblau", {}),
    ):
        ProductTranslation.objects.create(
            product=product, language=language, title=title, colour=colour, attributes=attributes
        )
    for language in ("en", "de"):
        DescriptionFactory(
            product=product,
            language=language,
            standard=f"Text in {language}.",
            state=DescriptionState.APPROVED,
        )
    return product


def said(client, language, address=None):
    answer = client.get(address or detail(), {"language": language} if language else {}).json()
    one = answer["results"][0] if address else answer
    text = one["description"]
    names = ("title", "colour", "attributes", "languages")
    return tuple(one[name] for name in names), text and text["standard"]


@pytest.mark.parametrize("address", [None, LIST])
def test_an_answer_is_in_the_language_asked_for_and_names_it(client, shirt, address):
    assert said(client, "de", address) == (
        (
            "Hemd",
            "Blau",
            {"fabric": "Baumwolle", "fit": "slim"},
            {
                "chain": ["de"],
                "title": "de",
                "colour": "de",
                "attributes": {"fabric": "de"},
                "description": "de",
            },
        ),
        "Text in de.",
    )
    own = (
        "Shirt",
        "Blue",
        {"fabric": "cotton", "fit": "slim"},
        {"chain": ["en"], "title": "en", "colour": "en", "attributes": {}, "description": "en"},
    )
    assert said(client, "", address) == said(client, "en", address) == (own, "Text in en.")


def test_without_a_translation_the_shops_own_words_stand_and_no_text(client, shirt):
    facts, text = said(client, "fr")
    assert (facts[0], facts[3], text) == (
        "Shirt",
        {"chain": ["fr"], "title": "en", "colour": "en", "attributes": {}, "description": None},
        None,
    )


def test_the_setting_names_the_languages_that_stand_in(client, shirt, settings):
    settings.LANGUAGE_FALLBACKS = {"de-AT": ["de", "en"], "fr": ["it", "en"]}
    facts, text = said(client, "de-AT")
    assert facts == (
        "Hemd",
        "Blitzblau",
        {"fabric": "Baumwolle", "fit": "slim"},
        {
            "chain": ["de-AT", "de", "en"],
            "title": "de",
            "colour": "de-AT",
            "attributes": {"fabric": "de"},
            "description": "de",
        },
    )
    assert text == "Text in de."
    assert said(client, "fr")[1] == "Text in en."
    with_text = {"language": "fr", "has_description": "true", "fields": "sku"}
    assert client.get(LIST, with_text).json()["results"] == [{"sku": "A"}]
    without = {"language": "it", "has_description": "true", "fields": "sku"}
    assert client.get(LIST, without).json()["results"] == []


def test_the_shops_language_is_the_default(client, shirt, settings):
    settings.SHOP_LANGUAGE = "de"
    assert said(client, "de")[0][0] == "Shirt"  # its own words are in German now
    facts, _ = said(client, "de-AT")
    assert (facts[1], facts[3]["colour"]) == ("Blitzblau", "de-AT")


def test_the_search_finds_a_product_by_its_translated_title(client, shirt):
    assert [one["sku"] for one in client.get(LIST, {"search": "hemd"}).json()["results"]] == ["A"]


def test_translations_are_written_language_by_language(with_scopes, shirt):
    client = with_scopes("write", "read", "drafts")
    before = ProductChange.objects.get(product_id="A").sequence
    changes = {
        "translations": {
            "de": {"title": "Oberhemd"},
            "de-AT": None,
            "es": {"title": "Camisa", "colour": "Azul", "attributes": {"fabric": "algodón"}},
        }
    }
    answer = client.patch(detail(), changes, headers={"If-Match": "*"})
    assert (answer.status_code, answer.json()["title"]) == (200, "Shirt")
    rows = ProductTranslation.objects.order_by("language")
    assert list(rows.values_list("language", "title", "colour", "attributes")) == [
        ("de", "Oberhemd", "", {}),
        ("es", "Camisa", "Azul", {"fabric": "algodón"}),
    ]
    assert ProductChange.objects.get(product_id="A").sequence > before
    created = client.post(
        LIST, {"sku": "B", "title": "Cap", "translations": {"de": {"title": "Mütze"}}}
    )
    assert created.status_code == 201
    assert client.get(detail("B"), {"language": "de"}).json()["title"] == "Mütze"


@pytest.mark.parametrize(
    ("translations", "detail_of_error"),
    [
        ({"en": {"title": "x"}}, "The product's own title and attributes are in 'en'."),
        ({"klingon": {"title": "x"}}, "'klingon' is no code of a language, such as `de`"),
        ({"de_at": {"title": "x"}}, "'de_at' is no code of a language, such as `de`"),
        ({"de": {"brand": "x"}}, "There is no such member; known: title, colour, attributes."),
        ({"de": {"title": "x" * 201}}, "no more than 200 characters"),
    ],
)
def test_what_is_no_translation_is_refused_and_changes_nothing(
    with_scopes, shirt, translations, detail_of_error
):
    answer = with_scopes("write").patch(
        detail(), {"title": "New", "translations": translations}, headers={"If-Match": "*"}
    )
    assert answer.status_code == 400
    assert detail_of_error in answer.json()["errors"][0]["detail"]
    assert (Product.objects.get().title, ProductTranslation.objects.count()) == ("Shirt", 2)


@pytest.fixture
def shelves():
    men = CategoryFactory(name="Men", slug="men")
    return {
        "men": men,
        "shirts": CategoryFactory(name="Shirts", slug="shirts", parent=men),
        "sale": CategoryFactory(name="Sale", slug="sale"),
    }


def test_further_categories_are_read_written_and_found(with_scopes, shelves):
    client = with_scopes("write", "read", "drafts")
    body = {
        "sku": "A",
        "title": "Shirt",
        "state": "published",
        "category": "shirts",
        "further_categories": ["sale", "shirts", "sale"],
    }
    created = client.post(LIST, body).json()
    assert (created["category"], created["further_categories"]) == (
        {"name": "Shirts", "slug": "shirts"},
        [{"name": "Sale", "slug": "sale"}],
    )
    ProductFactory(sku="B")
    for slug, found in (("sale", ["A"]), ("men", ["A"]), ("shirts", ["A"])):
        results = client.get(LIST, {"category": slug}).json()["results"]
        assert [one["sku"] for one in results] == found
    changed = client.patch(
        detail(), {"category": "sale", "further_categories": ["men"]}, headers={"If-Match": "*"}
    ).json()
    assert (changed["category"]["slug"], changed["further_categories"]) == (
        "sale",
        [{"name": "Men", "slug": "men"}],
    )
    changed = client.patch(detail(), {"category": "men"}, headers={"If-Match": "*"}).json()
    assert (changed["category"]["slug"], changed["further_categories"]) == ("men", [])
    assert ProductCategory.objects.count() == 0


def test_a_further_category_that_is_not_there_is_refused(with_scopes, shelves):
    body = {"sku": "A", "title": "Shirt", "further_categories": ["sale", "no-such"]}
    answer = with_scopes("write").post(LIST, body)
    assert (answer.status_code, answer.json()["detail"]) == (422, "There is no category `no-such`.")
    assert not Product.objects.exists()
