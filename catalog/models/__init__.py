"""The catalog's tables, a chapter a file; import them from here."""

from catalog.models.api import (
    ApiKey,
    ApiScope,
    DeliveryState,
    IdempotentRequest,
    PersonToken,
    PhotoRequest,
    PhotoRequestState,
    WebhookAttempt,
    WebhookDelivery,
    WebhookEndpoint,
    WebhookEvent,
    WebhookEventType,
)
from catalog.models.description import Description
from catalog.models.import_export import (
    ColumnMapping,
    ImportPhoto,
    ImportRow,
    ProductExport,
    ProductImport,
)
from catalog.models.job import (
    DescriptionJob,
    DescriptionJobItem,
    DescriptionJobTally,
    JobOwner,
)
from catalog.models.model_version import Deployment, ModelVersion
from catalog.models.product import Category, Product, ProductChange, ProductImage
from catalog.models.review import BulkReview, DescriptionEvent, ReviewAction, ReviewLease
from catalog.models.training import (
    Forgetting,
    TrainingCaption,
    TrainingEpoch,
    TrainingExample,
    TrainingHost,
    TrainingLogLine,
    TrainingRun,
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
