"""Whatever a shop typed is told to the starter, and described without an error or a false claim."""

import pytest
from django.urls import reverse

from catalog.api.fields import MOST_ATTRIBUTES
from catalog.choices import Gender, JobItemState
from catalog.engine import describe
from catalog.engine.weights import starter_identity
from catalog.known_product import products_known
from catalog.models import Description, DescriptionJob, Product
from catalog.workers.batch import DESCRIBE_FUNCTION, batch_run
from catalog.workers.endings import jobs_close
from catalog.workers.lease import lease_take
from catalog.workers.photos import PhotoReader
from moda_engine.brief.known import known_claims
from moda_engine.brief.product import KnownProduct
from tests.factories import ModelVersionFactory, ProductImageFactory

pytestmark = pytest.mark.django_db

PRODUCTS = reverse("api:product-list")
ADD = reverse("admin:catalog_product_add")
NO_PHOTOS = {
    "variants-TOTAL_FORMS": "0",
    "variants-INITIAL_FORMS": "0",
    "images-TOTAL_FORMS": 0,
    "images-INITIAL_FORMS": 0,
}
ARABIC = "فستان أحمر طويل للنساء"
MANY = {f"Fact {number}": f"value {number}" for number in range(MOST_ATTRIBUTES - 1)}

#: What is typed, and every claim that may follow.
BAD = {
    "two types": ({"title": "Blue shirt and trousers"}, {("colour", "Blue", "title")}),
    "longest title": ({"title": ("Red dress " * 20).strip()}, None),
    "arabic": ({"title": ARABIC}, set()),
    "html": (
        {"title": "<b>Red</b> <script>green()</script>dress&nbsp;<br>"},
        {("product_type", "Dresses", "title"), ("colour", "Red", "title")},
    ),
    "phone number": (
        {"title": "Red dress, call +44 20 7946 0958"},
        {("product_type", "Dresses", "title"), ("colour", "Red", "title")},
    ),
    "see chart": (
        {"title": "Dress", "attributes": {"Colour": "see chart", "Fabric": "see chart"}},
        {("product_type", "Dresses", "title")},
    ),
    "brand White": (
        {"title": "Dress by White", "brand": "White"},
        {("product_type", "Dresses", "title"), ("brand", "White", "brand")},
    ),
    "brand Red Tape": (
        {"title": "Red Tape Men Black Formal Shoes", "brand": "Red Tape"},
        {
            ("product_type", "Formal Shoes", "title"),
            ("colour", "Black", "title"),
            ("gender", "Men", "title"),
            ("usage", "Formal", "title"),
            ("brand", "Red Tape", "brand"),
        },
    ),
    "brand Boss Orange": (
        {"title": "Boss Orange Shirt", "brand": "Boss Orange"},
        {("product_type", "Shirts", "title"), ("brand", "Boss Orange", "brand")},
    ),
    "brand Guess Kids": (
        {"title": "Guess Kids Watch", "brand": "Guess Kids"},
        {("product_type", "Watches", "title"), ("brand", "Guess Kids", "brand")},
    ),
    "contradictory": (
        {
            "title": "Green shirt for men",
            "colour": "Red",
            "gender": "women",
            "attributes": {"color": "Blue", "Sleeve": "long", "Sleeves": "short"},
        },
        {
            ("product_type", "Shirts", "title"),
            ("colour", "Red", "colour"),
            ("gender", "Women", "gender"),
        },
    ),
    "many attributes": (
        {"title": "Dress", "attributes": {"Colour": "red", **MANY}},
        {("product_type", "Dresses", "title"), ("colour", "Red", "attributes.Colour")},
    ),
}


def by_api(sku, typed, writer, admin_client):
    answer = writer.post(PRODUCTS, {"sku": sku, **typed})
    assert answer.status_code == 201, answer.content


def by_admin(sku, typed, writer, admin_client):
    lines = "\r\n".join(f"{name}: {value}" for name, value in typed.get("attributes", {}).items())
    form = {**typed, "sku": sku, "attributes": lines, **NO_PHOTOS}
    answer = admin_client.post(ADD, form)
    assert answer.status_code == 302, answer.context["errors"]


@pytest.fixture
def writer(with_scopes):
    return with_scopes("read", "drafts", "write", "generate")


@pytest.fixture
def work(settings, monkeypatch):
    """Works through all jobs, with the starter itself."""
    settings.DESCRIBE_FUNCTION = DESCRIBE_FUNCTION
    monkeypatch.setattr(describe, "_loaded", None)
    name, sha256, licence = starter_identity()
    ModelVersionFactory(name=name, weights_sha256=sha256, licence=licence)

    def run():
        while lease := lease_take(limit=16):
            with PhotoReader() as reader:
                batch_run(batch=reader.begin(lease))
        jobs_close()

    return run


@pytest.mark.parametrize("make", [by_api, by_admin])
def test_whatever_was_typed_is_described_and_claims_nothing_that_nobody_made(
    writer, admin_client, work, make
):
    skus = {case: f"BAD-{number}" for number, case in enumerate(BAD)}
    for case, sku in skus.items():
        make(sku, BAD[case][0], writer, admin_client)
        ProductImageFactory(product=Product.objects.get(sku=sku))
    assert writer.post(reverse("api:job-list"), {"skus": list(skus.values())}).status_code == 202
    work()

    job = DescriptionJob.objects.get()
    ends = set(job.items.values_list("state", flat=True))
    assert ends == {JobItemState.DONE}
    body = writer.get(reverse("api:job", args=[job.pk])).json()
    assert (body["failed"], body["contradictions"]) == (0, 0)
    assert body["done"] + body["not_recognised"] == len(BAD)

    products = Product.objects.in_bulk(list(skus.values()), field_name="sku")
    told = products_known([product.pk for product in products.values()])
    for case, sku in skus.items():
        claims = known_claims(KnownProduct.of(told[products[sku].pk]))
        found = {(claim.kind, claim.value, claim.field) for claim in claims}
        wanted = BAD[case][1]
        assert wanted is None or found == wanted, case
    for draft in Description.objects.select_related("product"):
        of_catalog = {
            (claim["kind"], claim["value"])
            for claim in draft.brief["claims"]
            if claim["source"] == "catalog"
        }
        case = next(case for case, sku in skus.items() if sku == draft.product.sku)
        wanted = BAD[case][1]
        assert wanted is None or of_catalog <= {(kind, value) for kind, value, _ in wanted}, case


@pytest.mark.parametrize("title", ["x" * 400, "Red dress " * 40])
def test_a_title_that_is_too_long_is_refused_with_a_reason(writer, admin_client, title):
    answer = writer.post(PRODUCTS, {"sku": "LONG", "title": title})
    assert answer.status_code == 400
    (error,) = answer.json()["errors"]
    assert error["pointer"] == "#/title"
    assert "200" in error["detail"]
    page = admin_client.post(ADD, {"sku": "LONG", "title": title, **NO_PHOTOS})
    assert "at most 200 characters" in page.content.decode()
    assert not Product.objects.exists()


def test_five_hundred_attributes_are_refused_by_the_api_and_told_in_part_from_an_import(
    writer, work
):
    many = {f"Fact {number}": "Red" for number in range(500)}
    if len(many) > MOST_ATTRIBUTES:
        answer = writer.post(PRODUCTS, {"sku": "MANY", "title": "Dress", "attributes": many})
        assert answer.status_code == 400
        assert f"Give {MOST_ATTRIBUTES} attributes at most." in answer.content.decode()
    image = ProductImageFactory(product__title="Dress", product__attributes=many)
    url = reverse("api:product-describe", args=[image.product.sku])
    assert writer.post(url, {}).status_code == 202
    work()
    (item,) = DescriptionJob.objects.get().items.all()
    assert (item.state, item.failure_reason) == (JobItemState.DONE, "")


def test_the_genders_of_products_are_all_read(db):
    """A column that holds a choice is never nonsense."""
    for value in Gender.values:
        claims = known_claims(KnownProduct.of({"gender": value}))
        assert [claim.value for claim in claims] == [value.capitalize()]
