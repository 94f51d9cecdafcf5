"""Rows inserted by COPY (or Django's own way) are the rows that Django would have saved."""

import pytest
from django.db import IntegrityError, transaction

from catalog.bulk_insert import rows_insert
from catalog.models import ImportRow, Product, ProductImport

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]

ODD = 'tab\t, "quote", back\\slash, \\N, line\nline, é, 日本, ', "\\.", ""


def test_odd_values_arrive_and_keys_are_known():
    rows = rows_insert(
        Product,
        (
            Product(sku=f"P-{number}", title="T", brand=text, attributes={"a": text, "b": None})
            for number, text in enumerate(ODD)
        ),
    )
    for row, text in zip(rows, ODD, strict=True):
        found = Product.objects.get(pk=row.pk)
        assert (found.brand, found.attributes) == (text, {"a": text, "b": None})
        assert found.created_at is not None
        assert found.updated_at == row.updated_at
    assert Product.objects.create(sku="next", title="T").pk > max(row.pk for row in rows)


def test_no_rows_are_no_statement(django_assert_num_queries):
    with django_assert_num_queries(0):
        assert rows_insert(Product, []) == []


def test_constraints_hold():
    product_import = ProductImport.objects.create(path="x", name="x")
    rows = [
        ImportRow(product_import=product_import, number=1, line=number, outcome="new")
        for number in range(2)
    ]
    with pytest.raises(IntegrityError), transaction.atomic():
        rows_insert(ImportRow, rows)
    assert ImportRow.objects.count() == 0
