"""The pages of sources that come by themselves: what is saved, shown, and never shown."""

import pytest
from django.urls import reverse

from catalog.models import ImportSource
from catalog.sealing import unsealed

pytestmark = pytest.mark.django_db

ADD = "admin:catalog_importsource_add"
FORM = {
    "name": "Shop",
    "url": "https://shop.example/feed.csv",
    "user": "anna",
    "password": " top secret ",
    "every_minutes": "60",
    "descriptions": "approved",
    "conflicts": "ours",
}


def changed(admin_client, source, **values):
    page = reverse("admin:catalog_importsource_change", args=[source.pk])
    assert admin_client.post(page, {**FORM, "password": "", **values}).status_code == 302
    source.refresh_from_db()
    return source


def test_a_password_is_kept_and_no_page_shows_it(admin_client):
    assert admin_client.post(reverse(ADD), FORM).status_code == 302
    source = ImportSource.objects.get()
    assert (source.state, unsealed(source.sealed_password)) == ("active", " top secret ")
    for page in ("changelist", "change"):
        args = [source.pk] if page == "change" else []
        answer = admin_client.get(reverse(f"admin:catalog_importsource_{page}", args=args))
        assert answer.status_code == 200
        assert b"top secret" not in answer.content
        assert source.sealed_password.encode() not in answer.content


def test_the_password_stays_until_the_place_changes(admin_client):
    admin_client.post(reverse(ADD), FORM)
    source = changed(admin_client, ImportSource.objects.get(), every_minutes="30")
    assert (source.every_minutes, unsealed(source.sealed_password)) == (30, " top secret ")
    assert changed(admin_client, source, url="https://other.example/f.csv").sealed_password == ""


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"url": ""}, "Give either an address or a path."),
        ({"path": "shop.csv"}, "Give either an address or a path."),
        ({"url": "http://10.0.0.1/f.csv"}, "The address is not on the public internet"),
        ({"url": "http://shop.example/f.csv"}, "Give an https address"),
        ({"url": "", "path": "../secret"}, "Name a file or folder inside"),
        ({"every_minutes": "1"}, "Look every 5 minutes at most, every 31 days at least."),
        ({"language": "klingon!"}, "There is no language"),
    ],
)
def test_a_wrong_source_is_refused_with_a_reason(admin_client, values, message):
    answer = admin_client.post(reverse(ADD), {**FORM, **values})
    assert answer.status_code == 200
    assert message in answer.content.decode()
    assert not ImportSource.objects.exists()


def test_actions_stop_a_source_and_start_it_again(admin_client):
    source = ImportSource.objects.create(name="Shop", path="shop.csv")
    page = reverse("admin:catalog_importsource_changelist")
    for action, state in (("stop_selected", "stopped"), ("look_selected", "active")):
        admin_client.post(page, {"action": action, "_selected_action": [source.pk]})
        source.refresh_from_db()
        assert source.state == state
