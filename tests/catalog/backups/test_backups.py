"""A back-up holds all of it at one moment; a restore gives it back, or changes nothing."""

import json
import os
import time
from dataclasses import replace
from pathlib import Path

import pyrage
import pytest
from django.core.files.storage import storages
from django.core.management import CommandError

from catalog.backups import services
from catalog.backups.manifest import manifest_write
from catalog.backups.place import BackupPlace
from catalog.models import Product, ProductImage
from catalog.photo_store import photos_delete
from tests.factories import DescriptionFactory, ProductImageFactory, numbered_photo

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres]


@pytest.fixture
def shop(models_folder):
    """Two products with photos, an approved text, and weights."""
    images = [ProductImageFactory(product__sku=sku) for sku in ("A", "B")]
    DescriptionFactory(product=images[0].product, state="approved", standard="Red shirt.")
    (models_folder / "spring").mkdir()
    (models_folder / "spring" / "model.safetensors").write_bytes(b"weights")
    return images


def content_of(name):
    with storages["default"].open(name) as file:
        return file.read()


def files():
    return {
        name: content_of(name)
        for image in ProductImage.objects.all()
        for name in (image.file.name, image.thumbnail.name)
    }


def texts():
    return list(Product.objects.order_by("sku").values_list("sku", "title"))


def lose_everything(models_folder):
    photos_delete(images=list(ProductImage.objects.all()))
    Product.objects.all().delete()
    (models_folder / "spring" / "model.safetensors").unlink()


def contents(place):
    return sorted(path for path in Path(place).rglob("contents/*/*") if path.is_file())


def last(place):
    return BackupPlace(place).identifiers()[-1]


def rewritten(place, **changes):
    """The last manifest as another program would have written it."""
    manifest = BackupPlace(place).manifest(last(place))
    file = Path(place) / "manifests" / f"{manifest.identifier}.json"
    file.write_bytes(manifest_write(replace(manifest, **changes)))


def test_what_was_lost_is_back_as_it_was(shop, place, models_folder, command):
    was = (texts(), files())
    assert "5 files." in command("backup", place)
    lose_everything(models_folder)

    said = command("restore", place)

    assert said.endswith("5 files written; no difference.\n")
    assert (texts(), files()) == was
    assert (models_folder / "spring" / "model.safetensors").read_bytes() == b"weights"
    product = Product.objects.get(sku="A")
    assert product.descriptions.get().standard == "Red shirt."
    # The database goes on: its next row is a new one.
    assert Product.objects.create(sku="C").pk not in {image.product_id for image in shop}


def test_a_bucket_keeps_back_ups_as_a_folder_does(shop, bucket, models_folder, command):
    was = (texts(), files())
    command("backup", bucket)
    assert "intact" in command("restore", bucket, "--check")
    lose_everything(models_folder)
    command("restore", bucket)
    assert (texts(), files()) == was


def test_an_encrypted_back_up_opens_with_its_private_key_alone(
    shop, place, models_folder, command, tmp_path
):
    owner, stranger = pyrage.x25519.Identity.generate(), pyrage.x25519.Identity.generate()
    for name, identity in (("owner", owner), ("stranger", stranger)):
        (tmp_path / name).write_text(f"# created: today\n{identity}\n")
    command("backup", place, "--recipient", str(owner.to_public()))
    stored = [path.read_bytes() for path in contents(place)]
    assert all(content.startswith(b"age-encryption.org/v1") for content in stored)
    was = (texts(), files())
    lose_everything(models_folder)

    with pytest.raises(CommandError, match="encrypted: name the private key by --identity"):
        command("restore", place)
    with pytest.raises(CommandError, match="does not open the back-up"):
        command("restore", place, "--identity", str(tmp_path / "stranger"))
    assert texts() == []
    command("restore", place, "--check")  # needs no key

    command("restore", place, "--identity", str(tmp_path / "owner"))
    assert (texts(), files()) == was


def test_a_second_back_up_stores_only_what_is_new(shop, place, command):
    command("backup", place)
    before = set(contents(place))
    # White: small pictures of neighbouring colours may have the same bytes.
    ProductImageFactory(product=shop[0].product, photo=numbered_photo(0xFFFFFF))
    command("backup", place)
    assert len(set(contents(place)) - before) == 3  # photo, thumbnail, database


def test_older_back_ups_go_with_what_they_alone_hold(shop, place, command):
    command("backup", place)
    first = last(place)
    photos_delete(images=[shop[1]])
    old = time.time() - 2 * 86_400
    for path in contents(place):
        os.utime(path, (old, old))

    said = command("backup", place, "--keep", "1")

    assert f"Deleted {first}: 1 are kept.\n" in said
    assert BackupPlace(place).identifiers() == [last(place)]
    # Photo, thumbnail, weights and database; the deleted photo is in no back-up any more.
    assert len(contents(place)) == 4
    command("restore", place, "--check")


def test_a_photo_that_is_uploaded_while_the_database_is_read_is_in_the_back_up(
    shop, place, command, monkeypatch
):
    def dump_and_upload(target):
        ProductImageFactory(product=shop[0].product)
        return original(target)

    original = services.database_dump
    monkeypatch.setattr(services, "database_dump", dump_and_upload)
    command("backup", place)
    monkeypatch.undo()
    manifest = BackupPlace(place).manifest(last(place))
    assert manifest.rows["catalog_productimage"] == 3
    assert set(files()) == set(manifest.files["default"])
    assert manifest.missing == []


def test_a_photo_that_storage_lost_before_is_named_and_hinders_nothing(
    shop, place, models_folder, command
):
    name = shop[0].thumbnail.name
    storages["default"].delete(name)
    assert f"The database names {name}, but storage does not have it." in command("backup", place)
    assert "no difference" in command("restore", place, "--replace")


def test_a_content_that_was_altered_is_found_and_nothing_changes(
    shop, place, models_folder, command
):
    command("backup", place)
    contents(place)[0].write_bytes(b"altered")
    with pytest.raises(CommandError, match="was altered: its SHA-256 is not the recorded one"):
        command("restore", place, "--check")
    Product.objects.filter(sku="A").update(title="Since then")
    with pytest.raises(CommandError, match="was altered"):
        command("restore", place, "--replace")
    assert Product.objects.get(sku="A").title == "Since then"


def test_a_content_that_is_half_there_is_written_again(shop, place, command):
    command("backup", place)
    manifest = BackupPlace(place).manifest(last(place))
    (Path(place) / "manifests" / f"{manifest.identifier}.json").unlink()  # it was interrupted
    contents(place)[0].write_bytes(b"ha")
    command("backup", place)
    assert "intact" in command("restore", place, "--check")


def test_a_manifest_that_was_cut_or_altered_is_refused(shop, place, command):
    command("backup", place)
    file = Path(place) / "manifests" / f"{last(place)}.json"
    whole = json.loads(file.read_text())
    file.write_text(json.dumps({**whole, "version": "0.0.1"}))
    with pytest.raises(CommandError, match="was altered since it was written"):
        command("restore", place)
    file.write_text(json.dumps(whole)[:100])
    with pytest.raises(CommandError, match="no manifest of a back-up, or only a part of one"):
        command("restore", place)


def test_a_back_up_of_a_newer_version_is_refused(shop, place, command):
    command("backup", place)
    known = BackupPlace(place).manifest(last(place)).migrations
    rewritten(place, version="9.0.0", migrations=[*known, "catalog.9999_later"])
    with pytest.raises(CommandError) as refused:
        command("restore", place, "--replace")
    assert "The back-up is of version 9.0.0, which is newer than this one" in str(refused.value)
    assert "catalog.9999_later" in str(refused.value)
    assert "Install version 9.0.0 or a newer one" in str(refused.value)
    rewritten(place, format=2)
    with pytest.raises(CommandError, match="has format 2; this version reads up to 1"):
        command("restore", place)


def test_content_is_overwritten_only_on_request(shop, place, command):
    command("backup", place)
    Product.objects.filter(sku="A").update(title="Since then")
    with pytest.raises(CommandError, match="Add --replace"):
        command("restore", place)
    assert Product.objects.get(sku="A").title == "Since then"
    command("restore", place, "--replace")
    assert Product.objects.get(sku="A").title != "Since then"


def test_another_kind_of_database_is_refused(shop, place, command):
    command("backup", place)
    rewritten(place, vendor="oracle")
    with pytest.raises(CommandError, match="holds a database of oracle"):
        command("restore", place, "--replace")


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["backup", ""], "Name a place"),
        (["backup", "backups"], "no absolute path"),
        (["backup", "s3:///shop"], "names no bucket"),
        (["backup", "/tmp/x", "--recipient", "age1nobody"], "no public key of age"),
        (["backup", "/tmp/x", "--keep", "0"], "1 or more"),
        (["restore", "/nowhere-at-all"], "holds no back-up"),
        (["restore", "/tmp/x", "--identity", "/nowhere/key"], "cannot be read"),
    ],
)
def test_wrong_arguments_are_told_and_nothing_is_written(arguments, reason, command, db):
    with pytest.raises(CommandError, match=reason):
        command(*arguments)


def test_a_name_that_is_not_there_is_told_with_those_that_are(shop, place, command):
    command("backup", place)
    with pytest.raises(CommandError, match=f"has no back-up X; the last ones: {last(place)}"):
        command("restore", place, "--backup", "X")
    assert command("restore", place, "--list").startswith(f"{last(place)} of version 0.1.0")
