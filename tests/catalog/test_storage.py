"""Photos and weights in a bucket: a real S3-compatible server, in this process."""

from io import BytesIO

import boto3
import pytest
from moto.server import ThreadedMotoServer

from catalog.choices import FailureReason
from catalog.engine.weights import ModelUnavailable, checkpoint_directory, starter_identity
from catalog.models import ModelVersion
from catalog.photo_store import photos_delete
from catalog.services.products import product_image_add
from catalog.workers.photos import PhotoFailed, StorageUnavailable, photo_load
from moda_engine import STARTER_DIRECTORY
from tests.factories import DescriptionJobItemFactory, ProductFactory, photo_bytes

pytestmark = pytest.mark.django_db
BUCKET = "moda-tests"


@pytest.fixture
def server(monkeypatch):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    yield server
    server.stop()


@pytest.fixture
def bucket(server, settings, tmp_path):
    """The bucket as the settings name it; returns a client of it."""
    host, port = server.get_host_and_port()
    endpoint = f"http://{host}:{port}"
    client = boto3.client("s3", endpoint_url=endpoint)
    client.create_bucket(Bucket=BUCKET)
    options = {"bucket_name": BUCKET, "endpoint_url": endpoint, "default_acl": None}
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {
            "BACKEND": "catalog.storage.PhotoBucket",
            "OPTIONS": {**options, "location": "media"},
        },
        "models": {
            "BACKEND": "storages.backends.s3.S3Storage",
            "OPTIONS": {**options, "location": "models"},
        },
    }
    settings.DATA_DIRECTORY = tmp_path
    return client


def keys(client):
    listed = client.list_objects_v2(Bucket=BUCKET).get("Contents", [])
    return sorted(entry["Key"] for entry in listed)


def add_photo():
    product = ProductFactory()
    upload = BytesIO(photo_bytes(colour=(200, 30, 40)))
    return product_image_add(product=product, upload=upload, name="a.jpg")


def test_a_photo_is_stored_read_served_and_deleted(
    bucket, client, django_capture_on_commit_callbacks
):
    image = add_photo()
    assert keys(bucket) == [f"media/{image.file.name}", f"media/{image.thumbnail.name}"]
    item = DescriptionJobItemFactory(image=image)
    assert photo_load(item=item).size == (60, 80)
    assert image.file.url == f"/media/{image.file.name}"
    answer = client.get(image.file.url)
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "image/jpeg")
    assert b"".join(answer.streaming_content)[:3] == b"\xff\xd8\xff"  # and so it is closed
    with django_capture_on_commit_callbacks(execute=True):
        photos_delete(images=[image])
    assert keys(bucket) == []


def test_a_photo_that_is_not_there_is_gone_and_a_store_that_is_not_there_may_come_back(
    bucket, server
):
    image = add_photo()
    item = DescriptionJobItemFactory(image=image)
    bucket.delete_object(Bucket=BUCKET, Key=f"media/{image.file.name}")
    with pytest.raises(PhotoFailed) as failed:
        photo_load(item=item)
    assert failed.value.reason == FailureReason.PHOTO_MISSING
    server.stop()
    try:
        with pytest.raises(StorageUnavailable):
            photo_load(item=item)
    finally:
        server.start()


@pytest.fixture
def version(bucket):
    """The starter's files in the bucket, as a version of their own."""
    for file in STARTER_DIRECTORY.iterdir():
        bucket.upload_file(str(file), BUCKET, f"models/trial/{file.name}")
    return ModelVersion(name="trial", directory="trial", weights_sha256=starter_identity()[1])


def test_weights_are_fetched_once_by_their_hash(bucket, version, settings):
    directory = checkpoint_directory(version)
    assert directory == settings.DATA_DIRECTORY / "weights" / version.weights_sha256
    names = {file.name for file in STARTER_DIRECTORY.iterdir()}
    # With the sum by which each later load checks the weights.
    assert {file.name for file in directory.iterdir()} == names | {"SHA256SUMS.txt"}
    # Nothing is asked of the store again.
    for key in keys(bucket):
        bucket.delete_object(Bucket=BUCKET, Key=key)
    assert checkpoint_directory(version) == directory


@pytest.mark.parametrize("wrong", ["other weights", "no such folder"])
def test_weights_that_are_not_what_was_registered_are_never_seen(version, settings, wrong):
    if wrong == "other weights":
        version.weights_sha256 = "0" * 64
    else:
        version.directory = "nothing"
    with pytest.raises(ModelUnavailable, match="trial"):
        checkpoint_directory(version)
    kept = settings.DATA_DIRECTORY / "weights"
    assert [path.name for path in kept.iterdir() if path.is_dir()] == []
