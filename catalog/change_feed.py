"""The change feed's triggers; `migrations/_change_feed.py` says what they are for.

That migration creates PostgreSQL's, which stay. SQLite drops the triggers of a table when a
migration changes it, so this module creates them again after every migration.
"""

from typing import Any

from django.db import connection as default_connection
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

from catalog.folding import LETTERS

# As Django writes times, so that they compare as texts.
_NOW = "strftime('%Y-%m-%d %H:%M:%f000', 'now')"
_NEXT = "(SELECT coalesce(max(sequence), 0) + 1 FROM catalog_productchange)"
_WORDS = """
    sku || ' ' || title || ' ' || brand || ' ' || colour || ' ' ||
    coalesce((SELECT name FROM catalog_category WHERE id = category_id), '') || ' ' ||
    coalesce((SELECT group_concat(category.name, ' ') FROM catalog_productcategory AS place
              JOIN catalog_category AS category ON category.id = place.category_id
              WHERE place.product_id = product.id), '') || ' ' ||
    coalesce((SELECT group_concat(translation.title || ' ' || translation.colour, ' ')
              FROM catalog_producttranslation AS translation
              WHERE translation.product_id = product.id), '') || ' ' ||
    coalesce((SELECT group_concat(standard, ' ') FROM catalog_description
              WHERE product_id = product.id AND state = 'approved'), '')
"""


def _folded(words: str) -> str:
    """The expression without letters that FTS5 takes for letters of their own, such as ø."""
    for letter, plain in LETTERS.items():
        words = f"replace({words}, '{letter}', '{plain}')"
    return words


#: What the search reads of a row of `catalog_product AS product`.
_DOCUMENT = _folded(_WORDS)


def _touched(row: str) -> str:
    """Statements for the body of a trigger on the product `row`."""
    return f"""
        INSERT INTO catalog_productchange (sku, sequence, at, published, ever_published)
        SELECT sku, {_NEXT}, {_NOW}, state = 'published', state = 'published'
        FROM catalog_product WHERE id = {row}
        ON CONFLICT (sku) DO UPDATE SET
            sequence = excluded.sequence, at = excluded.at, published = excluded.published,
            ever_published = ever_published OR excluded.published;
        DELETE FROM catalog_productsearch WHERE rowid = {row};
        INSERT INTO catalog_productsearch (rowid, document)
        SELECT id, {_DOCUMENT} FROM catalog_product AS product WHERE id = {row};
    """


def _part_triggers(name: str, table: str) -> list[str]:
    """Triggers of a table whose rows all show."""
    return [
        f"""CREATE TRIGGER catalog_{name}_{step} AFTER {event} ON {table}
            BEGIN {_touched(f"{row}.product_id")} END"""
        for step, event, row in (
            *(("inserted", "INSERT", "NEW"), ("updated", "UPDATE", "NEW")),
            ("deleted", "DELETE", "OLD"),
        )
    ]


_TOMBSTONE = f"""
    UPDATE catalog_productchange
    SET sequence = {_NEXT}, at = {_NOW}, published = false WHERE sku = OLD.sku;
"""
_APPROVED = "'approved'"

_TRIGGERS = [
    f"""CREATE TRIGGER catalog_product_inserted AFTER INSERT ON catalog_product
        BEGIN {_touched("NEW.id")} END""",
    f"""CREATE TRIGGER catalog_product_updated AFTER UPDATE ON catalog_product
        BEGIN {_touched("NEW.id")} END""",
    f"""CREATE TRIGGER catalog_product_renamed AFTER UPDATE OF sku ON catalog_product
        WHEN OLD.sku <> NEW.sku BEGIN {_TOMBSTONE} END""",
    f"""CREATE TRIGGER catalog_product_deleted AFTER DELETE ON catalog_product
        BEGIN {_TOMBSTONE} DELETE FROM catalog_productsearch WHERE rowid = OLD.id; END""",
    f"""CREATE TRIGGER catalog_category_changed AFTER UPDATE OF name, slug ON catalog_category
        WHEN OLD.name <> NEW.name OR OLD.slug <> NEW.slug
        BEGIN UPDATE catalog_product SET updated_at = {_NOW} WHERE category_id = NEW.id
            OR id IN (SELECT product_id FROM catalog_productcategory WHERE category_id = NEW.id);
        END""",
    f"""CREATE TRIGGER catalog_photo_inserted AFTER INSERT ON catalog_productimage
        BEGIN {_touched("NEW.product_id")} END""",
    f"""CREATE TRIGGER catalog_photo_updated AFTER UPDATE ON catalog_productimage
        BEGIN {_touched("NEW.product_id")} END""",
    f"""CREATE TRIGGER catalog_photo_deleted AFTER DELETE ON catalog_productimage
        BEGIN {_touched("OLD.product_id")} END""",
    f"""CREATE TRIGGER catalog_text_inserted AFTER INSERT ON catalog_description
        WHEN NEW.state = {_APPROVED} BEGIN {_touched("NEW.product_id")} END""",
    f"""CREATE TRIGGER catalog_text_updated AFTER UPDATE ON catalog_description
        WHEN NEW.state = {_APPROVED} OR OLD.state = {_APPROVED}
        BEGIN {_touched("NEW.product_id")} END""",
    f"""CREATE TRIGGER catalog_text_deleted AFTER DELETE ON catalog_description
        WHEN OLD.state = {_APPROVED} BEGIN {_touched("OLD.product_id")} END""",
    *_part_triggers("translation", "catalog_producttranslation"),
    *_part_triggers("place", "catalog_productcategory"),
]
_NAMES = tuple(statement.split()[2] for statement in _TRIGGERS)


#: PostgreSQL's, which otherwise wait for the commit.
WAITING = (
    "catalog_product_changed, catalog_photo_changed, catalog_text_inserted, catalog_text_updated, "
    "catalog_text_deleted, catalog_translation_changed, catalog_place_changed"
)


def changes_note() -> None:
    """Write this transaction's changes to the feed now, so that it can read its own numbers.

    Call it after the last write: it takes the feed's lock and holds it until the commit.
    """
    if default_connection.vendor == "postgresql":
        with default_connection.cursor() as cursor:
            cursor.execute(f"SET CONSTRAINTS {WAITING} IMMEDIATE")


def triggers_drop(connection: BaseDatabaseWrapper) -> None:
    """Drop those triggers that exist."""
    with connection.cursor() as cursor:
        for name in _NAMES:
            cursor.execute(f"DROP TRIGGER IF EXISTS {name}")


def triggers_create(connection: BaseDatabaseWrapper) -> None:
    """Create the triggers, unless they all exist."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        if {name for (name,) in cursor.fetchall()} >= set(_NAMES):
            return
    triggers_drop(connection)
    with connection.cursor() as cursor:
        for statement in _TRIGGERS:
            cursor.execute(statement)


def before_migrate(using: str, **_: Any) -> None:
    """SQLite rebuilds a table to change it, and refuses that while triggers name it."""
    if connections[using].vendor == "sqlite":
        triggers_drop(connections[using])


def after_migrate(using: str, **_: Any) -> None:
    """A rebuilt table has lost its triggers: create them all again."""
    connection = connections[using]
    tables = connection.introspection.table_names()
    if connection.vendor == "sqlite" and "catalog_productsearch" in tables:
        triggers_create(connection)
