"""Drafts are written again from their rows, by the engine itself, in the mode that each says."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from catalog.engine.describe import describe_photos
from catalog.models import Description
from catalog.transitions.drafts import drafts_create
from catalog.workers import batch
from catalog.workers.lease import lease_take
from catalog.workers.photos import PhotoReader, photo_load
from catalog.workers.replay import descriptions_replay
from tests.factories import DescriptionJobFactory, DescriptionJobItemFactory, ProductImageFactory
from tests.retraining import tiny_version, use_models

pytestmark = pytest.mark.django_db


@pytest.fixture
def version(settings, tmp_path):
    settings.DESCRIBE_FUNCTION = batch.DESCRIBE_FUNCTION  # the engine, not the stand-in
    use_models(settings, tmp_path / "models")
    return tiny_version(tmp_path)


@pytest.fixture
def drafts(version):
    """Drafts as workers write them, of two jobs in batches of three; the last two in bfloat16."""
    for options in ({"length": "alt_text"}, {"facts": "colour: red"}):
        job = DescriptionJobFactory(options=options)
        for _ in range(4):
            DescriptionJobItemFactory(job=job)
    while lease := lease_take(limit=3):
        with PhotoReader() as reader:
            batch.batch_run(batch=reader.begin(lease))
    images = [ProductImageFactory() for _ in range(2)]
    rows = [Description(product=one.product, image=one, model_version=version) for one in images]
    photos = [photo_load(item=row) for row in rows]
    texts = describe_photos(
        version=version, photos=photos, known=[{}, {}], options={}, mode="bfloat16"
    )
    for row, text in zip(rows, texts, strict=True):
        row.standard, row.alt_text, row.numeric_mode = text.standard, text.alt_text, text.mode
    drafts_create(drafts=rows)
    return list(Description.objects.order_by("pk"))


def test_all_come_out_the_same_in_the_mode_that_they_say(drafts):
    assert [one.numeric_mode for one in drafts] == ["float32"] * 8 + ["bfloat16"] * 2
    assert {one.facts for one in drafts} == {"", "colour: red"}

    replayed = list(descriptions_replay(reversed(drafts)))

    assert {one.description for one in replayed} == set(drafts)
    assert all(one.is_identical for one in replayed)
    assert all(one.text.mode == one.description.numeric_mode for one in replayed)


def test_what_changed_or_is_gone_is_said(drafts):
    changed, without_photo, without_mode = drafts[:3]
    Description.objects.filter(pk=changed.pk).update(generated_standard="Other words.")
    Description.objects.filter(pk=without_photo.pk).update(image=None)
    Description.objects.filter(pk=without_mode.pk).update(numeric_mode="")

    replayed = {
        one.description.pk: one
        for one in descriptions_replay(Description.objects.select_related("model_version"))
    }

    different = {pk for pk, one in replayed.items() if not one.is_identical}
    assert different == {changed.pk, without_photo.pk, without_mode.pk}
    assert replayed[changed.pk].problem == ""
    assert replayed[changed.pk].text.standard == changed.standard
    assert replayed[without_photo.pk].problem == "The photo was deleted."
    assert "which arithmetic" in replayed[without_mode.pk].problem


def test_a_version_that_is_gone_is_said_of_each_of_its_drafts(drafts, tmp_path):
    (tmp_path / "models" / "tiny" / "model.safetensors").write_bytes(b"other weights")
    replayed = list(descriptions_replay(drafts[:8]))  # the others' weights are in memory yet
    assert len(replayed) == 8
    (problem,) = {one.problem for one in replayed}
    assert problem.startswith("tiny-1: model.safetensors is not in the safetensors format")


def test_the_command_counts_them_and_fails_where_one_differs(drafts):
    said = StringIO()
    call_command("replay_drafts", stdout=said)
    assert said.getvalue() == "10 of 10 come out the same.\n"

    Description.objects.filter(pk=drafts[0].pk).update(generated_standard="Other words.")
    said = StringIO()
    with pytest.raises(CommandError, match="1 do not"):
        call_command("replay_drafts", "--count", "10", stdout=said)
    sku = drafts[0].product.sku
    assert f"{sku}, float32: was  Other words.\n" in said.getvalue()
    assert said.getvalue().endswith("9 of 10 come out the same.\n")


def test_the_command_refuses_where_there_is_nothing_to_write_again(version):
    with pytest.raises(CommandError, match="There is no draft that a model wrote"):
        call_command("replay_drafts")
