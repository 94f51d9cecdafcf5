"""The change feed: every writer is seen, numbers rise, tombstones stay, the search follows."""

import pytest
from django.db import connection, transaction

from catalog.change_feed import changes_note, triggers_create, triggers_drop
from catalog.choices import DescriptionState, ProductState
from catalog.models import (
    Category,
    Product,
    ProductCategory,
    ProductChange,
    ProductTranslation,
)
from catalog.selectors.products import products_matching
from catalog.transitions.description import description_approve, description_withdraw
from tests.factories import CategoryFactory, DescriptionFactory, ProductFactory, ProductImageFactory

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


def changes():
    """(sku, published, ever published) in the order of their last change."""
    rows = ProductChange.objects.order_by("sequence")
    return list(rows.values_list("product_id", "published", "ever_published"))


def found(words):
    return sorted(products_matching(Product.objects.all(), words).values_list("sku", flat=True))


def test_each_writer_is_seen_in_order():
    ProductFactory(sku="A")
    Product.objects.bulk_create([Product(sku="B", title="b"), Product(sku="C", title="c")])
    assert changes() == [("A", True, True), ("B", False, False), ("C", False, False)]
    Product.objects.filter(sku="B").update(title="other")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE catalog_product SET title = 'raw' WHERE sku = 'A'")
    assert [sku for sku, *_ in changes()] == ["C", "B", "A"]


def test_what_was_published_leaves_a_tombstone():
    product = ProductFactory(sku="A")
    ProductFactory(sku="DRAFT", state=ProductState.DRAFT).delete()
    Product.objects.filter(pk=product.pk).update(state=ProductState.DRAFT)
    assert changes() == [("DRAFT", False, False), ("A", False, True)]
    product.delete()
    assert changes() == [("DRAFT", False, False), ("A", False, True)]
    ProductFactory(sku="A")
    assert changes()[-1] == ("A", True, True)
    assert ProductChange.objects.get(pk="A").product.title


def test_another_sku_is_an_end_and_a_beginning():
    product = ProductFactory(sku="OLD")
    product.sku = "NEW"
    product.save()
    assert sorted(changes()) == [("NEW", True, True), ("OLD", False, True)]


def test_a_category_by_another_name_changes_its_products():
    shirts = CategoryFactory(name="Shirts")
    ProductFactory(sku="A", category=shirts)
    ProductFactory(sku="B")
    Category.objects.filter(pk=shirts.pk).update(name="Blouses")
    assert [sku for sku, *_ in changes()] == ["B", "A"]
    assert (found("shirts"), found("blouses")) == ([], ["A"])


def test_photos_and_approved_texts_change_their_product_whoever_writes_them():
    first, second = ProductFactory(sku="A"), ProductFactory(sku="B")
    image = ProductImageFactory(product=first)
    assert [sku for sku, *_ in changes()] == ["B", "A"]
    text = DescriptionFactory(product=second)
    assert [sku for sku, *_ in changes()] == ["B", "A"]
    type(text).objects.update(state=DescriptionState.APPROVED)
    assert [sku for sku, *_ in changes()] == ["A", "B"]
    image.delete()
    assert [sku for sku, *_ in changes()] == ["B", "A"]
    text.delete()
    assert [sku for sku, *_ in changes()] == ["A", "B"]


def test_the_search_follows_product_and_approved_text():
    text = DescriptionFactory(product__sku="SH-1", product__title="Shirt", standard="Brass buttons")
    assert (found("shirt sh-1"), found("brass")) == (["SH-1"], [])
    description_approve(description=text, actor=None)
    assert found("BUTTONS shir") == ["SH-1"]
    description_withdraw(description=text, actor=None)
    assert found("brass") == []
    Product.objects.update(title="Blouse")
    assert (found("shirt"), found("blouse")) == ([], ["SH-1"])
    Product.objects.all().delete()
    assert found("blouse") == []


def test_translations_and_further_categories_change_their_product_and_its_search():
    first, second = ProductFactory(sku="A", title="Shirt"), ProductFactory(sku="B")
    translation = ProductTranslation.objects.create(
        product=first, language="de", title="Hemd", colour="Blau"
    )
    assert ([sku for sku, *_ in changes()], found("hemd blau shirt")) == (["B", "A"], ["A"])
    sale = CategoryFactory(name="Sale")
    place = ProductCategory.objects.create(product=second, category=sale)
    assert ([sku for sku, *_ in changes()], found("sale")) == (["A", "B"], ["B"])
    ProductTranslation.objects.update(title="Oberhemd")
    assert ([sku for sku, *_ in changes()], found("hemd")) == (["B", "A"], [])
    Category.objects.filter(pk=sale.pk).update(name="Bargains")
    assert ([sku for sku, *_ in changes()], found("sale"), found("bargains")) == (
        ["A", "B"], [], ["B"],
    )  # fmt: skip
    translation.delete()
    assert ([sku for sku, *_ in changes()], found("oberhemd")) == (["B", "A"], [])
    place.delete()
    assert ([sku for sku, *_ in changes()], found("bargains")) == (["A", "B"], [])


@pytest.mark.parametrize(
    ("title", "words"),
    [
        *[("Skjorte i hør", words) for words in ("hor", "HØR", "hør", "ho\u0308r")],
        *[("RØD kjole", words) for words in ("rød", "rod", "RØD", "ROD KJ")],
        *[("Crème brûlée", words) for words in ("creme", "CRÈME brulee")],
        *[("Łódź", words) for words in ("lodz", "ŁÓDŹ")],
        *[("Weißes Hemd", words) for words in ("weisses", "weißes")],
        *[("Việt áo dài", words) for words in ("viet ao dai", "việt")],
        *[("Чёрный пиджак", words) for words in ("чёрный", "пиджак")],
        *[("男装 T恤", words) for words in ("男装",)],
    ],
)
def test_accents_and_case_do_not_matter_to_the_search(title, words):
    ProductFactory(sku="A", title=title)
    ProductFactory(sku="B", title="Other")
    assert found(words) == ["A"]


@pytest.mark.parametrize("words", ["%", "' OR 1=1 --", '"', "*", "a* AND", "&|!", "\\", "( NEAR"])
def test_no_word_is_a_command(words):
    DescriptionFactory(standard="x", state=DescriptionState.APPROVED, product__title="Shirt")
    assert found(words) == []


def test_sqlite_gets_its_triggers_back_after_a_migration():
    if connection.vendor != "sqlite":
        assert "catalog_product_changed" in trigger_names()
        return
    before = trigger_names()
    triggers_drop(connection)
    assert trigger_names() == set()
    triggers_create(connection)
    triggers_create(connection)
    assert trigger_names() == before
    assert len(before) == 17


def trigger_names():
    table = "sqlite_master WHERE type = 'trigger'"
    query = "SELECT tgname FROM pg_trigger" if connection.vendor != "sqlite" else None
    with connection.cursor() as cursor:
        cursor.execute(query or f"SELECT name FROM {table}")
        return {name for (name,) in cursor.fetchall()}


def numbers_given():
    with connection.cursor() as cursor:
        cursor.execute("SELECT last_value FROM catalog_change_sequence")
        return cursor.fetchone()[0]


@pytest.mark.django_db(transaction=True)
def test_a_product_and_its_text_are_noted_once_at_commit(postgres_server):
    before = numbers_given()
    with transaction.atomic():
        product = ProductFactory(sku="A", title="Anorak")
        DescriptionFactory(product=product, state=DescriptionState.APPROVED, standard="Windproof.")
        ProductImageFactory(product=product)
    assert numbers_given() == before + 1 == ProductChange.objects.get().sequence
    assert (found("anorak"), found("windproof")) == (["A"], ["A"])


@pytest.mark.django_db(transaction=True)
def test_what_changes_after_it_was_noted_is_noted_again(postgres_server):
    product = ProductFactory(sku="A", title="Anorak")
    with transaction.atomic():
        Product.objects.filter(pk=product.pk).update(title="Blouson")
        changes_note()
        noted = ProductChange.objects.get().sequence
        with transaction.atomic():
            text = DescriptionFactory(product=product, state="approved", standard="Windproof.")
        Product.objects.filter(pk=product.pk).update(title="Coat", state=ProductState.DRAFT)
        text.delete()
    change = ProductChange.objects.get()
    assert (change.published, change.sequence > noted) == (False, True)
    assert [found(word) for word in ("anorak", "blouson", "coat", "windproof")] == [
        [],
        [],
        ["A"],
        [],
    ]


@pytest.mark.django_db(transaction=True)
def test_a_change_under_a_savepoint_that_was_rolled_back_leaves_the_document(postgres_server):
    product = ProductFactory(sku="A", title="Anorak")
    with transaction.atomic():
        savepoint = transaction.savepoint()
        Product.objects.filter(pk=product.pk).update(title="Blouson")
        changes_note()
        transaction.savepoint_rollback(savepoint)
        Product.objects.filter(pk=product.pk).update(brand="Wren")
    assert (found("anorak"), found("blouson"), found("wren")) == (["A"], [], ["A"])
