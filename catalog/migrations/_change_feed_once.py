"""The change feed notes a change once, however many triggers see it at the commit.

An import writes a product and its text together, so each product was numbered and indexed twice.
Now a trigger leaves that out where number or document were made in this transaction by a later
command (`cmin`) than the one that wrote its row: they know of the row already. What is not certain
is done: a row deleted since, or written under a savepoint. Photos are no part of the document.
"""

from typing import Any

from catalog.migrations._change_feed import POSTGRESQL_TOUCH

FUNCTIONS = """
CREATE OR REPLACE FUNCTION catalog_product_note(touched bigint, command bigint) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(7305110);
    INSERT INTO catalog_productchange AS known (sku, sequence, at, published, ever_published)
    SELECT sku, nextval('catalog_change_sequence'), clock_timestamp(),
           state = 'published', state = 'published'
    FROM catalog_product AS product
    WHERE id = touched AND NOT EXISTS (
        SELECT FROM catalog_productchange AS noted
        WHERE noted.sku = product.sku AND noted.xmin = pg_current_xact_id()::xid
            AND noted.cmin::text::bigint > command
    )
    ON CONFLICT (sku) DO UPDATE SET
        sequence = excluded.sequence, at = excluded.at, published = excluded.published,
        ever_published = known.ever_published OR excluded.published;
END $$;

CREATE OR REPLACE FUNCTION catalog_product_index(touched bigint, command bigint) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    -- Not by catalog_search_document: a function in SQL is planned anew for each call.
    INSERT INTO catalog_productsearch AS known (product_id, document)
    SELECT product.id, to_tsvector('simple', regexp_replace(concat_ws(' ',
        product.sku, product.title, product.brand, product.colour,
        (SELECT name FROM catalog_category WHERE id = product.category_id),
        (SELECT string_agg(standard, ' ') FROM catalog_description
         WHERE product_id = product.id AND state = 'approved')
    ), '[-_./+@:~]+', ' ', 'g'))
    FROM catalog_product AS product
    WHERE id = touched AND NOT EXISTS (
        SELECT FROM catalog_productsearch AS made
        WHERE made.product_id = touched AND made.xmin = pg_current_xact_id()::xid
            AND made.cmin::text::bigint > command
    )
    ON CONFLICT (product_id) DO UPDATE SET document = excluded.document
    WHERE known.document <> excluded.document;
END $$;

CREATE OR REPLACE FUNCTION catalog_product_changed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    command bigint;
BEGIN
    IF TG_OP = 'DELETE' OR (TG_OP = 'UPDATE' AND NEW.sku <> OLD.sku) THEN
        PERFORM pg_advisory_xact_lock(7305110);
        UPDATE catalog_productchange
        SET sequence = nextval('catalog_change_sequence'), at = clock_timestamp(), published = false
        WHERE sku = OLD.sku AND NOT EXISTS (SELECT FROM catalog_product WHERE sku = OLD.sku);
    END IF;
    IF TG_OP = 'DELETE' THEN
        DELETE FROM catalog_productsearch WHERE product_id = OLD.id;
    ELSE
        SELECT cmin::text::bigint INTO command FROM catalog_product
        WHERE id = NEW.id AND xmin = pg_current_xact_id()::xid;
        PERFORM catalog_product_note(NEW.id, command);
        PERFORM catalog_product_index(NEW.id, command);
    END IF;
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION catalog_part_changed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    command bigint;
BEGIN
    IF TG_OP <> 'DELETE' AND TG_TABLE_NAME = 'catalog_description' THEN
        SELECT cmin::text::bigint INTO command FROM catalog_description
        WHERE id = NEW.id AND xmin = pg_current_xact_id()::xid;
    ELSIF TG_OP <> 'DELETE' THEN
        SELECT cmin::text::bigint INTO command FROM catalog_productimage
        WHERE id = NEW.id AND xmin = pg_current_xact_id()::xid;
    END IF;
    PERFORM catalog_product_note(coalesce(NEW.product_id, OLD.product_id), command);
    IF TG_TABLE_NAME = 'catalog_description' THEN
        PERFORM catalog_product_index(coalesce(NEW.product_id, OLD.product_id), command);
    END IF;
    RETURN NULL;
END $$;
"""


def forwards(apps: Any, editor: Any) -> None:
    """Put them in the place of the former ones. SQLite's triggers are left as they are."""
    if editor.connection.vendor == "postgresql":
        editor.execute(FUNCTIONS, params=None)
        editor.execute("DROP FUNCTION catalog_product_touch(bigint)", params=None)


def backwards(apps: Any, editor: Any) -> None:
    """The former ones."""
    if editor.connection.vendor == "postgresql":
        editor.execute(POSTGRESQL_TOUCH, params=None)
        editor.execute("DROP FUNCTION catalog_product_note, catalog_product_index", params=None)
