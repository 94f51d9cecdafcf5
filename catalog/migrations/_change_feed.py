"""SQL of the change feed and the search index, for the migration that makes them.

SQLite's triggers are in `catalog/change_feed.py`, because they have to be made more than once.
Triggers, so that no writer can forget them: the admin, an import, a bulk statement and a person at
a database prompt are all seen. On PostgreSQL they run at commit, one transaction after the other
under an advisory lock: numbers become visible in their own order, and the lock is always the last
that a transaction takes, so it cannot be part of a circle. SQLite has one writer anyway.
"""

from typing import Any

_POSTGRESQL_TABLES = """
CREATE SEQUENCE catalog_change_sequence;

CREATE TABLE catalog_productsearch (product_id bigint PRIMARY KEY, document tsvector NOT NULL);
CREATE INDEX catalog_productsearch_document ON catalog_productsearch USING gin (document);

CREATE FUNCTION catalog_search_document(product catalog_product) RETURNS tsvector
LANGUAGE sql STABLE AS $$
    -- Hyphens and the like part words here, as they do in the question.
    SELECT to_tsvector('simple', regexp_replace(concat_ws(' ',
        product.sku, product.title, product.brand, product.colour,
        (SELECT name FROM catalog_category WHERE id = product.category_id),
        (SELECT string_agg(standard, ' ') FROM catalog_description
         WHERE product_id = product.id AND state = 'approved')
    ), '[-_./+@:~]+', ' ', 'g'))
$$;
"""

#: What the triggers run; `_change_feed_once.py` has taken its place since.
POSTGRESQL_TOUCH = """
CREATE OR REPLACE FUNCTION catalog_product_touch(touched bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(7305110);
    INSERT INTO catalog_productchange AS known (sku, sequence, at, published, ever_published)
    SELECT sku, nextval('catalog_change_sequence'), clock_timestamp(),
           state = 'published', state = 'published'
    FROM catalog_product WHERE id = touched
    ON CONFLICT (sku) DO UPDATE SET
        sequence = excluded.sequence, at = excluded.at, published = excluded.published,
        ever_published = known.ever_published OR excluded.published;
    INSERT INTO catalog_productsearch AS known (product_id, document)
    SELECT product.id, catalog_search_document(product)
    FROM catalog_product AS product WHERE id = touched
    ON CONFLICT (product_id) DO UPDATE SET document = excluded.document
    WHERE known.document <> excluded.document;
END $$;

CREATE OR REPLACE FUNCTION catalog_product_changed() RETURNS trigger LANGUAGE plpgsql AS $$
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
        PERFORM catalog_product_touch(NEW.id);
    END IF;
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION catalog_part_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM catalog_product_touch(coalesce(NEW.product_id, OLD.product_id));
    RETURN NULL;
END $$;
"""

_POSTGRESQL_TRIGGERS = """
CREATE CONSTRAINT TRIGGER catalog_product_changed
AFTER INSERT OR UPDATE OR DELETE ON catalog_product
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION catalog_product_changed();

CREATE CONSTRAINT TRIGGER catalog_photo_changed
AFTER INSERT OR UPDATE OR DELETE ON catalog_productimage
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION catalog_part_changed();

CREATE CONSTRAINT TRIGGER catalog_text_inserted AFTER INSERT ON catalog_description
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.state = 'approved')
EXECUTE FUNCTION catalog_part_changed();

CREATE CONSTRAINT TRIGGER catalog_text_updated AFTER UPDATE ON catalog_description
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.state = 'approved' OR OLD.state = 'approved')
EXECUTE FUNCTION catalog_part_changed();

CREATE CONSTRAINT TRIGGER catalog_text_deleted AFTER DELETE ON catalog_description
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (OLD.state = 'approved')
EXECUTE FUNCTION catalog_part_changed();

CREATE FUNCTION catalog_category_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE catalog_product SET updated_at = clock_timestamp() WHERE category_id = NEW.id;
    RETURN NULL;
END $$;

CREATE TRIGGER catalog_category_changed AFTER UPDATE OF name, slug ON catalog_category
FOR EACH ROW WHEN (OLD.name <> NEW.name OR OLD.slug <> NEW.slug)
EXECUTE FUNCTION catalog_category_changed();

INSERT INTO catalog_productchange (sku, sequence, at, published, ever_published)
SELECT sku, nextval('catalog_change_sequence'), updated_at,
       state = 'published', state = 'published'
FROM (SELECT * FROM catalog_product ORDER BY updated_at, id) AS product;
INSERT INTO catalog_productsearch
SELECT id, catalog_search_document(product) FROM catalog_product AS product;
"""

_POSTGRESQL_BACK = """
DROP TRIGGER catalog_product_changed ON catalog_product;
DROP TRIGGER catalog_photo_changed ON catalog_productimage;
DROP TRIGGER catalog_text_inserted ON catalog_description;
DROP TRIGGER catalog_text_updated ON catalog_description;
DROP TRIGGER catalog_text_deleted ON catalog_description;
DROP TRIGGER catalog_category_changed ON catalog_category;
DROP FUNCTION catalog_product_changed, catalog_part_changed, catalog_product_touch,
    catalog_category_changed, catalog_search_document;
DROP TABLE catalog_productsearch;
DROP SEQUENCE catalog_change_sequence;
"""

_DOCUMENT = """
    sku || ' ' || title || ' ' || brand || ' ' || colour || ' ' ||
    coalesce((SELECT name FROM catalog_category WHERE id = category_id), '') || ' ' ||
    coalesce((SELECT group_concat(standard, ' ') FROM catalog_description
              WHERE product_id = product.id AND state = 'approved'), '')
"""
SQLITE_INDEX = [
    """CREATE VIRTUAL TABLE catalog_productsearch
       USING fts5(document, tokenize = "unicode61 remove_diacritics 0")""",
    f"""INSERT INTO catalog_productsearch (rowid, document)
        SELECT id, {_DOCUMENT} FROM catalog_product AS product""",
]
_SQLITE = [
    """INSERT INTO catalog_productchange (sku, sequence, at, published, ever_published)
       SELECT sku, row_number() OVER (ORDER BY updated_at, id), updated_at,
              state = 'published', state = 'published' FROM catalog_product""",
    *SQLITE_INDEX,
]
_SQLITE_BACK = ["DROP TABLE catalog_productsearch"]


def forwards(apps: Any, editor: Any) -> None:
    """Make them, and fill both tables from what is there."""
    postgresql = [_POSTGRESQL_TABLES, POSTGRESQL_TOUCH, _POSTGRESQL_TRIGGERS]
    for statement in postgresql if editor.connection.vendor == "postgresql" else _SQLITE:
        editor.execute(statement, params=None)


def backwards(apps: Any, editor: Any) -> None:
    """Take them away again."""
    back = [_POSTGRESQL_BACK] if editor.connection.vendor == "postgresql" else _SQLITE_BACK
    for statement in back:
        editor.execute(statement, params=None)
