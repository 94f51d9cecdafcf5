"""Roles as groups with the permissions that tell them apart; the distance of an approved edit;
and names in words, which change no table.
"""

from typing import Any

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from catalog.migrations._roles import permission_split, roles_grant

_SEEN_BY_ALL = (
    "category", "product", "productimage", "description", "descriptionjob", "descriptionjobitem",
    "modelversion", "productimport", "productexport",
)  # fmt: skip
#: A token of one's own allows nothing that the account may not do anyway.
_OWN_TOKENS = ("view_persontoken", "add_persontoken", "delete_persontoken")
VIEWER = (*(f"view_{model}" for model in _SEEN_BY_ALL), *_OWN_TOKENS)
MERCHANDISER = (
    *VIEWER,
    "add_product", "change_product", "add_productimage", "delete_productimage",
    "add_description", "change_description", "describe_product",
)  # fmt: skip
MANAGER = (
    *MERCHANDISER,
    "review_many_descriptions", "view_review_figures", "publish_product",
    "add_descriptionjob", "change_descriptionjob",
    "add_category", "change_category", "delete_category",
    "add_productimport", "change_productimport", "add_productexport",
    "view_apikey", "add_apikey", "change_apikey",
    "view_webhookendpoint", "change_webhookendpoint",
    "view_webhookdelivery", "change_webhookdelivery",
)  # fmt: skip
MODEL_OPERATOR = (*VIEWER, "view_review_figures", "change_modelversion")


def _make(apps: Any, schema_editor: Any) -> None:
    # Nobody loses by the upgrade what one permission allowed until now.
    permission_split(apps, schema_editor, "change_product", "publish_product")
    permission_split(apps, schema_editor, "add_descriptionjob", "describe_product")
    permission_split(apps, schema_editor, "change_description", "review_many_descriptions")
    roles_grant(
        apps,
        schema_editor,
        {
            "Viewer": VIEWER,
            "Merchandiser": MERCHANDISER,
            "Manager": MANAGER,
            "Model operator": MODEL_OPERATOR,
        },
    )


class Migration(migrations.Migration):

    dependencies = [
        ("catalog", "0007_review_desk"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    operations = [
        migrations.AddField(
            model_name="description",
            name="edit_distance",
            field=models.PositiveIntegerField(
                blank=True,
                editable=False,
                help_text="Characters changed between the generated and the approved words; set at approval, empty for a text that no machine wrote.",
                null=True,
            ),
        ),
        migrations.AddIndex(
            model_name="description",
            index=models.Index(
                condition=models.Q(("reviewed_at__isnull", False)),
                fields=["reviewed_at"],
                name="description_by_review",
            ),
        ),
        migrations.AddIndex(
            model_name="description",
            index=models.Index(
                condition=models.Q(("reviewed_at__isnull", False)),
                fields=["model_version", "reviewed_at"],
                name="description_by_version_review",
            ),
        ),
        migrations.AlterModelOptions(
            name='category',
            options={'ordering': ['name'], 'verbose_name': 'category', 'verbose_name_plural': 'categories'},
        ),
        migrations.AlterModelOptions(
            name='description',
            options={'ordering': ['-id'], 'permissions': [('review_many_descriptions', 'Can approve or reject many drafts at once'), ('view_review_figures', 'Can view the figures of reviewing, by person')], 'verbose_name': 'description', 'verbose_name_plural': 'descriptions'},
        ),
        migrations.AlterModelOptions(
            name='descriptionjob',
            options={'ordering': ['-id'], 'verbose_name': 'description job', 'verbose_name_plural': 'description jobs'},
        ),
        migrations.AlterModelOptions(
            name='descriptionjobitem',
            options={'ordering': ['id'], 'verbose_name': 'item of a job', 'verbose_name_plural': 'items of jobs'},
        ),
        migrations.AlterModelOptions(
            name='modelversion',
            options={'ordering': ['-created_at', '-id'], 'verbose_name': 'model version', 'verbose_name_plural': 'model versions'},
        ),
        migrations.AlterModelOptions(
            name='persontoken',
            options={'ordering': ['-created'], 'verbose_name': 'personal API token', 'verbose_name_plural': 'personal API tokens'},
        ),
        migrations.AlterModelOptions(
            name='product',
            options={'ordering': ['sku'], 'permissions': [('publish_product', 'Can publish and unpublish products'), ('describe_product', 'Can have one product described')], 'verbose_name': 'product', 'verbose_name_plural': 'products'},
        ),
        migrations.AlterModelOptions(
            name='productexport',
            options={'ordering': ['-id'], 'verbose_name': 'export', 'verbose_name_plural': 'exports'},
        ),
        migrations.AlterModelOptions(
            name='productimage',
            options={'ordering': ['position', 'id'], 'verbose_name': 'photo', 'verbose_name_plural': 'photos'},
        ),
        migrations.AlterModelOptions(
            name='productimport',
            options={'ordering': ['-id'], 'verbose_name': 'import', 'verbose_name_plural': 'imports'},
        ),
        migrations.AlterModelOptions(
            name='webhookdelivery',
            options={'ordering': ['id'], 'verbose_name': 'webhook delivery', 'verbose_name_plural': 'webhook deliveries'},
        ),
        migrations.AlterModelOptions(
            name='webhookendpoint',
            options={'ordering': ['created_at', 'id'], 'verbose_name': 'webhook endpoint', 'verbose_name_plural': 'webhook endpoints'},
        ),
        migrations.AlterField(
            model_name='apikey',
            name='created_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='made by'),
        ),
        migrations.AlterField(
            model_name='apikey',
            name='last_used_at',
            field=models.DateTimeField(blank=True, help_text='To the minute.', null=True, verbose_name='last used at'),
        ),
        migrations.AlterField(
            model_name='apikey',
            name='rate',
            field=models.PositiveIntegerField(default=6000, help_text='Requests a minute.', verbose_name='requests a minute'),
        ),
        migrations.AlterField(
            model_name='apikey',
            name='replaces',
            field=models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='replaced_by', to='catalog.apikey', verbose_name='replaces'),
        ),
        migrations.AlterField(
            model_name='apikey',
            name='scopes',
            field=models.JSONField(default=list, help_text='What it may do.', verbose_name='scopes'),
        ),
        migrations.AlterField(
            model_name='category',
            name='name',
            field=models.CharField(max_length=120, verbose_name='name'),
        ),
        migrations.AlterField(
            model_name='category',
            name='parent',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='children', to='catalog.category', verbose_name='parent'),
        ),
        migrations.AlterField(
            model_name='category',
            name='slug',
            field=models.SlugField(max_length=140, unique=True, verbose_name='slug'),
        ),
        migrations.AlterField(
            model_name='description',
            name='model_version',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='descriptions', to='catalog.modelversion', verbose_name='model version'),
        ),
        migrations.AlterField(
            model_name='descriptionjob',
            name='created_at',
            field=models.DateTimeField(auto_now_add=True, db_index=True, verbose_name='asked for at'),
        ),
        migrations.AlterField(
            model_name='descriptionjob',
            name='created_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, to=settings.AUTH_USER_MODEL, verbose_name='asked for by'),
        ),
        migrations.AlterField(
            model_name='descriptionjob',
            name='ended_at',
            field=models.DateTimeField(blank=True, null=True, verbose_name='ended at'),
        ),
        migrations.AlterField(
            model_name='descriptionjob',
            name='model_version',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, to='catalog.modelversion', verbose_name='model version'),
        ),
        migrations.AlterField(
            model_name='descriptionjob',
            name='state',
            field=models.CharField(choices=[('queued', 'Queued'), ('running', 'Running'), ('paused', 'Paused'), ('completed', 'Completed'), ('cancelled', 'Cancelled'), ('failed', 'Failed')], default='queued', max_length=10, verbose_name='state'),
        ),
        migrations.AlterField(
            model_name='descriptionjobitem',
            name='attempts',
            field=models.PositiveSmallIntegerField(default=0, verbose_name='attempts'),
        ),
        migrations.AlterField(
            model_name='descriptionjobitem',
            name='detail',
            field=models.TextField(blank=True, help_text="What went wrong, in the program's words.", verbose_name='detail'),
        ),
        migrations.AlterField(
            model_name='descriptionjobitem',
            name='ended_at',
            field=models.DateTimeField(blank=True, null=True, verbose_name='ended at'),
        ),
        migrations.AlterField(
            model_name='descriptionjobitem',
            name='failure_reason',
            field=models.CharField(blank=True, choices=[('photo_unreadable', 'The photo cannot be read: upload it again'), ('photo_missing', 'The photo is gone from storage: upload it again'), ('storage_unavailable', 'Storage did not answer: retry when it is back'), ('worker_died', 'The worker died three times on this photo'), ('out_of_memory', 'The photo needs more memory than a worker has'), ('model_error', "The model failed on this photo: see the worker's log"), ('model_missing', 'No model version is active: register one, then retry')], max_length=24, verbose_name='failure reason'),
        ),
        migrations.AlterField(
            model_name='descriptionjobitem',
            name='job',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='items', to='catalog.descriptionjob', verbose_name='job'),
        ),
        migrations.AlterField(
            model_name='descriptionjobitem',
            name='model_version',
            field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, to='catalog.modelversion', verbose_name='model version'),
        ),
        migrations.AlterField(
            model_name='descriptionjobitem',
            name='skip_reason',
            field=models.CharField(blank=True, choices=[('no_photo', 'No photo'), ('already_described', 'Already described by this model version'), ('human_text', 'A text by a person is approved'), ('has_text', 'Already has a text'), ('in_progress', 'Already waiting in another job')], max_length=24, verbose_name='skip reason'),
        ),
        migrations.AlterField(
            model_name='descriptionjobitem',
            name='state',
            field=models.CharField(choices=[('queued', 'Queued'), ('leased', 'Being described'), ('retry', 'Waiting to be tried again'), ('done', 'Done'), ('failed', 'Failed'), ('cancelled', 'Cancelled'), ('skipped', 'Skipped')], default='queued', max_length=10, verbose_name='state'),
        ),
        migrations.AlterField(
            model_name='descriptionjobtally',
            name='job',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='tallies', to='catalog.descriptionjob', verbose_name='job'),
        ),
        migrations.AlterField(
            model_name='descriptionjobtally',
            name='state',
            field=models.CharField(choices=[('queued', 'Queued'), ('leased', 'Being described'), ('retry', 'Waiting to be tried again'), ('done', 'Done'), ('failed', 'Failed'), ('cancelled', 'Cancelled'), ('skipped', 'Skipped')], max_length=10, verbose_name='state'),
        ),
        migrations.AlterField(
            model_name='importphoto',
            name='name',
            field=models.CharField(max_length=2000, verbose_name='name'),
        ),
        migrations.AlterField(
            model_name='importphoto',
            name='state',
            field=models.CharField(choices=[('waiting', 'Waiting'), ('leased', 'Being read'), ('stored', 'Stored'), ('known', 'There already'), ('faulty', 'Refused'), ('cancelled', 'Cancelled')], default='waiting', max_length=10, verbose_name='state'),
        ),
        migrations.AlterField(
            model_name='importrow',
            name='state',
            field=models.CharField(choices=[('staged', 'Waiting'), ('applied', 'Applied'), ('refused', 'Refused'), ('undone', 'Undone'), ('kept', 'Kept, because somebody edited it since')], default='staged', max_length=8, verbose_name='state'),
        ),
        migrations.AlterField(
            model_name='modelversion',
            name='activated_at',
            field=models.DateTimeField(blank=True, null=True, verbose_name='in use since'),
        ),
        migrations.AlterField(
            model_name='modelversion',
            name='created_at',
            field=models.DateTimeField(auto_now_add=True, verbose_name='made at'),
        ),
        migrations.AlterField(
            model_name='modelversion',
            name='directory',
            field=models.CharField(blank=True, help_text='Checkpoint folder, relative to MODEL_DIRECTORY; empty for the built-in starter.', max_length=300, verbose_name='directory'),
        ),
        migrations.AlterField(
            model_name='modelversion',
            name='licence',
            field=models.CharField(blank=True, max_length=80, verbose_name='licence'),
        ),
        migrations.AlterField(
            model_name='modelversion',
            name='metrics',
            field=models.JSONField(blank=True, default=dict, verbose_name='measures'),
        ),
        migrations.AlterField(
            model_name='modelversion',
            name='name',
            field=models.CharField(max_length=80, unique=True, verbose_name='name'),
        ),
        migrations.AlterField(
            model_name='modelversion',
            name='scope',
            field=models.CharField(blank=True, default='', max_length=120, verbose_name='scope'),
        ),
        migrations.AlterField(
            model_name='modelversion',
            name='state',
            field=models.CharField(choices=[('candidate', 'Candidate'), ('canary', 'Canary'), ('active', 'Active'), ('retired', 'Retired'), ('rejected', 'Rejected')], default='candidate', max_length=10, verbose_name='state'),
        ),
        migrations.AlterField(
            model_name='modelversion',
            name='weights_sha256',
            field=models.CharField(max_length=64, verbose_name='SHA-256 of the weights'),
        ),
        migrations.AlterField(
            model_name='persontoken',
            name='last_used_at',
            field=models.DateTimeField(blank=True, help_text='To the minute.', null=True, verbose_name='last used at'),
        ),
        migrations.AlterField(
            model_name='persontoken',
            name='name',
            field=models.CharField(help_text='What it is for.', max_length=50, verbose_name='name'),
        ),
        migrations.AlterField(
            model_name='persontoken',
            name='scopes',
            field=models.JSONField(default=list, help_text='What it may do.', verbose_name='scopes'),
        ),
        migrations.AlterField(
            model_name='product',
            name='attributes',
            field=models.JSONField(blank=True, default=dict, help_text='Further facts, name to value, for example fabric.', verbose_name='attributes'),
        ),
        migrations.AlterField(
            model_name='product',
            name='brand',
            field=models.CharField(blank=True, db_index=True, max_length=120, verbose_name='brand'),
        ),
        migrations.AlterField(
            model_name='product',
            name='category',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='products', to='catalog.category', verbose_name='category'),
        ),
        migrations.AlterField(
            model_name='product',
            name='colour',
            field=models.CharField(blank=True, db_index=True, max_length=60, verbose_name='colour'),
        ),
        migrations.AlterField(
            model_name='product',
            name='gender',
            field=models.CharField(blank=True, choices=[('men', 'Men'), ('women', 'Women'), ('boys', 'Boys'), ('girls', 'Girls'), ('unisex', 'Unisex')], db_index=True, max_length=10, verbose_name='gender'),
        ),
        migrations.AlterField(
            model_name='product',
            name='state',
            field=models.CharField(choices=[('draft', 'Draft'), ('published', 'Published')], db_index=True, default='draft', max_length=10, verbose_name='state'),
        ),
        migrations.AlterField(
            model_name='product',
            name='title',
            field=models.CharField(max_length=200, verbose_name='title'),
        ),
        migrations.AlterField(
            model_name='productexport',
            name='created_at',
            field=models.DateTimeField(auto_now_add=True, verbose_name='asked for at'),
        ),
        migrations.AlterField(
            model_name='productexport',
            name='created_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, to=settings.AUTH_USER_MODEL, verbose_name='asked for by'),
        ),
        migrations.AlterField(
            model_name='productexport',
            name='format',
            field=models.CharField(choices=[('moda_csv', 'MODA, CSV'), ('moda_xlsx', 'MODA, XLSX'), ('shopify', 'Shopify, CSV'), ('woocommerce', 'WooCommerce, CSV'), ('magento', 'Magento 2, CSV'), ('google_tsv', 'Google Merchant, TSV'), ('google_xml', 'Google Merchant, XML'), ('imagefolder', 'Captions with photos, for training (ZIP)')], max_length=12, verbose_name='format'),
        ),
        migrations.AlterField(
            model_name='productexport',
            name='state',
            field=models.CharField(choices=[('queued', 'Queued'), ('running', 'Being written'), ('done', 'Ready'), ('failed', 'Failed'), ('expired', 'Expired')], default='queued', max_length=8, verbose_name='state'),
        ),
        migrations.AlterField(
            model_name='productexport',
            name='total',
            field=models.PositiveIntegerField(default=0, verbose_name='total'),
        ),
        migrations.AlterField(
            model_name='productimport',
            name='changed_count',
            field=models.PositiveIntegerField(default=0, verbose_name='changed'),
        ),
        migrations.AlterField(
            model_name='productimport',
            name='created_at',
            field=models.DateTimeField(auto_now_add=True, verbose_name='asked for at'),
        ),
        migrations.AlterField(
            model_name='productimport',
            name='created_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, to=settings.AUTH_USER_MODEL, verbose_name='asked for by'),
        ),
        migrations.AlterField(
            model_name='productimport',
            name='faulty_count',
            field=models.PositiveIntegerField(default=0, verbose_name='faulty'),
        ),
        migrations.AlterField(
            model_name='productimport',
            name='name',
            field=models.CharField(help_text='As the person called it.', max_length=255, verbose_name='name'),
        ),
        migrations.AlterField(
            model_name='productimport',
            name='new_count',
            field=models.PositiveIntegerField(default=0, verbose_name='new'),
        ),
        migrations.AlterField(
            model_name='productimport',
            name='state',
            field=models.CharField(choices=[('reading', 'Being read'), ('mapping', 'Waiting for its columns'), ('checking', 'Dry run'), ('checked', 'Waiting to be applied'), ('applying', 'Being applied'), ('photos', 'Taking in photos'), ('completed', 'Completed'), ('cancelled', 'Cancelled'), ('failed', 'Failed'), ('undoing', 'Being undone'), ('undone', 'Undone')], default='reading', max_length=10, verbose_name='state'),
        ),
        migrations.AlterField(
            model_name='trainingcaption',
            name='created_at',
            field=models.DateTimeField(auto_now_add=True, verbose_name='asked for at'),
        ),
        migrations.AlterField(
            model_name='webhookattempt',
            name='at',
            field=models.DateTimeField(auto_now_add=True, verbose_name='at'),
        ),
        migrations.AlterField(
            model_name='webhookattempt',
            name='detail',
            field=models.CharField(blank=True, max_length=500, verbose_name='detail'),
        ),
        migrations.AlterField(
            model_name='webhookattempt',
            name='status',
            field=models.PositiveSmallIntegerField(help_text='HTTP status, if any.', null=True, verbose_name='status'),
        ),
        migrations.AlterField(
            model_name='webhookdelivery',
            name='attempts',
            field=models.PositiveSmallIntegerField(default=0, verbose_name='attempts'),
        ),
        migrations.AlterField(
            model_name='webhookdelivery',
            name='created_at',
            field=models.DateTimeField(auto_now_add=True, verbose_name='made at'),
        ),
        migrations.AlterField(
            model_name='webhookdelivery',
            name='delivered_at',
            field=models.DateTimeField(blank=True, null=True, verbose_name='delivered at'),
        ),
        migrations.AlterField(
            model_name='webhookdelivery',
            name='due_at',
            field=models.DateTimeField(help_text='Not sent before this time.', verbose_name='due at'),
        ),
        migrations.AlterField(
            model_name='webhookdelivery',
            name='endpoint',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='deliveries', to='catalog.webhookendpoint', verbose_name='endpoint'),
        ),
        migrations.AlterField(
            model_name='webhookdelivery',
            name='event',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='deliveries', to='catalog.webhookevent', verbose_name='event'),
        ),
        migrations.AlterField(
            model_name='webhookdelivery',
            name='state',
            field=models.CharField(choices=[('pending', 'Waiting'), ('delivered', 'Delivered'), ('failed', 'Given up')], default='pending', max_length=10, verbose_name='state'),
        ),
        migrations.AlterField(
            model_name='webhookendpoint',
            name='created_at',
            field=models.DateTimeField(auto_now_add=True, verbose_name='made at'),
        ),
        migrations.AlterField(
            model_name='webhookendpoint',
            name='disabled_at',
            field=models.DateTimeField(blank=True, null=True, verbose_name='disabled at'),
        ),
        migrations.AlterField(
            model_name='webhookendpoint',
            name='events',
            field=models.JSONField(help_text='The types that it is told of.', verbose_name='events'),
        ),
        migrations.AlterField(
            model_name='webhookendpoint',
            name='failing_since',
            field=models.DateTimeField(blank=True, null=True, verbose_name='failing since'),
        ),
        migrations.AlterField(
            model_name='webhookendpoint',
            name='notice',
            field=models.CharField(blank=True, help_text='Why it was disabled.', max_length=300, verbose_name='notice'),
        ),
        migrations.AlterField(
            model_name='webhookendpoint',
            name='owner',
            field=models.CharField(db_index=True, max_length=60, verbose_name='owner'),
        ),
        migrations.AlterField(
            model_name='webhookendpoint',
            name='url',
            field=models.CharField(max_length=2000, verbose_name='address'),
        ),
        migrations.AlterField(
            model_name='webhookevent',
            name='created_at',
            field=models.DateTimeField(auto_now_add=True, db_index=True, verbose_name='made at'),
        ),
        migrations.RunPython(_make, migrations.RunPython.noop),
    ]
