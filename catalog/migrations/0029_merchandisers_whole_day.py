"""A merchandiser does the whole of her day: jobs, many at once, imports, exports, publishing."""

from typing import Any

from django.db import migrations

from catalog.migrations._roles import roles_grant

_DAY = (
    "add_descriptionjob", "change_descriptionjob", "review_many_descriptions", "publish_product",
    "add_productimport", "change_productimport", "add_productexport",
)  # fmt: skip


def _grant(apps: Any, schema_editor: Any) -> None:
    roles_grant(apps, schema_editor, {"Merchandiser": _DAY})


class Migration(migrations.Migration):

    dependencies = [("catalog", "0028_languages_and_shelves")]

    operations = [migrations.RunPython(_grant, migrations.RunPython.noop)]
