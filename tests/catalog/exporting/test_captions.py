"""Captions leave as an imagefolder that training and this catalog's own import read."""

import json
import zipfile

import pytest
from django.core.management import CommandError, call_command

from catalog.choices import DescriptionState
from catalog.exporting.captions import CaptionSetWriter
from catalog.models import TrainingCaption
from tests.factories import CategoryFactory, DescriptionFactory, ProductFactory, ProductImageFactory

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


def test_a_line_a_text_with_the_main_photo(tmp_path, capsys):
    apparel = CategoryFactory(name="Apparel")
    shelf = CategoryFactory(name="Topwear", parent=apparel)
    product = ProductFactory(
        sku="A", title="Shirt", category=shelf, colour="Red", attributes={"product_type": "Shirts"}
    )
    main = ProductImageFactory(product=product)
    ProductImageFactory(product=product)
    DescriptionFactory(product=product, state=DescriptionState.APPROVED, standard="Approved.")
    DescriptionFactory(product=product, standard="A draft.")
    TrainingCaption.objects.create(product=product, text="A caption.")
    DescriptionFactory(product=ProductFactory(sku="B"), state=DescriptionState.APPROVED)
    ProductImageFactory(product__sku="C")

    call_command("export_captions", str(tmp_path / "captions.zip"))

    assert "captions.zip" in capsys.readouterr().out
    with zipfile.ZipFile(tmp_path / "captions.zip") as archive:
        assert archive.namelist() == ["images/A.png", "metadata.jsonl"]
        with main.file.open() as photo:
            assert archive.read("images/A.png") == photo.read()
        rows = [json.loads(line) for line in archive.read("metadata.jsonl").splitlines()]
    assert [row["text"] for row in rows] == ["Approved.", "A caption."]
    assert rows[0]["file_name"] == "images/A.png"
    assert (rows[0]["category"], rows[0]["sub_category"]) == ("Apparel", "Topwear")
    assert (rows[0]["colour"], rows[0]["product_type"]) == ("Red", "Shirts")
    assert [path.name for path in tmp_path.iterdir() if path.suffix != ""] == ["captions.zip"]


def test_a_photo_that_is_not_in_storage_ends_the_export_by_name(tmp_path):
    """A disk that is not mounted must not look like a catalog without captions."""
    image = ProductImageFactory(product__sku="A")
    DescriptionFactory(product=image.product, state=DescriptionState.APPROVED)
    image.file.storage.delete(image.file.name)
    target = tmp_path / "captions.zip"
    why = "captions.zip cannot be written: the photo of A is not in storage.$"
    with pytest.raises(CommandError, match=why):
        call_command("export_captions", str(target))
    assert list(tmp_path.glob("*captions*")) == []


def test_a_folder_and_an_archive_hold_the_same_set(tmp_path):
    photo, other = ProductImageFactory().file, ProductImageFactory().file
    with photo.open() as file:
        content = file.read()
    gone = ProductImageFactory().file
    gone.storage.delete(gone.name)
    rows = [{"text": "Été."}, {"text": "Red."}]
    with (
        zipfile.ZipFile(tmp_path / "sets.zip", "w") as archive,
        CaptionSetWriter.in_archive(archive, "training") as packed,
        CaptionSetWriter.in_folder(tmp_path / "set") as unpacked,
    ):
        for one in (packed, unpacked):
            assert one.add("a", photo, *rows)
            assert not one.add("b", gone, *rows)
            assert one.add("a", other, {"text": "The photo is written once."})
            assert one.count == 3
    lines = (
        '{"file_name": "images/a.png", "text": "Été."}\n'
        '{"file_name": "images/a.png", "text": "Red."}\n'
        '{"file_name": "images/a.png", "text": "The photo is written once."}\n'
    )
    assert (tmp_path / "set" / "metadata.jsonl").read_text(encoding="utf-8") == lines
    assert (tmp_path / "set" / "images" / "a.png").read_bytes() == content
    with zipfile.ZipFile(tmp_path / "sets.zip") as archive:
        assert archive.namelist() == ["training/images/a.png", "training/metadata.jsonl"]
        assert archive.read("training/images/a.png") == content
        assert archive.read("training/metadata.jsonl").decode() == lines


def test_a_set_that_breaks_off_has_no_metadata(tmp_path):
    photo = ProductImageFactory().file
    with pytest.raises(RuntimeError), CaptionSetWriter.in_folder(tmp_path / "set") as captions:
        captions.add("a", photo, {"text": "Red."})
        raise RuntimeError
    assert [path.name for path in (tmp_path / "set").iterdir()] == ["images"]
