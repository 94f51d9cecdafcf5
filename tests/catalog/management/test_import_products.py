"""The command that imports a folder."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from catalog.models import Product
from tests.factories import photo_bytes

pytestmark = pytest.mark.django_db


def run(*arguments: str) -> tuple[str, str]:
    out, err = StringIO(), StringIO()
    call_command("import_products", *arguments, stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


def test_reports_what_it_did_and_what_it_refused(tmp_path):
    (tmp_path / "a.jpg").write_bytes(photo_bytes())
    (tmp_path / "b.jpg").write_bytes(b"")

    out, err = run(str(tmp_path), "--publish")

    assert out == "1 products created, 0 updated, 1 photos added, 1 refused.\n"
    assert "refused: b.jpg: b.jpg is empty: the file holds no bytes." in err
    assert Product.objects.get().state == "published"


def test_a_folder_that_is_not_there_ends_with_one_sentence(tmp_path):
    with pytest.raises(CommandError, match="is not a folder"):
        run(str(tmp_path / "missing"))


def test_a_dry_run_says_what_would_be(tmp_path):
    (tmp_path / "t.csv").write_text("sku,title\nA,Shirt\n,x\n")

    out, err = run(str(tmp_path / "t.csv"), "--dry-run")

    assert out.startswith("1 products are new, 0 would change, 0 stay, 1 refused.")
    assert err == "refused: line 3: The SKU is empty.\n"
    assert Product.objects.count() == 0


def test_maps_columns_and_writes_refused_rows(tmp_path):
    (tmp_path / "t.csv").write_text("Nr;Was\nA;Shirt\n;x\n")

    run(str(tmp_path / "t.csv"), "--map", "Nr=sku", "--map", "Was=title",
        "--faulty", str(tmp_path / "faulty.csv"))  # fmt: skip

    assert Product.objects.get().title == "Shirt"
    assert (tmp_path / "faulty.csv").read_text().splitlines() == [
        "import_error,Nr,Was",
        "Line 3: The SKU is empty.,,x",
    ]


def test_a_table_of_no_known_shop_names_its_columns(tmp_path):
    (tmp_path / "t.csv").write_text("Nr;Was\nA;Shirt\n")
    with pytest.raises(CommandError, match=r"\(Nr, Was\). Map them with --map"):
        run(str(tmp_path / "t.csv"))
