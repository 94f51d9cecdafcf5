"""The language of the pages: the browser's, unless the person chose one; the API's is English."""

import pytest
from django.urls import reverse

pytestmark = pytest.mark.django_db
SPANISH = {"HTTP_ACCEPT_LANGUAGE": "es-MX,es;q=0.9"}


def test_a_spanish_browser_gets_spanish(client):
    text = client.get(reverse("storefront:home"), **SPANISH).content.decode()
    assert '<html lang="es"' in text
    assert "Todavía no hay productos" in text


def test_a_choice_is_kept_whatever_the_browser_says(client):
    home = reverse("storefront:home")
    answer = client.post(reverse("set_language"), {"language": "en", "next": home}, **SPANISH)
    assert answer.url == home
    assert "No products yet" in client.get(home, **SPANISH).content.decode()


def test_the_admin_is_translated(admin_client):
    text = admin_client.get(reverse("admin:index"), **SPANISH).content.decode()
    assert "El catálogo de un vistazo" in text
    assert "A la espera de revisión" in text


def test_the_api_keeps_to_english(client):
    answer = client.get("/api/v1/products/no-such/", **SPANISH)
    assert answer.status_code == 404
    assert "Content-Language" not in answer
    assert answer.content == client.get("/api/v1/products/no-such/").content
