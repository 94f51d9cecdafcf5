"""The change feed sees translations and further categories, and the search reads both.

A document is indexed without the accents of Latin letters (`catalog/folding.py`), so `hor` finds
`hør`. SQLite's triggers are in `catalog/change_feed.py`; here its index gets the tokenizer that
folds, and both indexes are filled again.
"""

from typing import Any

from catalog.migrations import _change_feed, _change_feed_once

_WORDS = """concat_ws(' ',
        product.sku, product.title, product.brand, product.colour,
        (SELECT name FROM catalog_category WHERE id = product.category_id),
        (SELECT string_agg(category.name, ' ') FROM catalog_productcategory AS place
         JOIN catalog_category AS category ON category.id = place.category_id
         WHERE place.product_id = product.id),
        (SELECT string_agg(concat_ws(' ', title, colour), ' ') FROM catalog_producttranslation
         WHERE product_id = product.id),
        (SELECT string_agg(standard, ' ') FROM catalog_description
         WHERE product_id = product.id AND state = 'approved')
    )"""
#: Letters that no normal form takes apart, and what they are searched by.
_SINGLE = ("øØłŁđĐðÐıħĦ", "oOlLdDdDihH")
_DOUBLE = (
    *(("æ", "ae"), ("Æ", "Ae"), ("œ", "oe"), ("Œ", "Oe")),
    *(("ß", "ss"), ("ẞ", "Ss"), ("þ", "th"), ("Þ", "Th")),
)
_PLAIN = rf"""normalize(regexp_replace(normalize({_WORDS}, NFD),
        '([A-Za-z])[\u0300-\u036f]+', '\1', 'g'), NFC)"""
for _letter, _plain in _DOUBLE:
    _PLAIN = f"replace({_PLAIN}, '{_letter}', '{_plain}')"
_PLAIN = f"translate({_PLAIN}, '{_SINGLE[0]}', '{_SINGLE[1]}')"
_VECTOR = f"to_tsvector('simple', regexp_replace({_PLAIN}, '[-_./+@:~]+', ' ', 'g'))"

_FUNCTIONS = f"""
CREATE OR REPLACE FUNCTION catalog_product_index(touched bigint, command bigint) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO catalog_productsearch AS known (product_id, document)
    SELECT product.id, {_VECTOR}
    FROM catalog_product AS product
    WHERE id = touched AND NOT EXISTS (
        SELECT FROM catalog_productsearch AS made
        WHERE made.product_id = touched AND made.xmin = pg_current_xact_id()::xid
            AND made.cmin::text::bigint > command
    )
    ON CONFLICT (product_id) DO UPDATE SET document = excluded.document
    WHERE known.document <> excluded.document;
END $$;

CREATE OR REPLACE FUNCTION catalog_part_changed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    command bigint;
BEGIN
    IF TG_OP <> 'DELETE' THEN
        EXECUTE format(
            'SELECT cmin::text::bigint FROM %I WHERE id = $1 AND xmin = pg_current_xact_id()::xid',
            TG_TABLE_NAME
        ) INTO command USING NEW.id;
    END IF;
    PERFORM catalog_product_note(coalesce(NEW.product_id, OLD.product_id), command);
    IF TG_TABLE_NAME <> 'catalog_productimage' THEN
        PERFORM catalog_product_index(coalesce(NEW.product_id, OLD.product_id), command);
    END IF;
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION catalog_category_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE catalog_product SET updated_at = clock_timestamp() WHERE category_id = NEW.id
        OR id IN (SELECT product_id FROM catalog_productcategory WHERE category_id = NEW.id);
    RETURN NULL;
END $$;
"""
_TRIGGERS = """
CREATE CONSTRAINT TRIGGER catalog_translation_changed
AFTER INSERT OR UPDATE OR DELETE ON catalog_producttranslation
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION catalog_part_changed();

CREATE CONSTRAINT TRIGGER catalog_place_changed
AFTER INSERT OR UPDATE OR DELETE ON catalog_productcategory
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION catalog_part_changed();
"""
_REFILL = f"""
TRUNCATE catalog_productsearch;
INSERT INTO catalog_productsearch (product_id, document)
SELECT product.id, {_VECTOR} FROM catalog_product AS product;
"""
_SQLITE_DOCUMENT = """
    sku || ' ' || title || ' ' || brand || ' ' || colour || ' ' ||
    coalesce((SELECT name FROM catalog_category WHERE id = category_id), '') || ' ' ||
    coalesce((SELECT group_concat(standard, ' ') FROM catalog_description
              WHERE product_id = product.id AND state = 'approved'), '')
"""
for _letter, _plain in (*_DOUBLE, *zip(*_SINGLE, strict=True)):
    _SQLITE_DOCUMENT = f"replace({_SQLITE_DOCUMENT}, '{_letter}', '{_plain}')"
_SQLITE = [
    "DROP TABLE catalog_productsearch",
    """CREATE VIRTUAL TABLE catalog_productsearch
       USING fts5(document, tokenize = "unicode61 remove_diacritics 2")""",
    f"""INSERT INTO catalog_productsearch (rowid, document)
        SELECT id, {_SQLITE_DOCUMENT} FROM catalog_product AS product""",
]

_FORMER_CATEGORY = """
CREATE OR REPLACE FUNCTION catalog_category_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE catalog_product SET updated_at = clock_timestamp() WHERE category_id = NEW.id;
    RETURN NULL;
END $$;
"""


def forwards(apps: Any, editor: Any) -> None:
    """Make them, and fill the index again."""
    postgresql = [_FUNCTIONS, _TRIGGERS, _REFILL]
    for statement in postgresql if editor.connection.vendor == "postgresql" else _SQLITE:
        editor.execute(statement, params=None)


def backwards(apps: Any, editor: Any) -> None:
    """The former functions and index."""
    if editor.connection.vendor == "postgresql":
        editor.execute(
            "DROP TRIGGER catalog_translation_changed ON catalog_producttranslation;"
            "DROP TRIGGER catalog_place_changed ON catalog_productcategory;",
            params=None,
        )
        editor.execute(_change_feed_once.FUNCTIONS, params=None)
        editor.execute(_FORMER_CATEGORY, params=None)
        return
    for statement in ("DROP TABLE catalog_productsearch", *_change_feed.SQLITE_INDEX):
        editor.execute(statement, params=None)
