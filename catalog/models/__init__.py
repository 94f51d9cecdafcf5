"""The catalog's tables. One file a table or a close pair; import them from here."""

from catalog.models.api_key import ApiKey, ApiScope, PersonToken
from catalog.models.bulk_review import BulkReview
from catalog.models.category import Category
from catalog.models.deployment import Deployment
from catalog.models.description import Description, DescriptionEvent
from catalog.models.forgetting import Forgetting
from catalog.models.idempotent_request import IdempotentRequest
from catalog.models.job import DescriptionJob, DescriptionJobItem, DescriptionJobTally
from catalog.models.job_owner import JobOwner
from catalog.models.model_version import ModelVersion
from catalog.models.photo_request import PhotoRequest, PhotoRequestState
from catalog.models.product import Product
from catalog.models.product_change import ProductChange
from catalog.models.product_export import ProductExport
from catalog.models.product_image import ProductImage
from catalog.models.product_import import (
    ColumnMapping,
    ImportPhoto,
    ImportRow,
    ProductImport,
    TrainingCaption,
)
from catalog.models.review_action import ReviewAction
from catalog.models.review_lease import ReviewLease
from catalog.models.training_run import (
    TrainingEpoch,
    TrainingExample,
    TrainingHost,
    TrainingLogLine,
    TrainingRun,
)
from catalog.models.webhook import (
    DeliveryState,
    WebhookAttempt,
    WebhookDelivery,
    WebhookEndpoint,
    WebhookEvent,
    WebhookEventType,
)

__all__ = [
    "ApiKey",
    "ApiScope",
    "BulkReview",
    "Category",
    "ColumnMapping",
    "DeliveryState",
    "Deployment",
    "Description",
    "DescriptionEvent",
    "DescriptionJob",
    "DescriptionJobItem",
    "DescriptionJobTally",
    "Forgetting",
    "IdempotentRequest",
    "ImportPhoto",
    "ImportRow",
    "JobOwner",
    "ModelVersion",
    "PersonToken",
    "PhotoRequest",
    "PhotoRequestState",
    "Product",
    "ProductChange",
    "ProductExport",
    "ProductImage",
    "ProductImport",
    "ReviewAction",
    "ReviewLease",
    "TrainingCaption",
    "TrainingEpoch",
    "TrainingExample",
    "TrainingHost",
    "TrainingLogLine",
    "TrainingRun",
    "WebhookAttempt",
    "WebhookDelivery",
    "WebhookEndpoint",
    "WebhookEvent",
    "WebhookEventType",
]
