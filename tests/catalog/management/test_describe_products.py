"""The command that asks for descriptions and watches the rows."""

import json
import threading
import time
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connections
from django.utils import timezone

from catalog.choices import (
    FailureReason,
    ItemOutcome,
    JobItemState,
    JobState,
    KnownSource,
    ModelVersionState,
)
from catalog.management.commands import describe_products
from catalog.models import DescriptionJob, DescriptionJobItem
from tests.factories import (
    DescriptionFactory,
    ModelVersionFactory,
    ProductFactory,
    ProductImageFactory,
    end_item,
)

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


def run(*arguments: str) -> tuple[str, str]:
    out, err = StringIO(), StringIO()
    call_command("describe_products", *arguments, stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


def test_without_waiting_it_makes_the_job_and_leaves():
    ProductImageFactory.create_batch(2)
    ProductFactory()

    out, _ = run("--no-wait")

    job = DescriptionJob.objects.get()
    assert out == f"{job}: 0 described, 1 skipped, 2 waiting.\n  1 × No photo\n"
    assert job.items.filter(state=JobItemState.QUEUED).count() == 2


def test_named_products_alone_and_again():
    named, _other = ProductImageFactory.create_batch(2)
    DescriptionFactory(product=named.product)

    run(named.product.sku, "--again", "--no-wait")

    assert DescriptionJobItem.objects.get().product == named.product


def test_a_language_that_no_version_writes_is_an_error():
    ModelVersionFactory()
    ProductImageFactory()

    with pytest.raises(CommandError, match=r"writes “de” here\. Those in use write: en"):
        run("--language", "de", "--no-wait")

    assert not DescriptionJob.objects.exists()


def test_the_options_reach_the_job():
    version = ModelVersionFactory(name="trial", state=ModelVersionState.RETIRED)
    described = DescriptionFactory(product=ProductImageFactory().product).product
    plain = ProductImageFactory().product

    what = ["--length", "detailed", "--slot", "meta_title", "--slot", "bullets"]
    run("--only-without-text", "--model-version", "trial", *what, "--no-wait")

    job = DescriptionJob.objects.get()
    options = {"length": "detailed", "slots": ["bullets", "meta_title"]}
    assert (job.model_version, job.options) == (version, options)
    assert dict(job.items.values_list("product", "skip_reason")) == {
        described.pk: "has_text",
        plain.pk: "",
    }


@pytest.mark.parametrize(
    ("arguments", "options"),
    [
        ([], {}),
        (["--catalog-facts"], {}),
        (
            ["--without", "description", "--without", "tags"],
            {
                "sources": [
                    name for name in KnownSource.values if name not in ("tags", "description")
                ]
            },
        ),
    ],
)
def test_single_sources_of_the_catalog_can_be_left_out(arguments, options):
    run(*arguments, "--no-wait")
    assert DescriptionJob.objects.get().options == options


def test_an_unknown_source_is_refused_with_those_that_are_known():
    with pytest.raises(CommandError, match=r"invalid choice: 'price' \(choose from .*tags"):
        run("--without", "price", "--no-wait")
    assert not DescriptionJob.objects.exists()


def test_an_unknown_version_is_refused_with_those_that_are_known():
    ModelVersionFactory(name="trial")
    with pytest.raises(CommandError, match="no model version newest; known: trial"):
        run("--model-version", "newest", "--no-wait")


def test_an_unknown_sku_is_refused_before_anything_is_made():
    with pytest.raises(CommandError, match="There is no product NOPE"):
        run("NOPE", "--no-wait")

    assert DescriptionJob.objects.count() == 0


def test_nothing_to_do_ends_at_once():
    ProductFactory()

    out, _ = run()

    job = DescriptionJob.objects.get()
    assert out == f"{job}: 0 described, 1 skipped.\n  1 × No photo\n"


def work(ends: dict[str, JobItemState]) -> None:
    """Stand in for a worker, on a connection of its own: end each product's item as told."""
    deadline = time.monotonic() + 30
    while not DescriptionJob.objects.exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    for sku, state in ends.items():
        item = DescriptionJobItem.objects.get(product__sku=sku)
        end_item(item, failed=FailureReason.MODEL_ERROR if state == JobItemState.FAILED else None)
    DescriptionJob.objects.update(state=JobState.COMPLETED, ended_at=timezone.now())
    connections.close_all()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("end", [JobItemState.DONE, JobItemState.FAILED])
def test_waits_until_the_workers_are_done(end, monkeypatch):
    monkeypatch.setattr(describe_products, "POLL_SECONDS", 0.02)
    first, second = (image.product.sku for image in ProductImageFactory.create_batch(2))
    worker = threading.Thread(target=work, args=[{first: JobItemState.DONE, second: end}])
    worker.start()

    if end == JobItemState.DONE:
        out, _ = run()
        assert out.endswith(": 2 described.\n")
    else:
        with pytest.raises(CommandError, match="1 photos were not described"):
            run()
    worker.join(timeout=30)


def test_ctrl_c_stops_watching_and_leaves_the_job(monkeypatch):
    """The signal arrives while the command waits."""
    ProductImageFactory()

    def interrupt(seconds: float) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(describe_products.time, "sleep", interrupt)

    out, err = run()

    job = DescriptionJob.objects.get()
    assert f"Not watching any more; {job} goes on." in err
    assert out == f"{job}: 0 described, 1 waiting.\n"
    assert job.state == JobState.QUEUED


def test_the_counts_as_json_and_what_to_look_at_first():
    ProductImageFactory.create_batch(3)
    ProductFactory()
    run("--no-wait")
    job = DescriptionJob.objects.get()
    nothing, draft, failed = job.items.filter(state=JobItemState.QUEUED)
    end_item(nothing, outcome=ItemOutcome.NOT_RECOGNISED)
    end_item(draft)
    end_item(failed, failed=FailureReason.MODEL_ERROR)
    DescriptionFactory(
        product=draft.product, job_item=draft, contradictions=2, photo_disagrees=True
    )
    command = describe_products.Command(stdout=StringIO())
    with pytest.raises(CommandError, match="1 photos were not described"):
        command._report(job, as_json=True)
    assert json.loads(command.stdout.getvalue()) == {
        "job": job.pk,
        "state": "queued",
        "described": 1,
        "not_recognised": 1,
        "failed": 1,
        "skipped": 1,
        "cancelled": 0,
        "waiting": 0,
        "contradictions": 1,
        "photo_disagrees": 1,
        "reasons": {"no_photo": 1, "model_error": 1},
    }
    command = describe_products.Command(stdout=StringIO())
    with pytest.raises(CommandError):
        command._report(job, as_json=False)
    assert command.stdout.getvalue() == (
        f"{job}: 1 described, 1 not recognised, 1 failed, 1 skipped.\n"
        "  1 × No photo\n"
        "  1 × The model failed on this photo: see the worker's log\n"
        "  1 × Draft says something that the catalog contradicts\n"
        "  1 × Photo and title disagree: the photo probably shows another item\n"
    )
