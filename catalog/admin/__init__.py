"""The admin: one file a model. It asks services to write and shows what they refuse."""

from catalog.admin.api_key import ApiKeyAdmin
from catalog.admin.category import CategoryAdmin
from catalog.admin.deployment import DeploymentAdmin
from catalog.admin.description import DescriptionAdmin
from catalog.admin.forgetting import ForgettingAdmin
from catalog.admin.job import DescriptionJobAdmin
from catalog.admin.job_item import DescriptionJobItemAdmin
from catalog.admin.model_version import ModelVersionAdmin
from catalog.admin.person_token import PersonTokenAdmin
from catalog.admin.product import ProductAdmin
from catalog.admin.product_export import ProductExportAdmin
from catalog.admin.product_import import ProductImportAdmin
from catalog.admin.training_example import TrainingExampleAdmin
from catalog.admin.training_run import TrainingRunAdmin
from catalog.admin.webhook import WebhookDeliveryAdmin, WebhookEndpointAdmin

__all__ = [
    "ApiKeyAdmin",
    "CategoryAdmin",
    "DeploymentAdmin",
    "DescriptionAdmin",
    "DescriptionJobAdmin",
    "DescriptionJobItemAdmin",
    "ForgettingAdmin",
    "ModelVersionAdmin",
    "PersonTokenAdmin",
    "ProductAdmin",
    "ProductExportAdmin",
    "ProductImportAdmin",
    "TrainingExampleAdmin",
    "TrainingRunAdmin",
    "WebhookDeliveryAdmin",
    "WebhookEndpointAdmin",
]
