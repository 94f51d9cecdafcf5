"""The catalog's tables. One file a table or a close pair; import them from here."""

from catalog.models.category import Category
from catalog.models.description import Description, DescriptionEvent
from catalog.models.job import DescriptionJob, DescriptionJobItem, DescriptionJobTally
from catalog.models.model_version import ModelVersion
from catalog.models.product import Product
from catalog.models.product_image import ProductImage

__all__ = [
    "Category",
    "Description",
    "DescriptionEvent",
    "DescriptionJob",
    "DescriptionJobItem",
    "DescriptionJobTally",
    "ModelVersion",
    "Product",
    "ProductImage",
]
