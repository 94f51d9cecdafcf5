"""Categories by path: found by every part, created once, and read back."""

import pytest

from catalog.category_tree import CategoryTree
from catalog.models import Category

pytestmark = pytest.mark.django_db


def test_a_path_is_created_once_part_by_part():
    tree = CategoryTree()
    assert tree.find("Apparel > Topwear") is None

    topwear, made = tree.make("Apparel > Topwear")
    assert [(c.pk, c.name, c.slug) for c in Category.objects.order_by("pk")] == [
        (made[0], "Apparel", "apparel"),
        (made[1], "Topwear", "apparel-topwear"),
    ]
    assert topwear == made[1]
    assert tree.find("Apparel > Topwear") == topwear
    assert tree.make("Apparel > Topwear") == (topwear, [])

    shoes, more = tree.make("Apparel > Shoes")
    assert more == [shoes]
    assert Category.objects.get(pk=shoes).parent_id == made[0]
    assert CategoryTree().path(shoes) == "Apparel > Shoes"


def test_a_name_without_latin_letters_has_a_digest_as_its_slug():
    tree = CategoryTree()
    first, _ = tree.make("男装")
    second, _ = tree.make("女装")
    assert first != second
    assert tree.path(second) == "女装"


def test_a_label_is_the_name_where_no_other_category_has_it():
    tree = CategoryTree()
    men, women = tree.make("Men > Shoes")[0], tree.make("Women > shoes")[0]
    bags = tree.make("Women > Bags")[0]
    for known in (tree, CategoryTree()):
        assert [known.label(one) for one in (men, women, bags)] == [
            "Men > Shoes",
            "Women > shoes",
            "Bags",
        ]


def test_a_circle_of_parents_ends():
    one = Category.objects.create(name="One", slug="one")
    two = Category.objects.create(name="Two", slug="two", parent=one)
    Category.objects.filter(pk=one.pk).update(parent=two)
    assert CategoryTree().path(one.pk) == "Two > One"
    assert CategoryTree().path(None) == ""
