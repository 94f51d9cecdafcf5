import catalog.models.model_version
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps


def languages_learned(
    apps: StateApps, schema_editor: BaseDatabaseSchemaEditor
) -> None:
    """A version that a run made writes the language of the captions that it learned from."""
    runs = apps.get_model("catalog", "TrainingRun").objects.filter(version__isnull=False)
    versions = apps.get_model("catalog", "ModelVersion").objects
    for version, language in runs.values_list("version", "language"):
        versions.filter(pk=version).update(languages=[language])


class Migration(migrations.Migration):

    dependencies = [
        ('catalog', '0012_plain_names'),
    ]

    operations = [
        migrations.AddField(
            model_name='modelversion',
            name='languages',
            field=models.JSONField(default=catalog.models.model_version.english, help_text='Codes of the languages that it writes, such as “en”.', verbose_name='languages'),
        ),
        migrations.RunPython(languages_learned, migrations.RunPython.noop),
    ]
