"""Roles as groups with the permissions that tell them apart; the distance of an approved edit."""

from typing import Any

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
            name="product",
            options={
                "ordering": ["sku"],
                "permissions": [
                    ("publish_product", "Can publish and unpublish products"),
                    ("describe_product", "Can have one product described"),
                ],
            },
        ),
        migrations.AlterModelOptions(
            name="description",
            options={
                "ordering": ["-id"],
                "permissions": [
                    ("review_many_descriptions", "Can approve or reject many drafts at once"),
                    ("view_review_figures", "Can view the figures of reviewing, by person"),
                ],
            },
        ),
        migrations.RunPython(_make, migrations.RunPython.noop),
    ]
