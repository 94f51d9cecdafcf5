"""The admin: one file a model. It asks services to write and shows what they refuse."""

from catalog.admin.category import CategoryAdmin
from catalog.admin.description import DescriptionAdmin
from catalog.admin.job import DescriptionJobAdmin
from catalog.admin.job_item import DescriptionJobItemAdmin
from catalog.admin.model_version import ModelVersionAdmin
from catalog.admin.product import ProductAdmin
from catalog.admin.product_export import ProductExportAdmin
from catalog.admin.product_import import ProductImportAdmin

__all__ = [
    "CategoryAdmin",
    "DescriptionAdmin",
    "DescriptionJobAdmin",
    "DescriptionJobItemAdmin",
    "ModelVersionAdmin",
    "ProductAdmin",
    "ProductExportAdmin",
    "ProductImportAdmin",
]
