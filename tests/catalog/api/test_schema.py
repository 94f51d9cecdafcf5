"""The API's description of itself: complete, without warnings, and its page under the CSP."""

import json

import pytest
from django.core.management import call_command
from django.urls import reverse

from tests.factories import ProductFactory, ProductImageFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def schema(client):
    return json.loads(client.get(reverse("api:schema"), {"format": "json"}).content)


def test_it_is_openapi_3_1_and_warns_of_nothing(schema, tmp_path):
    assert schema["openapi"] == "3.1.0"
    file = tmp_path / "schema.yaml"
    call_command("spectacular", "--validate", "--fail-on-warn", "--file", str(file))
    assert file.stat().st_size > 1000


def test_every_answer_is_documented(schema):
    paths = schema["paths"]
    assert set(paths) == {"/api/v1/products/", "/api/v1/products/{sku}/"}
    assert set(paths["/api/v1/products/"]["get"]["responses"]) == {"200", "400", "406", "429"}
    one = paths["/api/v1/products/{sku}/"]["get"]["responses"]
    assert set(one) == {"200", "404", "406", "429"}
    assert "Retry-After" in one["429"]["headers"]


def test_every_parameter_is_documented(schema):
    parameters = schema["paths"]["/api/v1/products/"]["get"]["parameters"]
    assert {parameter["name"] for parameter in parameters} == {
        "brand",
        "category",
        "colour",
        "cursor",
        "gender",
        "has_description",
        "limit",
        "ordering",
        "search",
        "updated_since",
    }
    assert all(parameter.get("description") for parameter in parameters)


def test_the_product_has_the_fields_it_is_answered_with(client, schema):
    ProductImageFactory(product=ProductFactory(sku="P"))
    answer = client.get(reverse("api:product-detail", args=["P"])).json()
    product = schema["components"]["schemas"]["Product"]
    assert set(product["properties"]) == set(answer)
    assert set(product["required"]) == set(answer)
    image = schema["components"]["schemas"]["Image"]["properties"]
    assert set(image) == set(answer["images"][0])
    provenance = schema["components"]["schemas"]["ProvenanceEnum"]["enum"]
    assert provenance == ["generated", "edited", "human"]


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
