"""Makes a database of version 0.1.0 and fills it: `python -m tests.end_to_end.upgrade.load`.

The rows in `rows_0_1_0.json` were written by `dumpdata` of that version. They are loaded by the
models as the migrations had them then; today's know other columns.
"""

import json
from pathlib import Path

import django

ROWS = Path(__file__).parent / "rows_0_1_0.json"
#: The last migration of version 0.1.0.
LAST = ("catalog", "0011_covering_indexes")


def load() -> None:
    from django.core.management.color import no_style
    from django.db import connection, transaction
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    state = executor.migrate([LAST])
    models = []
    # In one transaction, for rows name others that come later.
    with transaction.atomic():
        for row in json.loads(ROWS.read_text()):
            model = state.apps.get_model(row["model"])
            fields = {
                model._meta.get_field(name).attname: model._meta.get_field(name).to_python(value)
                for name, value in row["fields"].items()
            }
            # As imports of fixtures do: what the database writes by itself is overwritten.
            model(pk=row["pk"], **fields).save_base(raw=True)
            models.append(model)
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), models):
            cursor.execute(statement)


if __name__ == "__main__":
    django.setup()
    load()
