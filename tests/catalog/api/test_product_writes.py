"""Creating and changing products: to the letter, never over a state that was not seen."""

import pytest
from django.urls import reverse

from catalog.choices import ProductState
from catalog.models import Product
from tests.factories import CategoryFactory, ProductFactory
from tests.rivals import at_once

LIST = reverse("api:product-list")
pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


def detail(sku):
    return reverse("api:product-detail", args=[sku])


@pytest.fixture
def writer(with_scopes):
    return with_scopes("read", "drafts", "write")


FULL = {
    "sku": "SH-1",
    "title": "Linen shirt",
    "brand": "Wren",
    "category": "shirts",
    "colour": "White",
    "gender": "men",
    "attributes": {"Fabric": "linen", "Buttons": 7, "Washable": True},
    "state": "published",
}


def test_create_read_change(writer):
    CategoryFactory(name="Shirts", slug="shirts")
    answer = writer.post(LIST, FULL)
    assert answer.status_code == 201
    assert answer["Location"] == f"http://testserver{detail('SH-1')}"
    created = answer.json()
    assert created["category"] == {"name": "Shirts", "slug": "shirts"}
    assert {name: created[name] for name in FULL if name != "category"} == {
        name: value for name, value in FULL.items() if name != "category"
    }
    read = writer.get(detail("SH-1"))
    assert (read.json(), read["ETag"]) == (created, answer["ETag"])
    change = {"colour": "Cream", "category": None, "state": "draft"}
    changed = writer.patch(detail("SH-1"), change, headers={"If-Match": read["ETag"]})
    assert changed.status_code == 200
    assert changed["ETag"] != read["ETag"]
    expected = {**created, **change, "updated_at": changed.json()["updated_at"]}
    assert changed.json() == expected
    assert writer.get(detail("SH-1"))["ETag"] == changed["ETag"]


def test_an_unknown_category(writer):
    ProductFactory(sku="OLD")
    body = {"category": "no-such"}
    answers = [
        writer.post(LIST, {"sku": "A", "title": "x", **body}),
        writer.patch(detail("OLD"), body, headers={"If-Match": "*"}),
    ]
    for answer in answers:
        assert (answer.status_code, answer.json()["detail"]) == (
            422,
            "There is no category `no-such`.",
        )
    assert Product.objects.get().category is None


def test_a_bare_product_is_a_draft(writer):
    product = writer.post(LIST, {"sku": "A", "title": "Shirt"}).json()
    assert (product["state"], product["brand"], product["category"]) == ("draft", "", None)


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"sku": ""}, "#/sku"),
        ({"sku": "nul\0"}, "#/sku"),
        ({"sku": "a\tb"}, "#/sku"),
        ({"sku": "x" * 256}, "#/sku"),
        ({"sku": " A"}, "#/sku"),
        ({"sku": 5}, "#/sku"),
        ({"sku": None}, "#/sku"),
        ({"title": ""}, "#/title"),
        ({"title": "nul\0"}, "#/title"),
        ({"title": "x" * 201}, "#/title"),
        ({"title": True}, "#/title"),
        ({"brand": None}, "#/brand"),
        ({"gender": "robots"}, "#/gender"),
        ({"state": "gone"}, "#/state"),
        ({"category": "no such"}, "#/category"),
        ({"category": "nul\0"}, "#/category"),
        ({"category": 5}, "#/category"),
        ({"attributes": []}, "#/attributes"),
        ({"attributes": {"a": {"b": 1}}}, "#/attributes"),
        ({"attributes": {"a": None}}, "#/attributes"),
        ({"attributes": {"a\0": "b"}}, "#/attributes"),
        ({"attributes": {"": "b"}}, "#/attributes"),
        ({"attributes": {"a": "nul\0"}}, "#/attributes"),
        ({"attributes": {str(n): n for n in range(101)}}, "#/attributes"),
        ({"price": 5}, "#/price"),
        ({"a/b~c": 5}, "#/a~1b~0c"),
    ],
)
def test_a_wrong_member_is_named_and_nothing_is_written(writer, change, pointer):
    product = ProductFactory(sku="OLD")
    url = detail("OLD")
    tag = writer.get(url)["ETag"]
    answers = [writer.post(LIST, {"sku": "A", "title": "Shirt", **change})]
    if "sku" not in change:
        answers.append(writer.patch(url, change, headers={"If-Match": tag}))
    for answer in answers:
        assert answer.status_code == 400
        assert {error["pointer"] for error in answer.json()["errors"]} == {pointer}
    assert Product.objects.get().title == product.title
    assert writer.get(url)["ETag"] == tag


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"{", 400),
        (b"[]", 400),
        (b"null", 400),
        (b'"text"', 400),
        (b'{"sku": "A", "title": "\xff"}', 400),
        (b'{"sku": "A", "title": "\\ud800"}', 400),
        (b'{"sku": "A", "title": "x", "attributes": {"a": NaN}}', 400),
        (b"[" * 100_000, 400),
        (b'{"a":' * 100_000, 400),
        (b'{"title": "' + b"x" * 10_000_000 + b'"}', 413),
    ],
)
def test_a_body_that_is_none(writer, body, status):
    for url in (LIST, reverse("api:product-bulk")):
        answer = writer._client.generic(
            "POST", url, body, content_type="application/json", headers=writer.headers
        )
        assert (answer.status_code, answer["Content-Type"]) == (status, "application/problem+json")
    assert not Product.objects.exists()


def test_another_kind_of_body(writer):
    answer = writer.post(LIST, "sku=A", content_type="text/plain")
    assert answer.status_code == 415
    assert answer.json()["type"].endswith("/unsupported-media-type/")


def test_a_sku_is_taken_once(writer):
    ProductFactory(sku="A", title="First")
    answer = writer.post(LIST, {"sku": "A", "title": "Second"})
    assert answer.status_code == 409
    assert answer.json()["type"].endswith("/sku-taken/")
    assert Product.objects.get().title == "First"


def test_a_change_must_name_the_state_it_starts_from(writer):
    ProductFactory(sku="A", title="First")
    tag = writer.get(detail("A"))["ETag"]
    change = {"title": "Second"}
    assert writer.patch(detail("A"), change).status_code == 428
    for wrong in ('"1.ffff"', f"W/{tag}", "garbage", '"1.zz"', '""', tag.replace("1.", "9.")):
        answer = writer.patch(detail("A"), change, headers={"If-Match": wrong})
        assert (answer.status_code, wrong) == (412, wrong)
    Product.objects.update(brand="Wren")
    assert writer.patch(detail("A"), change, headers={"If-Match": tag}).status_code == 412
    assert Product.objects.get().title == "First"
    tags = f'"1.0", {writer.get(detail("A"))["ETag"]}'
    assert writer.patch(detail("A"), change, headers={"If-Match": tags}).status_code == 200
    assert writer.patch(detail("A"), {"title": "x"}, headers={"If-Match": "*"}).status_code == 200


def test_the_same_again_changes_nothing(writer):
    ProductFactory(sku="A", title="First", state=ProductState.PUBLISHED)
    tag = writer.get(detail("A"))["ETag"]
    for change in ({"title": "First", "state": "published"}, {}):
        answer = writer.patch(detail("A"), change, headers={"If-Match": tag})
        assert (answer.status_code, answer["ETag"]) == (200, tag)


@pytest.mark.parametrize("sku", ["NONE", "%00", "x" * 100, "a b"])
def test_what_is_not_there_cannot_be_changed(writer, sku):
    answer = writer.patch(f"{LIST}{sku}/", {"title": "x"}, headers={"If-Match": "*"})
    assert answer.status_code == 404


def test_without_the_scope_nothing_is_written(client, with_scopes):
    ProductFactory(sku="A", title="First")
    reader = with_scopes("read", "drafts", "generate", "webhooks")
    for asked, status in ((reader, 403), (client, 401)):
        options = {} if asked is reader else {"content_type": "application/json"}
        assert asked.post(LIST, {"sku": "B", "title": "x"}, **options).status_code == status
        answer = asked.patch(detail("A"), {"title": "x"}, headers={"If-Match": "*"}, **options)
        assert answer.status_code == status
        url = reverse("api:product-bulk")
        rows = {"products": [{"sku": "B", "title": "x"}]}
        assert asked.post(url, rows, **options).status_code == status
    assert list(Product.objects.values_list("sku", "title")) == [("A", "First")]


@pytest.mark.django_db(transaction=True)
def test_of_two_changes_at_once_one_is_refused(client, with_scopes):
    """Both have read the same state; each runs in a transaction of its own."""
    ProductFactory(sku="A", title="First")
    writers = [with_scopes("read", "write") for _ in range(2)]
    tag = writers[0].get(detail("A"))["ETag"]

    def change(number):
        titles = ("Second", "Third")
        fields = {"title": titles[number]}
        return writers[number].patch(detail("A"), fields, headers={"If-Match": tag}).status_code

    assert sorted(at_once(change, range(2))) == [200, 412]
