"""Imports in the admin: who may do what, and that what a file says is only text."""

import pytest
from django.contrib.auth.models import Permission
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from catalog.choices import ImportState
from catalog.exceptions import TransitionRefused
from catalog.importing.running import import_run_one
from catalog.importing.services import product_import_apply, product_import_map
from catalog.models import Product, ProductImport
from catalog.workers.importing import imports_wake_run
from tests.factories import ProductFactory, UserFactory

pytestmark = pytest.mark.django_db

EVIL = "<script>alert(1)</script>"


@pytest.fixture(autouse=True)
def no_broker(monkeypatch):
    monkeypatch.setattr("catalog.wakeups._send", lambda *_, **__: True)


@pytest.fixture
def log_in(client):
    """A client whose account has these permissions of imports and no others."""

    def run(*actions):
        user = UserFactory()
        names = [f"{action}_productimport" for action in actions]
        user.user_permissions.set(Permission.objects.filter(codename__in=names))
        client.force_login(user)
        return client

    return run


def run_all():
    while import_run_one(go_on=lambda: True):
        pass


@pytest.fixture
def dry_run(tmp_path):
    """An import that waits to be applied."""

    def run(text):
        path = tmp_path / "table.csv"
        path.write_text(text)
        product_import = ProductImport.objects.create(path=str(path), name=f"{EVIL}.csv")
        run_all()
        product_import.refresh_from_db()
        return product_import

    return run


def url(name, *arguments):
    return reverse(f"admin:catalog_productimport_{name}", args=arguments)


def test_each_page_asks_for_its_own_right(log_in, dry_run):
    product_import = dry_run("sku,title\nA,Shirt\n,x\n")
    pages = {
        "begin": url("begin"),
        "progress": url("progress", product_import.pk),
        "columns": url("columns", product_import.pk),
        "faulty": url("faulty", product_import.pk),
    }

    def answers(*actions):
        client = log_in(*actions)
        found = {name: client.get(address).status_code for name, address in pages.items()}
        found["apply"] = client.post(url("step", product_import.pk, "apply")).status_code
        return found

    nothing = dict.fromkeys([*pages, "apply"], 403)
    assert answers() == nothing
    assert answers("view") == {**nothing, "progress": 200, "faulty": 200}
    assert answers("add") == {**nothing, "begin": 200}
    assert ProductImport.objects.get().state == ImportState.CHECKED
    assert answers("view", "change") == {
        **nothing, "progress": 200, "faulty": 200, "columns": 302, "apply": 302
    }  # fmt: skip
    assert ProductImport.objects.get().state == ImportState.APPLYING


def test_a_step_is_taken_by_post_alone(log_in, dry_run):
    product_import = dry_run("sku,title\nA,Shirt\n")
    assert log_in("change").get(url("step", product_import.pk, "apply")).status_code == 405
    assert log_in("change").post(url("step", product_import.pk, "delete")).status_code == 404


def test_a_step_that_is_too_late_is_a_message(log_in, dry_run):
    product_import = dry_run("sku,title\nA,Shirt\n")
    client = log_in("view", "change")
    client.post(url("step", product_import.pk, "cancel"))
    answer = client.post(url("step", product_import.pk, "apply"), follow=True)
    assert "this step is not possible now" in answer.content.decode()


def test_what_a_file_says_is_text(log_in, dry_run):
    product_import = dry_run(f'sku,title,brand\nA,"{EVIL}",\n"{EVIL}",x,y\n')
    client = log_in("view")
    for rows in ("new", "faulty"):
        content = client.get(url("progress", product_import.pk), {"rows": rows}).content.decode()
        assert EVIL not in content
        assert "&lt;script&gt;" in content
    assert client.get(url("progress", product_import.pk), {"rows": "x"}).status_code == 404


def test_an_upload_begins_a_dry_run(log_in, settings):
    upload = SimpleUploadedFile("shop.csv", b"sku,title,description\nA,Shirt,Text.\n")
    answer = log_in("add", "view").post(
        url("begin"), {"upload": upload, "descriptions": "drafts", "language": "de"}
    )
    product_import = ProductImport.objects.get()
    assert answer["Location"] == url("progress", product_import.pk)
    assert (product_import.name, product_import.descriptions) == ("shop.csv", "drafts")
    assert (product_import.language, product_import.uploaded) == ("de", True)
    import_run_one(go_on=lambda: True)
    import_run_one(go_on=lambda: True)
    product_import.refresh_from_db()
    assert (product_import.state, product_import.new_count) == (ImportState.CHECKED, 1)
    assert Product.objects.count() == 0


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({}, "Choose a file or enter a path on the server."),
        ({"path": "../../etc/passwd"}, "Name a file or folder inside"),
        ({"path": "missing.csv"}, "There is no &#x27;missing.csv&#x27; in"),
    ],
)
def test_a_source_that_cannot_be_is_refused_on_the_form(log_in, fields, sentence):
    data = {"descriptions": "approved", "language": "en", **fields}
    answer = log_in("add").post(url("begin"), data)
    assert sentence in answer.content.decode()
    assert ProductImport.objects.count() == 0


def test_a_source_that_cannot_be_read_says_so_on_its_page(log_in, dry_run):
    product_import = dry_run("sku,title\n")
    assert product_import.state == ImportState.FAILED
    content = log_in("view").get(url("progress", product_import.pk)).content.decode()
    assert "table.csv holds a header and no rows." in content


UNKNOWN = "Item no;Article name;Label;Wearer;Neck\nA;Cap;Wren;Men;None\n"


def columns(product_import, *targets, **more):
    url = reverse("admin:catalog_productimport_columns", args=[product_import.pk])
    return url, {**{f"column-{n}": target for n, target in enumerate(targets)}, **more}


def test_before_the_columns_are_mapped_there_is_nothing_to_count(log_in, dry_run):
    product_import = dry_run(UNKNOWN)
    client = log_in("view", "change")
    page = reverse("admin:catalog_productimport_progress", args=[product_import.pk])
    text = client.get(page).content.decode()
    assert "Map them; then the dry run begins" in text
    assert "moda-numbers" not in text and "moda-rows" not in text
    form = client.get(columns(product_import)[0]).context["form"]
    assert [field.initial for field in form.columns()] == ["sku", "title", "brand", "gender", ""]


def test_a_mapping_without_a_title_is_asked_about(log_in, dry_run):
    product_import = dry_run(UNKNOWN)
    client = log_in("view", "change")
    url, data = columns(product_import, "sku", "", "brand", "gender", "")
    text = client.post(url, data).content.decode()
    assert "No column is used as the title, and new products need one." in text
    assert "All products of this file are in the catalog already" in text
    product_import.refresh_from_db()
    assert product_import.state == ImportState.MAPPING
    assert client.post(url, {**data, "all_known": "on"}).status_code == 302
    product_import.refresh_from_db()
    assert product_import.state == ImportState.CHECKING
    assert product_import.mapping["Article name"] == ""


def test_where_every_row_is_faulty_nothing_is_offered_to_be_applied(log_in, dry_run):
    product_import = dry_run("sku,title\nA,\nB,\n")
    page = reverse("admin:catalog_productimport_progress", args=[product_import.pk])
    text = log_in("view", "change").get(page).content.decode()
    assert "No row can be applied: each has a fault." in text
    assert 'value="apply"' not in text and "/apply/now/" not in text
    ready = dry_run("sku,title\nA,Cap\n")
    page = reverse("admin:catalog_productimport_progress", args=[ready.pk])
    text = log_in("view", "change").get(page).content.decode()
    assert "No row can be applied" not in text
    assert "/apply/now/" in text


def test_after_the_dry_run_columns_can_be_mapped_differently(log_in, dry_run):
    product_import = dry_run(UNKNOWN)
    client = log_in("view", "change")
    url, data = columns(product_import, "sku", "", "brand", "gender", "", all_known="on")
    client.post(url, data)
    run_all()
    product_import.refresh_from_db()
    assert (product_import.state, product_import.faulty_count) == (ImportState.CHECKED, 1)
    page = reverse("admin:catalog_productimport_progress", args=[product_import.pk])
    text = client.get(page).content.decode()
    assert f'href="{url}">Map the columns differently</a>' in text
    assert "Map the columns differently, or correct the file" in text
    form = client.get(url).context["form"]
    assert [field.initial for field in form.columns()] == ["sku", "", "brand", "gender", ""]
    client.post(url, {**data, "column-1": "title"})
    run_all()
    product_import.refresh_from_db()
    counts = (product_import.row_count, product_import.new_count, product_import.faulty_count)
    assert (product_import.state, counts) == (ImportState.CHECKED, (1, 1, 0))
    assert [row.outcome for row in product_import.rows.all()] == ["new"]
    second = dry_run(UNKNOWN)  # the latest mapping is the remembered one
    assert (second.state, second.new_count) == (ImportState.CHECKED, 1)


def test_columns_of_a_shops_format_are_not_mapped(log_in, dry_run):
    product_import = dry_run("sku,title\nA,Cap\n")
    page = reverse("admin:catalog_productimport_progress", args=[product_import.pk])
    client = log_in("view", "change")
    assert "Map the columns" not in client.get(page).content.decode()
    assert client.post(columns(product_import)[0], {}).url == page
    with pytest.raises(TransitionRefused):
        product_import_map(product_import=product_import, mapping={"sku": "sku"}, actor=None)
    product_import.refresh_from_db()
    assert (product_import.state, product_import.new_count) == (ImportState.CHECKED, 1)


def test_a_completed_import_leads_to_its_products(log_in, dry_run, admin_client):
    ProductFactory(sku="OTHER")
    product_import = dry_run("sku,title\nA,Cap\nB,Hat\n")
    product_import_apply(product_import=product_import, actor=None)
    run_all()
    imports_wake_run()
    product_import.refresh_from_db()
    assert product_import.state == ImportState.COMPLETED
    page = reverse("admin:catalog_productimport_progress", args=[product_import.pk])
    products = reverse("admin:catalog_product_changelist")
    address = f"{products}?import_rows__product_import__id__exact={product_import.pk}"
    assert f'href="{address}">Products of this import</a>' in admin_client.get(page).text
    shown = admin_client.get(address)
    assert [row.sku for row in shown.context["cl"].result_list] == ["A", "B"]
    assert "Describe all 2</button>" in shown.text
    assert "Products of this import" not in log_in("view").get(page).text
