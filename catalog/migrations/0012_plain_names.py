# Columns under the names that the field uses. A waiting bulk review keeps its choice of drafts.
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps


def _rename_key(apps: StateApps, before: str, after: str) -> None:
    reviews = apps.get_model("catalog", "BulkReview").objects
    for review in reviews.exclude(queue={}):
        if before in review.queue:
            review.queue[after] = review.queue.pop(before)
            review.save(update_fields=["queue"])


def choices_rename(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    _rename_key(apps, "look", "perceptual_hash")


def choices_rename_back(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    _rename_key(apps, "perceptual_hash", "look")


class Migration(migrations.Migration):
    dependencies = [("catalog", "0011_covering_indexes")]

    operations = [
        migrations.RunPython(choices_rename, choices_rename_back),
        migrations.RenameField("reviewaction", "press", "idempotency_key"),
        migrations.RenameField("productimage", "look", "perceptual_hash"),
        migrations.AlterField(
            model_name="productimage",
            name="perceptual_hash",
            field=models.CharField(
                db_index=True,
                default="",
                help_text="Difference hash, 64 bits in hexadecimal. Similar photos have the same one.",
                max_length=16,
            ),
        ),
    ]
