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
