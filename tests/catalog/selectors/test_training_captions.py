"""Which approved captions are learned, which are held out, and why others are left out."""

import pytest

from catalog.choices import DescriptionState, ExampleUse, LeftOut
from catalog.models import Forgetting, Product, TrainingCaption
from catalog.selectors.training_captions import LONGEST, captions_choose
from tests.factories import (
    CategoryFactory,
    DescriptionFactory,
    ProductFactory,
    ProductImageFactory,
    UserFactory,
    numbered_photo,
)
from tests.retraining import approved_captions

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


def approved(text="Red shirt of a person.", **more):
    image = more.pop("image", None) or ProductImageFactory()
    given = {
        "product": image.product,
        "standard": text,
        "generated_standard": "",
        "state": DescriptionState.APPROVED,
        "reviewed_by": more.pop("reviewed_by", None) or UserFactory(),
        **more,
    }
    return DescriptionFactory(**given)


def choose(**more):
    return captions_choose(**{"products": None, "language": "en", **more})


def left_out(**more):
    return dict(choose(**more).left_out)


def test_without_an_approved_text_there_is_nothing():
    DescriptionFactory(product=ProductImageFactory().product)
    assert choose().captions == []
    assert left_out() == {}


def test_captions_of_products_with_photos_are_learned_or_held_out():
    rows = approved_captions(40)
    captions = choose().captions
    assert [one.text for one in captions] == [row.standard for row in rows]
    uses = {one.use for one in captions}
    assert uses == {ExampleUse.TRAINING, ExampleUse.HELD_OUT}
    assert captions[0].author_id == rows[0].reviewed_by_id


def test_a_photo_is_held_out_in_every_run_or_in_none():
    approved_captions(60)
    whole = {one.photo_sha256: one.use for one in choose().captions}
    part = choose(products=Product.objects.filter(sku__endswith="3")).captions
    held_out = [use for use in whole.values() if use == ExampleUse.HELD_OUT]
    assert len(part) > 3
    assert 1 <= len(held_out) <= 20
    for one in part:
        if whole[one.photo_sha256] == ExampleUse.HELD_OUT:
            assert one.use == ExampleUse.HELD_OUT


def test_the_same_photo_of_two_products_is_on_one_side():
    category = CategoryFactory()
    for number in range(30):
        for text in ("One.", "Two."):
            product = ProductFactory(category=category)
            image = ProductImageFactory(product=product, photo=numbered_photo(number))
            approved(text, image=image)
    uses = {}
    for one in choose().captions:
        uses.setdefault(one.photo_sha256, set()).add(one.use)
    assert len(uses) == 30
    assert all(len(found) == 1 for found in uses.values())


@pytest.mark.parametrize(
    ("reason", "make"),
    [
        (LeftOut.PHOTO_GONE, lambda: approved(product=ProductFactory())),
        (LeftOut.TOO_LONG, lambda: approved("word " * 5_000)),
        (LeftOut.OTHER_SCRIPT, lambda: approved("Κόκκινο πουκάμισο για άνδρες")),
        (
            LeftOut.TOO_FEW,
            lambda: [approved(f"Hat {n}", product=ProductImageFactory(
                product__category=CategoryFactory(name="Hats")).product) for n in range(1)],
        ),
    ],
)  # fmt: skip
def test_what_is_left_out_says_why(reason, make):
    approved_captions(8)
    make()
    assert left_out() == {reason: 1}
    assert len(choose().captions) == 8


def test_a_machines_text_that_nobody_reviewed_is_left_out():
    for row in approved_captions(8)[:2]:
        type(row).objects.filter(pk=row.pk).update(
            generated_standard=row.standard, created_by=None, reviewed_by=None
        )
    assert left_out() == {LeftOut.MACHINE_UNSEEN: 2}


def test_twins_are_learned_once():
    category = CategoryFactory()
    for _ in range(4):
        image = ProductImageFactory(product__category=category, photo=numbered_photo(7))
        approved("The same.", image=image)
    assert left_out() == {LeftOut.IDENTICAL: 3, LeftOut.TOO_FEW: 1}


def test_imported_captions_are_learned_too():
    rows = approved_captions(8)
    TrainingCaption.objects.create(product=rows[0].product, text="Another text.")
    assert [one.text for one in choose().captions][-1] == "Another text."


def test_what_is_forgotten_is_left_out():
    rows = approved_captions(8)
    Forgetting.objects.create(product=rows[0].product, reason="asked")
    assert left_out() == {LeftOut.FORGOTTEN: 1}
    Forgetting.objects.create(author=rows[0].reviewed_by, reason="asked")
    assert left_out() == {LeftOut.FORGOTTEN: 8}


def test_a_brand_keeps_to_its_products():
    approved_captions(6)
    approved_captions(6, brand="Acme")
    assert len(choose(scope="brand:Acme").captions) == 6


def test_long_is_longer_than_any_model_reads():
    approved_captions(8)
    approved("a" * LONGEST)
    assert LeftOut.TOO_LONG not in left_out()
