"""The catalog's tables. One file a table or a close pair; import them from here."""

from catalog.models.category import Category
from catalog.models.description import Description, DescriptionEvent
from catalog.models.job import DescriptionJob, DescriptionJobItem
from catalog.models.model_version import ModelVersion
from catalog.models.product import Product
from catalog.models.product_export import ProductExport
from catalog.models.product_image import ProductImage
from catalog.models.product_import import (
    ColumnMapping,
    ImportPhoto,
    ImportRow,
    ProductImport,
    TrainingCaption,
)

__all__ = [
    "Category",
    "ColumnMapping",
    "Description",
    "DescriptionEvent",
    "DescriptionJob",
    "DescriptionJobItem",
    "ImportPhoto",
    "ImportRow",
    "ModelVersion",
    "Product",
    "ProductExport",
    "ProductImage",
    "ProductImport",
    "TrainingCaption",
]
