"""The further categories of products, read from the catalog and written to it."""

from collections.abc import Collection, Mapping, Sequence

from catalog.bulk_insert import rows_insert
from catalog.category_tree import CategoryTree
from catalog.models import ProductCategory
from catalog.tables.shelves import shelves_of, shelves_text


def further_present(products: Collection[int], tree: CategoryTree) -> dict[int, list[str]]:
    """By key of a product, the paths of its further categories in their order."""
    found: dict[int, list[str]] = {}
    rows = ProductCategory.objects.filter(product__in=products).order_by("position", "pk")
    for product, category in rows.values_list("product_id", "category_id"):
        found.setdefault(product, []).append(tree.path(category))
    return found


def further_replace(wanted: Mapping[int, str], tree: CategoryTree) -> None:
    """Give each product (by key) the further categories of a fact; what it had goes.

    The caller has locked the products, and made the categories.
    """
    ids = {
        product: [tree.find(path) for path in shelves_of(fact)] for product, fact in wanted.items()
    }
    further_write(
        {product: found[1:] for product, found in ids.items()},
        main={product: found[0] if found else None for product, found in ids.items()},
    )


def further_write(
    wanted: Mapping[int, Sequence[int | None]], *, main: Mapping[int, int | None]
) -> None:
    """Replace the further categories, by key of the product, without its main one."""
    ProductCategory.objects.filter(product__in=wanted).delete()
    rows_insert(
        ProductCategory,
        (
            ProductCategory(product_id=product, category_id=category, position=position)
            for product, found in wanted.items()
            for position, category in enumerate(dict.fromkeys(found))
            if category is not None and category != main.get(product)
        ),
    )


def canonical(fact: str, tree: CategoryTree) -> str:
    """The fact with the present paths of categories that it knows by former ones."""
    paths = shelves_of(fact)
    return shelves_text(tree.path(tree.find(path)) or path for path in paths)
