"""A catalog of any size, filled by the database in minutes: two photos and a text per product.

Triggers are off meanwhile: row by row they would take an hour. One statement per table writes what
they would write.
"""

from django.db import connection

_TABLES = ("catalog_product", "catalog_productimage", "catalog_description")

_FILL = """
INSERT INTO catalog_category (name, slug)
SELECT 'Category ' || n, 'category-' || n FROM generate_series(1, 40) AS n;

INSERT INTO catalog_product (sku, title, brand, category_id, colour, gender, attributes, state,
                             created_at, updated_at)
SELECT 'SKU-' || lpad(n::text, 8, '0'),
       (ARRAY['Linen', 'Cotton', 'Wool', 'Silk', 'Denim'])[1 + n % 5] || ' ' ||
       (ARRAY['shirt', 'jacket', 'dress', 'trousers', 'shoes', 'scarf'])[1 + n % 6] || ' ' || n,
       'Brand ' || n % 300,
       (SELECT min(id) FROM catalog_category) + n % 40,
       (ARRAY['Red', 'Blue', 'White', 'Black', 'Green', 'Grey', 'Navy'])[1 + n % 7],
       (ARRAY['men', 'women', 'boys', 'girls', 'unisex'])[1 + n % 5],
       jsonb_build_object('Fabric', 'Linen', 'Sleeve', 'Long', 'Fit', 'Regular', 'Number', n),
       'published', now() - interval '1 day', now() - interval '1 day'
FROM generate_series(1, {count}) AS n;

INSERT INTO catalog_productimage (product_id, file, thumbnail, sha256, perceptual_hash, width,
                                  height, byte_size, position, created_at)
SELECT id, 'photos/ab/' || md5(id::text || place) || '.jpg',
       'thumbnails/ab/' || md5(id::text || place) || '.jpg',
       md5(id::text || place) || md5(place || id::text), '', 900, 1200, 90000, place, now()
FROM catalog_product, generate_series(0, 1) AS place;

INSERT INTO catalog_description (product_id, language, state, standard, alt_text, detailed,
    generated_standard, generated_alt_text, generated_detailed, facts, options, authorship,
    numeric_mode, model_version_id, confidence, rejection_reason, created_at, updated_at,
    reviewed_at, known, brief, contradictions, photo_disagrees, page_title, bullets, meta_title,
    meta_description, generated_page_title, generated_bullets, generated_meta_title,
    generated_meta_description)
SELECT product.id, 'en', 'approved', words.text, title, words.text || ' ' || words.text,
       words.text, title, words.text || ' ' || words.text, '', '{{}}', '{{}}',
       '', (SELECT id FROM catalog_modelversion), 0.9, '', now(), now(), now(), '{{}}', '{{}}', 0,
       false, '', '', '', '', '', '', '', ''
FROM catalog_product AS product, LATERAL (
    SELECT title || ' in ' || lower(colour) || ' by ' || brand || ', made for everyday wear, with '
           || 'a regular fit, long sleeves and a collar that keeps its shape.' AS text
) AS words;

INSERT INTO catalog_productchange (sku, sequence, at, published, ever_published)
SELECT sku, nextval('catalog_change_sequence'), updated_at, true, true
FROM catalog_product ORDER BY id;

INSERT INTO catalog_productsearch
SELECT id, catalog_search_document(product) FROM catalog_product AS product;
"""


def catalog_fill(count: int) -> None:
    """Make `count` products in an empty, migrated database."""
    from catalog.models import ModelVersion  # its app is not loaded at the import of this module

    ModelVersion.objects.create(name="bench-1", state="active", weights_sha256="0" * 64)
    with connection.cursor() as cursor:
        for table in _TABLES:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        for statement in _FILL.format(count=int(count)).split(";\n"):
            if statement.strip():
                cursor.execute(statement)
        for table in _TABLES:
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
        cursor.execute("VACUUM ANALYZE")
