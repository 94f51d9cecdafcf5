"""The admin: one file a model. It asks services to write and shows what they refuse."""

from catalog.admin.api_key import ApiKeyAdmin
from catalog.admin.category import CategoryAdmin
from catalog.admin.description import DescriptionAdmin
from catalog.admin.job import DescriptionJobAdmin
from catalog.admin.job_item import DescriptionJobItemAdmin
from catalog.admin.model_version import ModelVersionAdmin
from catalog.admin.person_token import PersonTokenAdmin
from catalog.admin.product import ProductAdmin
from catalog.admin.product_export import ProductExportAdmin
from catalog.admin.product_import import ProductImportAdmin
from catalog.admin.webhook import WebhookDeliveryAdmin, WebhookEndpointAdmin

__all__ = [
    "ApiKeyAdmin",
    "CategoryAdmin",
    "DescriptionAdmin",
    "DescriptionJobAdmin",
    "DescriptionJobItemAdmin",
    "ModelVersionAdmin",
    "PersonTokenAdmin",
    "ProductAdmin",
    "ProductExportAdmin",
    "ProductImportAdmin",
    "WebhookDeliveryAdmin",
    "WebhookEndpointAdmin",
]
