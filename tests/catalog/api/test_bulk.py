"""Many products in one request: an answer a row, and a wrong row costs only itself."""

import pytest
from django.urls import reverse
from openapi_schema_validator import OAS31Validator

from catalog.choices import ProductState
from catalog.models import Product, ProductChange
from tests.factories import CategoryFactory, ProductFactory

URL = reverse("api:product-bulk")
pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


@pytest.fixture
def upsert(with_scopes):
    writer = with_scopes("write")

    def send(*rows):
        answer = writer.post(URL, {"products": list(rows)})
        assert answer.status_code == 200, answer.content
        return answer.json()["results"]

    return send


def outcomes(results):
    return [(row["sku"], row["outcome"]) for row in results]


def test_each_row_has_its_answer(upsert):
    shirts = CategoryFactory(slug="shirts")
    ProductFactory(sku="OLD", title="Old", brand="Wren", colour="Red")
    ProductFactory(sku="SAME", title="Same", category=shirts)
    results = upsert(
        {"sku": "NEW", "title": "New", "category": "shirts", "attributes": {"a": 1}},
        {"sku": "OLD", "colour": "Blue", "state": "draft"},
        {"sku": "SAME", "title": "Same", "category": "shirts"},
        {"sku": "NEW", "title": "Again"},
        {"sku": "BARE"},
        {"sku": "x\ty", "title": "x"},
        {"title": "no sku"},
        "no object",
        None,
        {"sku": "P", "title": "x", "price": 1},
        {"sku": "C", "title": "x", "category": "no-such"},
        {"sku": "N", "title": "nul\0"},
    )
    assert outcomes(results) == [
        ("NEW", "created"),
        ("OLD", "updated"),
        ("SAME", "unchanged"),
        ("NEW", "refused"),
        ("BARE", "refused"),
        ("x\ty", "refused"),
        ("", "refused"),
        ("", "refused"),
        ("", "refused"),
        ("P", "refused"),
        ("C", "refused"),
        ("N", "refused"),
    ]
    pointers = [row["errors"][0]["pointer"] for row in results if "errors" in row]
    names = ["sku", "title", "sku", "sku", "", "", "price", "category", "title"]
    assert pointers == [f"#/{name}" if name else "#" for name in names]
    new, old = Product.objects.get(sku="NEW"), Product.objects.get(sku="OLD")
    assert (new.title, new.category, new.attributes, new.state) == (
        "New",
        shirts,
        {"a": 1},
        ProductState.DRAFT,
    )
    assert (old.title, old.brand, old.colour, old.state) == (
        "Old",
        "Wren",
        "Blue",
        ProductState.DRAFT,
    )
    assert set(Product.objects.values_list("sku", flat=True)) == {"NEW", "OLD", "SAME"}


def test_rows_keep_their_keys_and_their_first_day(upsert):
    product = ProductFactory(sku="A")
    upsert({"sku": "A", "title": "Other"})
    again = Product.objects.get()
    assert (again.pk, again.created_at) == (product.pk, product.created_at)
    assert again.updated_at > product.updated_at


def test_what_stays_as_it_is_is_no_change(upsert):
    ProductFactory(sku="A", title="Same")
    before = ProductChange.objects.get().sequence
    upsert({"sku": "A", "title": "Same"})
    assert ProductChange.objects.get().sequence == before


def test_a_thousand_rows(upsert, django_assert_max_num_queries):
    rows = [{"sku": f"S{n:04d}", "title": f"Product {n}"} for n in range(1000)]
    with django_assert_max_num_queries(25):  # SQLite writes ninety rows a statement
        assert {row["outcome"] for row in upsert(*rows)} == {"created"}
    with django_assert_max_num_queries(25):
        changed = [{**row, "colour": "Red"} for row in rows]
        assert {row["outcome"] for row in upsert(*changed)} == {"updated"}
    assert Product.objects.filter(colour="Red").count() == 1000
    assert ProductChange.objects.count() == 1000


@pytest.mark.parametrize(
    "body",
    [{}, {"products": []}, {"products": {}}, {"products": [{}] * 1001}, {"items": []}, []],
)
def test_what_is_no_list_of_rows_is_refused_as_a_whole(with_scopes, body):
    answer = with_scopes("write").post(URL, body)
    assert answer.status_code == 400
    assert answer.json()["type"].endswith("/invalid-request/")
    assert not Product.objects.exists()


ROW = {"sku": "R", "title": "Row"}


@pytest.mark.parametrize(
    ("row", "fits"),
    [
        (ROW, True),
        ({**ROW, "brand": "", "colour": "", "gender": "", "category": None}, True),
        ({**ROW, "attributes": {"fabric": "wool", "pieces": 2, "new": True}}, True),
        ({**ROW, "price": 1}, False),
        ({**ROW, "title": " "}, False),
        ({**ROW, "title": "x" * 201}, False),
        ({**ROW, "brand": 1}, False),
        ({**ROW, "brand": "nul\0"}, False),
        ({**ROW, "gender": "male"}, False),
        ({**ROW, "category": ""}, False),
        ({**ROW, "attributes": {"fabric": None}}, False),
        ({**ROW, "sku": "x\ty"}, False),
        ({"title": "Row"}, False),
        ("no object", False),
        (None, False),
    ],
)
def test_a_row_is_refused_exactly_where_the_schema_does_not_allow_it(client, upsert, row, fits):
    schema = client.get(reverse("api:schema"), {"format": "json"}).json()
    one = {"$ref": "#/components/schemas/ProductRowInputRequest"}
    assert OAS31Validator({**schema, **one}).is_valid(row) is fits
    assert upsert(row)[0]["outcome"] == ("created" if fits else "refused")
