"""Asking for runs: what the preview counts is what the run holds; what is refused makes nothing."""

import pytest

from catalog.choices import ExampleUse, TrainingRunState
from catalog.exceptions import RetrainingRefused, TransitionRefused
from catalog.models import Forgetting, Product, TrainingExample, TrainingHost, TrainingRun
from catalog.models.training import text_digest
from catalog.services.forgetting import forget, forget_preview
from catalog.services.retraining import (
    retraining_preview,
    training_run_create,
    training_run_create_when_due,
    training_run_retry,
)
from catalog.transitions.training_run import run_cancel
from tests.factories import ModelVersionFactory, UserFactory
from tests.retraining import approved_captions

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


@pytest.fixture(autouse=True)
def few_are_enough(settings):
    settings.RETRAIN_MINIMUM = 4


@pytest.fixture
def base():
    return ModelVersionFactory(name="in use")


def test_the_run_holds_what_the_preview_counted(base):
    rows = approved_captions(20)
    preview = retraining_preview(products=None)
    run = training_run_create(products=None, actor=UserFactory())

    assert (preview.captions, preview.held_out, preview.products) == (
        run.caption_count,
        run.held_out_count,
        run.product_count,
    )
    assert preview.captions + preview.held_out == preview.products == 20
    assert preview.by_category == [("Shirts", 10), ("Shoes", 10)]
    manifest = list(run.manifest.all())
    assert [one.description_key for one in manifest] == [row.pk for row in rows]
    assert manifest[0].text_sha256 == text_digest(rows[0].standard, "")
    assert sum(one.use == ExampleUse.HELD_OUT for one in manifest) == run.held_out_count
    assert (run.base, run.state, run.options) == (base, TrainingRunState.QUEUED, {"seed": 0})
    assert run.code_version


def test_without_a_version_in_use_nothing_is_made():
    approved_captions(20)
    with pytest.raises(RetrainingRefused, match="No model version is active"):
        training_run_create(products=None)
    assert not TrainingRun.objects.exists()


@pytest.mark.parametrize(
    ("count", "message"),
    [(0, "has an approved description"), (2, "0 captions can be learned, and a run needs 4")],
)
def test_too_little_is_refused(base, count, message):
    approved_captions(count)
    assert message in retraining_preview(products=None).problem
    with pytest.raises(RetrainingRefused, match=message):
        training_run_create(products=None)
    assert not TrainingRun.objects.exists()


def test_a_run_of_the_same_base_is_warned_of(base):
    approved_captions(20)
    run = training_run_create(products=None)
    assert retraining_preview(products=None).under_way == [run]


def test_a_selection_is_learned_alone(base):
    rows = approved_captions(20)
    chosen = Product.objects.filter(pk__in=[row.product_id for row in rows[:10]])
    run = training_run_create(products=chosen)
    assert run.product_count == 10


def test_a_brand_has_an_adapter(base):
    approved_captions(20, brand="Acme")
    with pytest.raises(RetrainingRefused, match="is an adapter"):
        training_run_create(products=None, scope="brand:Acme")
    run = training_run_create(products=None, scope="brand:Acme", way="adapter")
    assert (run.scope, run.way, run.base) == ("brand:Acme", "adapter", base)


def test_only_hosts_that_answer_are_counted_on(base):
    from datetime import timedelta

    from django.utils import timezone

    now = timezone.now()
    TrainingHost.objects.create(name="gone", seen_at=now - timedelta(minutes=5))
    TrainingHost.objects.create(name="there", seen_at=now, speed=10.0, peak_bytes=5)
    approved_captions(20)
    preview = retraining_preview(products=None)
    (host,) = preview.hosts
    assert (host.name, host.seconds, host.peak_bytes) == ("there", preview.captions, 5)


def test_a_run_is_cancelled_once(base):
    approved_captions(20)
    run = training_run_create(products=None)
    run_cancel(run=run, actor=None)
    assert run.state == TrainingRunState.CANCELLED
    with pytest.raises(TransitionRefused, match="is in the state “Cancelled”"):
        run_cancel(run=run, actor=None)
    with pytest.raises(TransitionRefused):
        training_run_retry(run=run)


def test_a_run_starts_by_itself_after_so_many_approvals(base, settings):
    assert training_run_create_when_due() is None
    settings.RETRAIN_EVERY = 21
    rows = approved_captions(20)
    assert training_run_create_when_due() is None
    settings.RETRAIN_EVERY = 20
    run = training_run_create_when_due()
    assert (run.created_by, run.product_count) == (None, 20)
    assert training_run_create_when_due() is None, "one is open"
    run_cancel(run=run, actor=None)
    assert training_run_create_when_due() is None, "nothing was approved since"
    assert rows[0].reviewed_at is None


def test_what_is_forgotten_is_learned_by_no_later_run(base):
    rows = approved_captions(20)
    run = training_run_create(products=None)
    learned = ModelVersionFactory(state="candidate", base=base)
    further = ModelVersionFactory(state="candidate", base=learned)
    with pytest.raises(RetrainingRefused, match=f"{run} is learning from them"):
        forget(product=rows[0].product, actor=None, reason="asked")
    assert not Forgetting.objects.exists()
    run_cancel(run=run, actor=None)
    TrainingRun.objects.update(version=learned)

    assert forget_preview(product=rows[0].product).versions == [further, learned]
    forget(product=rows[0].product, actor=UserFactory(), reason="asked")

    assert training_run_create(products=None).product_count == 19
    assert TrainingExample.objects.filter(run=run, sku=rows[0].product.sku).count() == 1
    with pytest.raises(RetrainingRefused, match="forgotten already"):
        forget(product=rows[0].product, actor=None, reason="asked")


def test_a_run_begins_from_what_must_forget_nothing(base):
    rows = approved_captions(20)
    run = training_run_create(products=None)
    run_cancel(run=run, actor=None)
    ModelVersionFactory._meta.model.objects.filter(pk=base.pk).update(state="retired")
    learned = ModelVersionFactory(name="learned", base=base)
    TrainingRun.objects.update(version=learned)
    assert training_run_create(products=None).base == learned
    TrainingRun.objects.filter(version=None).delete()
    forget(author=rows[0].reviewed_by, actor=None, reason="asked")
    assert retraining_preview(products=None).base == base
