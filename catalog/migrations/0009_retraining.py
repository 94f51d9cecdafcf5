"""Training runs with what they learned, epochs and hosts; the log of deployments; whom to forget;
and who may do what with them.
"""

from typing import Any

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from catalog.migrations._roles import roles_grant

VIEWER = ("view_trainingrun", "view_deployment")
MODEL_OPERATOR = (
    *VIEWER,
    "add_trainingrun", "change_trainingrun",
    "view_trainingexample",
    "view_forgetting", "add_forgetting",
    "change_modelversion",
)  # fmt: skip
MANAGER = (*MODEL_OPERATOR, "override_gate")


def _grant(apps: Any, schema_editor: Any) -> None:
    roles_grant(
        apps,
        schema_editor,
        {
            "Viewer": VIEWER,
            "Merchandiser": VIEWER,
            "Manager": MANAGER,
            "Model operator": MODEL_OPERATOR,
        },
    )


class Migration(migrations.Migration):

    dependencies = [
        ('catalog', '0008_roles_and_figures'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Deployment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('scope', models.CharField(blank=True, default='', max_length=120)),
                ('action', models.CharField(choices=[('promoted', 'Promoted'), ('rolled_back', 'Rolled back to'), ('retired', 'Retired'), ('canary_started', 'Canary started'), ('canary_ended', 'Canary ended'), ('rejected', 'Rejected')], max_length=16, verbose_name='action')),
                ('share', models.PositiveSmallIntegerField(blank=True, help_text='Per cent.', null=True)),
                ('reason', models.TextField(blank=True, verbose_name='reason')),
                ('override', models.BooleanField(default=False, verbose_name='gate overridden')),
                ('gate', models.JSONField(blank=True, default=dict)),
                ('at', models.DateTimeField(auto_now_add=True, db_index=True, verbose_name='when')),
            ],
            options={
                'verbose_name': 'deployment',
                'verbose_name_plural': 'deployment log',
                'ordering': ['-id'],
            },
        ),
        migrations.CreateModel(
            name='Forgetting',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reason', models.TextField(verbose_name='reason')),
                ('removed', models.PositiveIntegerField(default=0, verbose_name='texts taken away')),
                ('created_at', models.DateTimeField(auto_now_add=True, verbose_name='asked for at')),
            ],
            options={
                'verbose_name': 'entry of the forgotten',
                'verbose_name_plural': 'forgotten captions',
                'ordering': ['-id'],
            },
        ),
        migrations.CreateModel(
            name='TrainingEpoch',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveSmallIntegerField()),
                ('training_loss', models.FloatField()),
                ('validation_loss', models.FloatField(null=True)),
                ('examples', models.JSONField(default=list, help_text='Product and text, a photo each.')),
                ('at', models.DateTimeField(auto_now_add=True)),
            ],
            options={
                'ordering': ['number'],
            },
        ),
        migrations.CreateModel(
            name='TrainingExample',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField(help_text='Place in the frozen set.', verbose_name='number')),
                ('use', models.CharField(choices=[('training', 'Learned'), ('held_out', 'Held out, to judge by')], max_length=8, verbose_name='use')),
                ('sku', models.CharField(max_length=64)),
                ('category', models.CharField(blank=True, max_length=120, verbose_name='category')),
                ('description_key', models.BigIntegerField(blank=True, null=True)),
                ('caption_key', models.BigIntegerField(blank=True, null=True)),
                ('author_key', models.BigIntegerField(blank=True, db_index=True, null=True, verbose_name='id of the author')),
                ('text_sha256', models.CharField(max_length=64)),
                ('photo_sha256', models.CharField(max_length=64)),
            ],
            options={
                'verbose_name': 'caption of a manifest',
                'verbose_name_plural': 'manifests of runs',
                'ordering': ['number'],
            },
        ),
        migrations.CreateModel(
            name='TrainingHost',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=200, unique=True)),
                ('seen_at', models.DateTimeField()),
                ('device', models.CharField(blank=True, max_length=120)),
                ('memory_bytes', models.BigIntegerField(default=0)),
                ('free_bytes', models.BigIntegerField(default=0, help_text='On the disk of its data folder.')),
                ('speed', models.FloatField(blank=True, null=True)),
                ('peak_bytes', models.BigIntegerField(default=0, help_text='Memory that its last run took.')),
            ],
            options={
                'ordering': ['name'],
            },
        ),
        migrations.CreateModel(
            name='TrainingLogLine',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField(auto_now_add=True)),
                ('host', models.CharField(blank=True, max_length=200)),
                ('text', models.TextField()),
            ],
            options={
                'ordering': ['id'],
            },
        ),
        migrations.CreateModel(
            name='TrainingRun',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('state', models.CharField(choices=[('queued', 'Waiting for a host'), ('preparing', 'Being prepared'), ('training', 'Training'), ('evaluating', 'Being judged'), ('interrupted', 'Interrupted'), ('succeeded', 'Succeeded'), ('failed', 'Failed'), ('cancelled', 'Cancelled')], default='queued', max_length=12, verbose_name='state')),
                ('scope', models.CharField(blank=True, default='', max_length=120)),
                ('way', models.CharField(choices=[('full', 'The whole model but its encoder'), ('adapter', 'A small adapter beside the model')], default='full', max_length=8)),
                ('language', models.CharField(default='en', max_length=10)),
                ('options', models.JSONField(blank=True, default=dict)),
                ('code_version', models.CharField(blank=True, max_length=80)),
                ('caption_count', models.PositiveIntegerField(default=0, help_text='Learned.')),
                ('held_out_count', models.PositiveIntegerField(default=0, help_text='Judged by, never learned.')),
                ('product_count', models.PositiveIntegerField(default=0)),
                ('left_out', models.JSONField(blank=True, default=dict, help_text='Reason to how many.')),
                ('set_sha256', models.CharField(blank=True, max_length=64)),
                ('lease_token', models.UUIDField(blank=True, null=True)),
                ('lease_until', models.DateTimeField(blank=True, null=True)),
                ('heartbeat_at', models.DateTimeField(blank=True, null=True)),
                ('host', models.CharField(blank=True, help_text='The last one that had it.', max_length=200, verbose_name='host')),
                ('attempts', models.PositiveSmallIntegerField(default=0, help_text='Leases that ended without a step forward.')),
                ('step', models.PositiveIntegerField(default=0)),
                ('steps', models.PositiveIntegerField(default=0, help_text='Of the whole run.')),
                ('step_seconds', models.FloatField(blank=True, null=True)),
                ('checkpoint', models.JSONField(blank=True, default=dict, help_text='Path to SHA-256.')),
                ('message', models.TextField(blank=True, help_text='Why it failed, or waits.')),
                ('created_at', models.DateTimeField(auto_now_add=True, verbose_name='asked for at')),
                ('started_at', models.DateTimeField(blank=True, null=True)),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'verbose_name': 'training run',
                'verbose_name_plural': 'training runs',
                'ordering': ['-id'],
            },
        ),
        migrations.AlterModelOptions(
            name='modelversion',
            options={'ordering': ['-created_at', '-id'], 'permissions': [('override_gate', 'Can promote a version whose gate failed')], 'verbose_name': 'model version', 'verbose_name_plural': 'model versions'},
        ),
        migrations.AddField(
            model_name='description',
            name='numeric_mode',
            field=models.CharField(blank=True, help_text='The arithmetic that wrote it, for writing it again.', max_length=12),
        ),
        migrations.AddField(
            model_name='modelversion',
            name='base',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='trained_from', to='catalog.modelversion'),
        ),
        migrations.AddField(
            model_name='modelversion',
            name='canary_share',
            field=models.PositiveSmallIntegerField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='modelversion',
            name='files',
            field=models.JSONField(blank=True, default=dict),
        ),
        migrations.AddField(
            model_name='modelversion',
            name='judgement',
            field=models.JSONField(blank=True, default=dict),
        ),
        migrations.AddField(
            model_name='modelversion',
            name='non_commercial',
            field=models.BooleanField(default=False, help_text='Whether its licence forbids commercial use.'),
        ),
        migrations.AddField(
            model_name='modelversion',
            name='way',
            field=models.CharField(choices=[('full', 'The whole model but its encoder'), ('adapter', 'A small adapter beside the model')], default='full', max_length=8, verbose_name='way'),
        ),
        migrations.AlterField(
            model_name='modelversion',
            name='licence',
            field=models.CharField(blank=True, max_length=200, verbose_name='licence'),
        ),
        migrations.AddConstraint(
            model_name='modelversion',
            constraint=models.UniqueConstraint(condition=models.Q(('state', 'canary')), fields=('scope',), name='one_canary_a_scope'),
        ),
        migrations.AddConstraint(
            model_name='modelversion',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('canary_share__range', (1, 99)), ('state', 'canary')), models.Q(models.Q(('state', 'canary'), _negated=True), ('canary_share__isnull', True)), _connector='OR'), name='a_canary_has_a_share'),
        ),
        migrations.AddField(
            model_name='deployment',
            name='actor',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='who'),
        ),
        migrations.AddField(
            model_name='deployment',
            name='former',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='catalog.modelversion', verbose_name='former version'),
        ),
        migrations.AddField(
            model_name='deployment',
            name='version',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='deployments', to='catalog.modelversion', verbose_name='model version'),
        ),
        migrations.AddField(
            model_name='forgetting',
            name='author',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='forgetting',
            name='created_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='asked for by'),
        ),
        migrations.AddField(
            model_name='forgetting',
            name='product',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='catalog.product'),
        ),
        migrations.AddField(
            model_name='trainingexample',
            name='product',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='catalog.product'),
        ),
        migrations.AddField(
            model_name='trainingrun',
            name='base',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='runs_from', to='catalog.modelversion'),
        ),
        migrations.AddField(
            model_name='trainingrun',
            name='created_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, to=settings.AUTH_USER_MODEL, verbose_name='asked for by'),
        ),
        migrations.AddField(
            model_name='trainingrun',
            name='version',
            field=models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='run', to='catalog.modelversion', verbose_name='model version'),
        ),
        migrations.AddField(
            model_name='traininglogline',
            name='run',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='log', to='catalog.trainingrun'),
        ),
        migrations.AddField(
            model_name='trainingexample',
            name='run',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='manifest', to='catalog.trainingrun', verbose_name='training run'),
        ),
        migrations.AddField(
            model_name='trainingepoch',
            name='run',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='epochs', to='catalog.trainingrun'),
        ),
        migrations.AddConstraint(
            model_name='deployment',
            constraint=models.CheckConstraint(condition=models.Q(('override', False), models.Q(('reason', ''), _negated=True), _connector='OR'), name='an_override_says_why'),
        ),
        migrations.AddConstraint(
            model_name='forgetting',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('author__isnull', True), ('product__isnull', False)), models.Q(('author__isnull', False), ('product__isnull', True)), _connector='OR'), name='a_product_or_an_author_is_forgotten'),
        ),
        migrations.AddConstraint(
            model_name='forgetting',
            constraint=models.UniqueConstraint(condition=models.Q(('product__isnull', False)), fields=('product',), name='a_product_is_forgotten_once'),
        ),
        migrations.AddConstraint(
            model_name='forgetting',
            constraint=models.UniqueConstraint(condition=models.Q(('author__isnull', False)), fields=('author',), name='an_author_is_forgotten_once'),
        ),
        migrations.AddIndex(
            model_name='trainingrun',
            index=models.Index(fields=['state', 'lease_until'], name='training_run_due'),
        ),
        migrations.AddConstraint(
            model_name='trainingrun',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['queued', 'preparing', 'training', 'evaluating', 'interrupted', 'succeeded', 'failed', 'cancelled'])), name='training_run_state_is_known'),
        ),
        migrations.AddConstraint(
            model_name='trainingrun',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('lease_token__isnull', False), ('lease_until__isnull', False), ('state__in', ('preparing', 'training', 'evaluating'))), models.Q(models.Q(('state__in', ('preparing', 'training', 'evaluating')), _negated=True), ('lease_token__isnull', True), ('lease_until__isnull', True)), _connector='OR'), name='a_run_at_work_has_a_lease'),
        ),
        migrations.AddConstraint(
            model_name='trainingrun',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'succeeded'), _negated=True), ('version__isnull', False), _connector='OR'), name='a_run_that_succeeded_has_a_version'),
        ),
        migrations.AddConstraint(
            model_name='trainingexample',
            constraint=models.UniqueConstraint(fields=('run', 'number'), name='one_training_example_a_number'),
        ),
        migrations.AddConstraint(
            model_name='trainingepoch',
            constraint=models.UniqueConstraint(fields=('run', 'number'), name='an_epoch_is_once'),
        ),
        migrations.RunPython(_grant, migrations.RunPython.noop),
    ]
