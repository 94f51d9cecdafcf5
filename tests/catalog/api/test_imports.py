"""Imports by the API: begun, mapped, looked at, applied, cancelled, undone; and whose they are."""

import json

import pytest
from django.contrib.auth.models import Permission
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from catalog.choices import DescriptionUse, ImportState
from catalog.models import Product, ProductImport
from catalog.services.api_keys import api_key_rotate, person_token_create
from catalog.workers.importing import imports_wake_run
from tests.catalog.tables import samples
from tests.factories import ProductFactory, UserFactory, photo_bytes

IMPORTS = reverse("api:import-list")
TABLE = b"sku,title,colour,description\nA,Shirt,Red,A red shirt.\nB,Dress,,\nB,Twice,,\n"
pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


@pytest.fixture(autouse=True)
def wakes(monkeypatch):
    sent = []
    monkeypatch.setattr("catalog.wakeups.wake_imports", lambda: sent.append("imports"))
    return sent


@pytest.fixture
def importer(with_scopes):
    """A client that sends forms."""
    return with_scopes("imports")


def send(importer, content=TABLE, name="shop.csv", headers=None, **fields):
    """POST a file as browsers and curl do."""
    file = SimpleUploadedFile(name, content)
    return importer._client.post(
        IMPORTS, {"file": file, **fields}, headers={**importer.headers, **(headers or {})}
    )


def test_a_file_is_checked_then_applied_then_undone(
    importer, wakes, django_capture_on_commit_callbacks
):
    ProductFactory(sku="A", title="Shirt", colour="Blue")
    with django_capture_on_commit_callbacks(execute=True):
        answer = send(importer, descriptions="drafts", language="de")
    assert (answer.status_code, wakes) == (202, ["imports"])
    body = answer.json()
    assert (body["name"], body["state"], body["url"]) == ("shop.csv", "reading", answer["Location"])
    row = ProductImport.objects.get()
    assert (row.descriptions, row.language, row.publish) == (DescriptionUse.DRAFTS, "de", False)

    imports_wake_run()
    body = importer.get(answer["Location"]).json()
    assert (body["state"], body["format"]) == ("checked", "moda")
    assert [body[name] for name in ("new", "changed", "unchanged", "faulty")] == [1, 1, 0, 1]
    assert body["photos"] == {"total": 0, "stored": 0, "known": 0, "faulty": 0, "left": 0}
    assert Product.objects.count() == 1

    for step, state in (("apply", "completed"), ("undo", "undone")):
        assert importer.post(f"{body['url']}{step}/").status_code == 202
        imports_wake_run()
        assert importer.get(body["url"]).json()["state"] == state
        assert Product.objects.filter(sku="B").exists() == (step == "apply")
    assert Product.objects.get().colour == "Blue"


def test_rows_show_what_changes_page_by_page(importer):
    ProductFactory(sku="A", title="Shirt", colour="Blue")
    url = send(importer).json()["rows_url"]
    imports_wake_run()
    assert importer.get(url, {"outcome": "changed"}).json() == {
        "next": None,
        "results": [
            {
                "number": 0,
                "line": 2,
                "sku": "A",
                "outcome": "changed",
                "state": "staged",
                "reason": "",
                "flags": [],
                "changes": [
                    {"fact": "colour", "before": "Blue", "after": "Red"},
                    {"fact": "standard", "before": "", "after": "A red shirt."},
                ],
            }
        ],
    }
    faulty = importer.get(url, {"outcome": "faulty"}).json()["results"]
    assert [row["reason"] for row in faulty] == ["The SKU B is in line 3 already."]
    seen, page = [], importer.get(url, {"limit": 2}).json()
    seen += page["results"]
    page = importer.get(page["next"]).json()
    seen += page["results"]
    assert page["next"] is None
    assert [row["line"] for row in seen] == [2, 3, 4]
    assert importer.get(url, {"outcome": "lost"}).status_code == 400


def test_rows_cost_the_same_number_of_queries(importer, django_assert_num_queries):
    many = b"sku,title\n" + b"".join(b"X!,T\n" for _ in range(20))
    few = send(importer, b"sku,title\nX!,T\n").json()["rows_url"]
    url = send(importer, many).json()["rows_url"]
    imports_wake_run()
    importer.get(url)  # notes the use of the key
    for address, count in ((few, 1), (url, 20)):
        with django_assert_num_queries(4):
            assert len(importer.get(address).json()["results"]) == count


def test_faulty_rows_come_as_csv_that_can_be_imported_again(importer):
    url = send(importer, TABLE + b"C\x07,=1+1,,\n").json()["faulty_rows_url"]
    imports_wake_run()
    answer = importer.get(url, headers={"Accept": "text/csv"})
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    lines = b"".join(answer.streaming_content).decode().splitlines()
    assert lines[0] == "import_error,sku,title,colour,description"
    assert lines[1] == "Line 4: The SKU B is in line 3 already.,B,Twice,,"
    assert lines[2].endswith(",C\x07,'=1+1,,")
    refused = importer.get(f"{IMPORTS}999/faulty-rows/", headers={"Accept": "text/csv"})
    assert (refused.status_code, refused["Content-Type"]) == (404, "application/problem+json")
    assert refused.json()["type"].endswith("/not-found/")


def test_a_zip_file_with_photos_applied_at_once(importer, tmp_path):
    import zipfile

    with zipfile.ZipFile(tmp_path / "shop.zip", "w") as file:
        file.writestr("table.csv", "sku,title,photos\nA,Shirt,a.jpg|gone.jpg\n")
        file.writestr("a.jpg", photo_bytes())
    answer = send(importer, (tmp_path / "shop.zip").read_bytes(), "shop.zip", apply="true")
    imports_wake_run()
    body = importer.get(answer["Location"]).json()
    assert body["state"] == "completed"
    assert body["photos"] == {"total": 2, "stored": 1, "known": 0, "faulty": 1, "left": 0}
    rows = importer.get(body["rows_url"], {"outcome": "faulty"}).json()["results"]
    assert [(row["sku"], row["reason"]) for row in rows] == [
        ("A", "gone.jpg is not in the ZIP file.")
    ]


def test_an_unknown_table_is_mapped(importer):
    url = send(importer, samples.STRANGE.encode(), "artikel.csv").json()["url"]
    imports_wake_run()
    body = importer.get(url).json()
    assert (body["state"], body["mapping"]["Artikelnummer"]) == ("mapping", "sku")
    assert body["columns"][0] == "Artikelnummer"
    wrong = [
        ({"mapping": {"Preis": "price"}}, 400),
        ({"mapping": {"Nirgends": "sku"}}, 422),
        ({"mapping": {"Bezeichnung": "title"}}, 422),
        ({"mapping": []}, 400),
    ]
    for asked, status in wrong:
        assert importer.post(f"{url}map/", asked).status_code == status, asked
    mapping = {"Artikelnummer": "sku", "Bezeichnung": "title", "Farbe": "colour"}
    assert importer.post(f"{url}map/", {"mapping": mapping}).status_code == 202
    assert importer.post(f"{url}map/", {"mapping": mapping}).status_code == 409
    imports_wake_run()
    body = importer.get(url).json()
    assert (body["state"], body["new"]) == ("checked", 2)
    assert body["mapping"] == {**dict.fromkeys(body["columns"], ""), **mapping}


def test_a_path_in_the_import_folder(importer, settings):
    folder = settings.IMPORT_DIRECTORY
    folder.mkdir(exist_ok=True)
    (folder / "shop.csv").write_bytes(TABLE)
    answer = importer.post(IMPORTS, {"path": "shop.csv", "publish": True, "apply": True})
    assert answer.status_code == 202
    imports_wake_run()
    assert importer.get(answer["Location"]).json()["state"] == "completed"
    assert set(Product.objects.values_list("state", flat=True)) == {"published"}
    for path in ("../secret", "/etc/passwd", "none.csv", ".uploads"):
        refused = importer.post(IMPORTS, {"path": path})
        assert (refused.status_code, refused.json()["type"][-15:]) == (422, "/unprocessable/")
    assert ProductImport.objects.count() == 1
    assert (folder / "shop.csv").exists()


@pytest.mark.parametrize(
    "fields",
    [
        {"descriptions": "shout"},
        {"language": "klingon"},
        {"apply": "perhaps"},
        {"encoding": "rot13"},
        {"format": "shopify"},
        {"publish": ["true", "true"]},
    ],
)
def test_what_makes_no_sense_is_refused_and_leaves_nothing(importer, settings, fields):
    answer = send(importer, **fields)
    assert (answer.status_code, bool(answer.json()["errors"])) == (400, True)
    assert not ProductImport.objects.exists()
    assert not list(settings.IMPORT_DIRECTORY.glob(".uploads/*"))
    assert importer.post(IMPORTS, {"path": ""}).status_code == 400
    assert importer._client.post(IMPORTS, headers=importer.headers).status_code == 400


def test_a_file_that_holds_nothing_fails_with_a_sentence(importer):
    answer = send(importer, b"")
    assert answer.status_code == 202
    imports_wake_run()
    body = importer.get(answer["Location"]).json()
    assert (body["state"], body["message"]) == ("failed", "source.csv is empty.")


def test_the_same_request_twice_is_one_import(importer, settings):
    key = {"Idempotency-Key": "monday"}
    first = send(importer, headers=key)
    again = send(importer, headers=key)
    assert (again.status_code, again.json()) == (202, first.json())
    assert again["Idempotency-Replayed"] == "true"
    assert send(importer, b"sku,title\nZ,Other\n", headers=key).status_code == 422
    assert ProductImport.objects.count() == 1
    assert len(list(settings.IMPORT_DIRECTORY.glob(".uploads/*"))) == 1


def test_cancel_and_steps_that_are_not_possible(importer):
    url = send(importer).json()["url"]
    assert importer.post(f"{url}apply/").status_code == 409
    answer = importer.post(f"{url}cancel/")
    assert (answer.status_code, answer.json()["state"]) == (200, "cancelled")
    refused = importer.post(f"{url}cancel/")
    assert (refused.status_code, refused.json()["type"][-10:]) == (409, "/conflict/")
    assert ProductImport.objects.get().state == ImportState.CANCELLED


def test_an_import_is_told_to_its_client_alone(importer, with_scopes, client):
    url = send(importer).json()["url"]
    other = with_scopes("imports", "exports", "read", "write", "drafts")
    assert other.get(IMPORTS).json() == {"results": []}
    steps = ("map", "apply", "cancel", "undo")
    for address in (url, f"{url}rows/", f"{url}faulty-rows/"):
        assert other.get(address).status_code == 404
    for step in steps:
        body = {"mapping": {}} if step == "map" else None
        assert other.post(f"{url}{step}/", body).status_code == 404
    ProductImport.objects.create(path="x", name="of the admin")
    assert [row["url"] for row in importer.get(IMPORTS).json()["results"]] == [url]
    _, text = api_key_rotate(key=importer.key)
    assert client.get(url, headers={"Authorization": f"Api-Key {text}"}).status_code == 200


def test_people_need_the_permission_and_those_who_may_see_imports_see_all(importer, client):
    url = send(importer).json()["url"]
    user = UserFactory()
    _, text = person_token_create(user=user, name="x", scopes=["imports"])
    headers = {"Authorization": f"Token {text}"}
    assert client.get(url, headers=headers).status_code == 403
    for permission, status in (("add_productimport", 404), ("view_productimport", 200)):
        user.user_permissions.add(Permission.objects.get(codename=permission))
        assert client.get(url, headers=headers).status_code == status


def test_what_is_too_large_is_refused_by_what_it_announces(importer):
    body = b"--x\r\n"
    answer = importer._client.generic(
        "POST",
        IMPORTS,
        body,
        "multipart/form-data; boundary=x",
        headers=importer.headers,
        CONTENT_LENGTH=str(5_000_000_000),
    )
    assert answer.status_code == 413
    assert json.loads(answer.content)["type"].endswith("/too-large/")
