"""`manage.py retrain`: says what would be learned, and asks for it."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from catalog.models import TrainingRun
from tests.factories import ModelVersionFactory
from tests.retraining import approved_captions

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def few_are_enough(settings):
    settings.RETRAIN_MINIMUM = 4


def retrain(*arguments):
    output = StringIO()
    call_command("retrain", *arguments, stdout=output, stderr=StringIO())
    return output.getvalue()


def test_a_dry_run_says_what_would_be_learned():
    ModelVersionFactory(name="in use")
    approved_captions(20)
    said = retrain("--dry-run")
    assert "of 20 products" in said
    assert "from in use." in said
    assert "10 × Shoes" in said
    assert not TrainingRun.objects.exists()


def test_named_products_a_brand_and_a_seed_are_what_is_asked_for():
    ModelVersionFactory(name="in use")
    rows = approved_captions(20, brand="Acme")
    skus = [row.product.sku for row in rows[:12]]
    retrain(*skus, "--brand", "Acme", "--seed", "7", "--epochs", "3", "--no-wait")
    run = TrainingRun.objects.get()
    assert (run.scope, run.way, run.product_count) == ("brand:Acme", "adapter", 12)
    assert run.options == {"seed": 7, "epochs": 3}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [(["NO-SUCH"], "There is no product NO-SUCH"), ([], "has an approved description")],
)
def test_what_cannot_be_learned_is_refused(arguments, message):
    ModelVersionFactory(name="in use")
    with pytest.raises(CommandError, match=message):
        retrain(*arguments, "--no-wait")
    assert not TrainingRun.objects.exists()
