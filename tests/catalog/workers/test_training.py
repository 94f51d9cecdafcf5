"""Runs from the row to the candidate, in this process, with a tiny model that really learns."""

import json
import pickle
import shutil

import pytest
from django.conf import settings
from django.core.files.storage import storages
from django.utils import timezone

from catalog.choices import ExampleUse, LeftOut, ModelVersionState, TrainingRunState
from catalog.engine.weights import model_folders
from catalog.exceptions import LeaseLost
from catalog.model_packages import PackageRefused
from catalog.models import Forgetting, TrainingHost
from catalog.photo_store import photos_delete
from catalog.services.retraining import training_run_create
from catalog.transitions.training_run import (
    run_keep,
    run_lease,
    runs_interrupt_lost,
)
from catalog.workers import training
from catalog.workers.training import training_wake_run
from catalog.workers.training_judgement import sample_write
from catalog.workers.training_set import BASE_SET, set_fetch, set_freeze
from moda_engine.brief.claims import Brief, Claim
from tests.factories import CategoryFactory, ProductImageFactory
from tests.retraining import approved_captions, tiny_version, use_models

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres]


@pytest.fixture
def base(settings, tmp_path):
    settings.DATA_DIRECTORY = tmp_path / "host"
    settings.RETRAIN_MINIMUM = 4
    use_models(settings, tmp_path / "models")
    return tiny_version(tmp_path)


def run_create(**more):
    options = {"epochs": 2, "rehearsal_share": 0.0, **more.pop("options", {})}
    return training_run_create(products=None, options=options, **more)


def test_a_run_ends_with_a_candidate(base):
    approved_captions(20)
    run = run_create()

    assert training_wake_run() == 1

    run.refresh_from_db()
    assert run.state == TrainingRunState.SUCCEEDED, run.message
    assert (run.lease_token, run.step) == (None, run.steps)
    version = run.version
    assert (version.state, version.base, version.name) == (
        ModelVersionState.CANDIDATE,
        base,
        f"retrained-{run.pk}",
    )
    assert version.weights_sha256 == version.files["model.safetensors"] != base.weights_sha256
    assert model_folders(version).checkpoint.is_dir()
    assert [epoch.number for epoch in run.epochs.all()] == [1, 2]
    assert all(len(epoch.examples) == 8 for epoch in run.epochs.all())
    assert version.judgement["against"] == "tiny-1"
    assert version.judgement["compared"] == 20
    assert "captions" in [check["name"] for check in version.judgement["gate"]["checks"]]
    assert storages["models"].listdir(f"runs/{run.pk}/files")[1] == []
    assert TrainingHost.objects.get().speed > 0


def test_what_is_gone_or_changed_since_is_left_out_and_said(base, tmp_path):
    rows = approved_captions(20)
    run = run_create()
    gone, changed, kept = rows[0], rows[1], rows[2]
    photos_delete(images=[gone.image])
    type(changed).objects.filter(pk=changed.pk).update(standard="Other words.")
    leased = run_lease(host="gpu-1", seconds=60)

    set_freeze(leased, tmp_path)

    run.refresh_from_db()
    assert run.caption_count + run.held_out_count == run.manifest.count() == 18
    assert run.left_out == {LeftOut.PHOTO_GONE: 1, LeftOut.CHANGED: 1}
    assert run.manifest.filter(sku=kept.product.sku).exists()
    folder = set_fetch(leased, tmp_path)
    lines = [
        line
        for use in ExampleUse.values
        for line in (folder / use / "metadata.jsonl").read_text().splitlines()
    ]
    assert len(lines) == 18
    assert not any("Other words." in line for line in lines)


def test_a_text_is_frozen_as_approved_with_what_the_catalog_knew(base, tmp_path):
    brief = Brief(
        (
            Claim("product_type", "Tshirts", "catalog", 1.0, "title"),
            Claim("colour", "Navy Blue", "photo", 0.9),
            Claim("brand", "Wren", "catalog", 1.0, "brand"),
        )
    )
    edited, typed, *_ = approved_captions(20)
    edited.generated_standard = "This men's T-shirt by Wren in navy blue is made for casual wear."
    edited.standard = "This men's T-shirt by Wren in black is made for casual wear."
    edited.brief, edited.facts = brief.to_json(), "colour: red"
    typed.facts = "colour: red"
    for row in (edited, typed):
        row.save()
    run_create()
    leased = run_lease(host="gpu-1", seconds=60)

    set_freeze(leased, tmp_path)

    folder = set_fetch(leased, tmp_path)
    sample_write(leased, tmp_path / "sample")
    frozen = [folder / use / "metadata.jsonl" for use in ExampleUse.values]
    for files in (frozen, [tmp_path / "sample" / "metadata.jsonl"]):
        lines = [json.loads(line) for file in files for line in file.read_text().splitlines()]
        rows = {row["id"]: (row["text"], row.get("facts")) for row in lines}
        assert len(rows) == 20
        assert rows[edited.product.sku] == (edited.standard, "type: T-shirt; brand: Wren")
        # Older than briefs: what a person typed for it.
        assert rows[typed.product.sku] == (typed.standard, "colour: red")


def test_photos_without_a_caption_keep_the_old_ways(base, tmp_path):
    approved_captions(20)
    shoes = CategoryFactory(name="Shoes", parent=CategoryFactory(name="Footwear"))
    others = [ProductImageFactory(product__category=shoes), ProductImageFactory()]
    forgotten = ProductImageFactory()
    Forgetting.objects.create(product=forgotten.product, reason="Asked to.")
    run_create()
    leased = run_lease(host="gpu-1", seconds=60)

    set_freeze(leased, tmp_path)

    folder = set_fetch(leased, tmp_path) / BASE_SET
    lines = map(json.loads, (folder / "metadata.jsonl").read_text().splitlines())
    photos = {line["file_name"]: line for line in lines}
    names = [f"images/{image.pk}.jpg" for image in others]
    assert photos == {  # no text
        names[0]: {"file_name": names[0], "category": "Footwear", "sub_category": "Shoes"},
        names[1]: {"file_name": names[1], "category": "", "sub_category": ""},
    }
    for image in others:
        with image.thumbnail.open("rb") as file:
            assert (folder / f"images/{image.pk}.jpg").read_bytes() == file.read()


def test_a_set_altered_in_storage_is_refused(base, tmp_path):
    approved_captions(20)
    run_create()
    leased = run_lease(host="gpu-1", seconds=60)
    set_freeze(leased, tmp_path)
    stored = tmp_path / "models" / "runs" / str(leased.pk) / "set.zip"
    stored.write_bytes(stored.read_bytes() + b"more")
    with pytest.raises(PackageRefused, match="was altered in storage"):
        set_fetch(leased, tmp_path)


def failed(run, state, message):
    assert training_wake_run() >= 1
    run.refresh_from_db()
    assert (run.state, run.version, run.lease_token) == (state, None, None)
    assert message in run.message
    assert not list((settings.DATA_DIRECTORY / "training").glob("run-*"))


def test_a_base_altered_in_storage_fails_the_run(base, tmp_path):
    approved_captions(20)
    run = run_create()
    weights = tmp_path / "models" / "tiny" / "model.safetensors"
    content = bytearray(weights.read_bytes())
    content[-1] ^= 1
    weights.write_bytes(content)
    failed(run, TrainingRunState.FAILED, "model.safetensors is not the file that was recorded")


def test_a_pickle_among_the_bases_files_fails_the_run(base, tmp_path):
    approved_captions(20)
    run = run_create()
    (tmp_path / "models" / "tiny" / "more.bin").write_bytes(pickle.dumps({}))
    failed(run, TrainingRunState.FAILED, "more.bin is no file of weights that may be loaded")


def test_too_few_captions_that_are_left_fail_the_run(base):
    rows = approved_captions(20)
    run = run_create()
    for row in rows[:18]:
        photos_delete(images=[row.image])
    failed(run, TrainingRunState.FAILED, "captions are left that can be learned")


def test_a_host_without_room_says_so_and_leaves_the_run_to_others(base, monkeypatch):
    approved_captions(20)
    run = run_create()
    full = shutil.disk_usage("/")._replace(free=0)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: full)
    monkeypatch.setattr(training, "_no_room", set())
    failed(run, TrainingRunState.INTERRUPTED, "has 0 MB free in")
    assert run_lease(host="gpu-2", seconds=60) == run


def test_a_remark_is_logged_by_the_host_that_has_the_run(base):
    """It writes no column of the run."""
    approved_captions(20)
    run_create()
    leased = run_lease(host="gpu-1", seconds=60)
    run_keep(run=leased, text="left out: a photo.")
    assert leased.log.order_by("-pk").first().text == "left out: a photo."


def test_a_run_that_hosts_end_in_is_given_up(base):
    approved_captions(20)
    run = run_create()
    for _ in range(3):
        leased = run_lease(host="gpu-1", seconds=-1)
        assert runs_interrupt_lost(now=timezone.now()) == 1
        run.refresh_from_db()
        assert run.state == TrainingRunState.INTERRUPTED
        with pytest.raises(LeaseLost):
            run_keep(run=leased, text="too late")
    assert run_lease(host="gpu-1", seconds=60) is None
    run.refresh_from_db()
    assert run.state == TrainingRunState.FAILED
    assert "Hosts ended 3 times in the same epoch." in run.message
