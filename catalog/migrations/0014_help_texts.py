# What people read beside fields; the database has none of it.

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('catalog', '0013_languages'),
    ]

    operations = [
        migrations.AlterField(
            model_name='description',
            name='facts',
            field=models.TextField(blank=True, help_text='Facts that the model was given with the photo.'),
        ),
        migrations.AlterField(
            model_name='description',
            name='fit',
            field=models.JSONField(blank=True, default=list, help_text='Words of the generated text that the photo supports badly: a list of objects with text, start, end, score and reason.'),
        ),
        migrations.AlterField(
            model_name='description',
            name='numeric_mode',
            field=models.CharField(blank=True, help_text='Numeric mode that wrote it; the same mode writes the same text again.', max_length=12),
        ),
        migrations.AlterField(
            model_name='importrow',
            name='cells',
            field=models.JSONField(blank=True, default=list, help_text='The cells as they are in the file.'),
        ),
        migrations.AlterField(
            model_name='photorequest',
            name='facts',
            field=models.TextField(blank=True, help_text='Facts that the model is given with the photo.'),
        ),
        migrations.AlterField(
            model_name='productimport',
            name='apply_at_once',
            field=models.BooleanField(default=False, help_text='Apply after the dry run without asking.'),
        ),
        migrations.AlterField(
            model_name='productimport',
            name='encoding',
            field=models.CharField(blank=True, help_text='Empty to detect it.', max_length=40),
        ),
        migrations.AlterField(
            model_name='trainingepoch',
            name='examples',
            field=models.JSONField(default=list, help_text='Product and text of each photo.'),
        ),
        migrations.AlterField(
            model_name='traininghost',
            name='free_bytes',
            field=models.BigIntegerField(default=0, help_text='Free bytes on the disk of its data folder.'),
        ),
        migrations.AlterField(
            model_name='trainingrun',
            name='caption_count',
            field=models.PositiveIntegerField(default=0, help_text='Captions to learn.'),
        ),
        migrations.AlterField(
            model_name='trainingrun',
            name='checkpoint',
            field=models.JSONField(blank=True, default=dict, help_text='SHA-256 of each file, by path.'),
        ),
        migrations.AlterField(
            model_name='trainingrun',
            name='held_out_count',
            field=models.PositiveIntegerField(default=0, help_text='Held out to judge the model.'),
        ),
        migrations.AlterField(
            model_name='trainingrun',
            name='host',
            field=models.CharField(blank=True, help_text='The last host that took it.', max_length=200, verbose_name='host'),
        ),
        migrations.AlterField(
            model_name='trainingrun',
            name='left_out',
            field=models.JSONField(blank=True, default=dict, help_text='Number of captions by reason.'),
        ),
        migrations.AlterField(
            model_name='webhookendpoint',
            name='events',
            field=models.JSONField(help_text='The types of events that it receives.', verbose_name='events'),
        ),
    ]
