"""The API's description of itself: complete, without warnings, and its page under the CSP."""

import json
import re
from hashlib import sha256
from pathlib import Path

import pytest
from django.core.management import call_command
from django.urls import reverse
from openapi_schema_validator import OAS31Validator
from openapi_spec_validator import OpenAPIV31SpecValidator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from catalog.api.urls import urlpatterns
from tests.factories import ProductFactory, ProductImageFactory

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).resolve().parents[3]
#: What stands in the addresses that hold something.
ARGUMENTS = {
    "product-detail": ["P"],
    "product-images": ["P"],
    "product-describe": ["P"],
    "job": [1],
    "job-cancel": [1],
    "problem": ["not-found"],
    **{name: [1] for name in ("import", "import-rows", "import-faulty-rows")},
    **{f"import-{step}": [1] for step in ("map", "apply", "cancel", "undo")},
    **{name: [1] for name in ("export", "export-file")},
    **{name: ["00000000-0000-0000-0000-000000000000"] for name in ("webhook", "delivery-list")},
    "send-again": ["00000000-0000-0000-0000-000000000000", 1],
}


@pytest.fixture
def schema(client):
    return json.loads(client.get(reverse("api:schema"), {"format": "json"}).content)


def test_it_is_openapi_3_1_and_warns_of_nothing(schema, tmp_path):
    assert schema["openapi"] == "3.1.0"
    file = tmp_path / "schema.yaml"
    call_command("spectacular", "--validate", "--fail-on-warn", "--file", str(file))
    assert file.stat().st_size > 1000


def test_the_committed_schema_is_this_one_and_its_changes_are_noted(tmp_path):
    """After a change: `manage.py spectacular --file docs/api-schema.yaml`, and a line."""
    file = tmp_path / "schema.yaml"
    call_command("spectacular", "--file", str(file))
    assert (ROOT / "docs" / "api-schema.yaml").read_text() == file.read_text()
    digest = sha256(file.read_bytes()).hexdigest()[:12]
    changelog = (ROOT / "CHANGELOG.md").read_text()
    assert f"- API schema {digest}: " in changelog, f"Say in CHANGELOG.md what {digest} changes."


def test_it_is_valid_openapi_3_1(schema):
    """`spectacular --validate` reads looser: it has let `type: [string, 'null', 'null']` pass."""
    found = OpenAPIV31SpecValidator(schema).iter_errors()
    assert [(list(error.absolute_path), error.message) for error in found] == []


def parts(node):
    """Every object of the schema, at any depth."""
    if isinstance(node, dict):
        yield node
    for inner in node.values() if isinstance(node, dict) else node:
        if isinstance(inner, dict | list):
            yield from parts(inner)


@pytest.mark.parametrize("value", ["", "a", "male", None, 0, 0.5, True, {}, []])
def test_no_value_matches_two_branches_of_one_of(schema, value):
    resolver = Registry().with_resource("", Resource(schema, DRAFT202012)).resolver()
    choices = [part["oneOf"] for part in parts(schema) if "oneOf" in part]
    assert len(choices) > 5
    for branches in choices:
        matching = [
            branch
            for branch in branches
            if OAS31Validator(branch, _resolver=resolver).is_valid(value)
        ]
        assert len(matching) <= 1, matching


def test_a_text_that_may_be_blank_is_one_string(schema):
    brand = schema["components"]["schemas"]["ProductInputRequest"]["properties"]["brand"]
    assert brand == {"type": "string", "maxLength": 120, "pattern": r"^[^\x00]*$"}


def test_a_category_is_a_slug_or_null(schema):
    category = schema["components"]["schemas"]["ProductInputRequest"]["properties"]["category"]
    assert category == {
        "type": ["string", "null"],
        "minLength": 1,
        "maxLength": 140,
        "pattern": r"^[-\w]+$",
    }


def test_the_rows_of_a_bulk_request_are_products_and_a_faulty_one_is_no_invalid_request(schema):
    body = schema["components"]["schemas"]["BulkInputRequest"]["properties"]["products"]
    assert body["items"] == {"$ref": "#/components/schemas/BulkRowRequest"}
    assert (body["minItems"], body["maxItems"]) == (1, 1000)
    product, anything = schema["components"]["schemas"]["BulkRowRequest"]["anyOf"]
    assert product == {"$ref": "#/components/schemas/ProductRowInputRequest"}
    assert anything == {"type": ["object", "array", "string", "number", "boolean", "null"]}
    row = schema["components"]["schemas"]["ProductRowInputRequest"]
    assert (row["type"], row["required"]) == ("object", ["sku"])
    assert list(row["properties"]) == [
        *("title", "brand", "category", "colour", "gender", "attributes", "state", "sku")
    ]


def test_every_array_says_what_it_holds(schema):
    arrays = [part for part in parts(schema) if part.get("type") == "array"]
    assert len(arrays) > 20
    assert [array for array in arrays if not {"type", "$ref"} & set(array["items"])] == []


def test_retry_after_is_declared_where_it_is_sent(schema):
    """With every 429 and 503, and with the 409 of a request that is still being answered."""
    declared = {
        (name, status, answer["headers"]["Retry-After"].get("required", False))
        for name, operation in operations(schema).items()
        for status, answer in operation["responses"].items()
        if "Retry-After" in answer.get("headers", {})
    }
    with_key = [
        name
        for name, operation in operations(schema).items()
        if any(one["name"] == "Idempotency-Key" for one in operation.get("parameters", []))
    ]
    assert {one for one in declared if one[1] == "503"} == {("POST /api/v1/describe/", "503", True)}
    assert {one for one in declared if one[1] == "429"} == {
        (name, "429", True) for name in operations(schema)
    }
    assert {one[0] for one in declared if one[1] == "409"} == set(with_key)
    assert ("POST /api/v1/products/", "409", False) in declared  # SKU taken: none is sent
    assert ("POST /api/v1/bulk/products/", "409", True) in declared


def operations(schema):
    return {
        f"{method.upper()} {path}": operation
        for path, methods in schema["paths"].items()
        for method, operation in methods.items()
    }


def test_every_address_is_documented(schema):
    named = {route.name for route in urlpatterns} - {"schema", "docs", "nowhere"}
    addresses = [reverse(f"api:{name}", args=ARGUMENTS.get(name, [])) for name in named]
    patterns = [re.sub(r"\{\w+\}", "[^/]+", path) for path in schema["paths"]]
    for address in addresses:
        assert any(re.fullmatch(pattern, address) for pattern in patterns), address


def test_every_operation_says_what_may_go_wrong(schema):
    for name, operation in operations(schema).items():
        assert {"400", "401", "403", "405", "406", "429"} <= set(operation["responses"]), name
        assert "Retry-After" in operation["responses"]["429"]["headers"]
        if "requestBody" in operation:
            assert {"413", "415"} <= set(operation["responses"]), name
        for status, answer in operation["responses"].items():
            if int(status) >= 400:
                assert list(answer["content"]) == ["application/problem+json"], name


def test_every_parameter_is_documented(schema):
    for name, operation in operations(schema).items():
        for parameter in operation.get("parameters", []):
            assert parameter.get("description"), (name, parameter["name"])


def test_the_product_has_the_fields_it_is_answered_with(client, schema):
    ProductImageFactory(product=ProductFactory(sku="P"))
    answer = client.get(reverse("api:product-detail", args=["P"])).json()
    product = schema["components"]["schemas"]["ProductShape"]
    assert set(product["properties"]) == {*answer, "deleted"}
    image = schema["components"]["schemas"]["ImageShape"]["properties"]
    assert set(image) == set(answer["images"][0])


def test_the_docs_page_has_no_script_or_style_of_its_own(client):
    page = client.get(reverse("api:docs"))
    text = page.content.decode()
    assert "<style" not in text
    assert "<script>" not in text
    assert "//cdn" not in text
    assert "unsafe" not in page["Content-Security-Policy"]
    script = client.get(reverse("api:docs"), {"script": ""})
    assert script["Content-Type"].startswith("application/javascript")
    assert reverse("api:schema") in script.content.decode().replace("\\u002D", "-")
