"""The API's addresses."""

from django.urls import path, re_path

from catalog.api.views.exports import ExportFileView, ExportsView, ExportView
from catalog.api.views.imports import (
    ImportApplyView,
    ImportCancelView,
    ImportFaultyRowsView,
    ImportMapView,
    ImportRowsView,
    ImportsView,
    ImportUndoView,
    ImportView,
)
from catalog.api.views.jobs import JobCancelView, JobsView, JobView, ProductDescribeView
from catalog.api.views.photos import DescribeView, ProductImagesView
from catalog.api.views.product_bulk import ProductBulkView
from catalog.api.views.products import ProductsView, ProductView
from catalog.api.views.reference import (
    CategoryListView,
    DocsView,
    NowhereView,
    ProblemView,
    SchemaView,
)
from catalog.api.views.webhooks import (
    DeliveriesView,
    SendAgainView,
    WebhooksView,
    WebhookView,
)

app_name = "api"
urlpatterns = [
    path("products/", ProductsView.as_view(), name="product-list"),
    path("bulk/products/", ProductBulkView.as_view(), name="product-bulk"),
    path("products/<str:sku>/", ProductView.as_view(), name="product-detail"),
    path("products/<str:sku>/images/", ProductImagesView.as_view(), name="product-images"),
    path("products/<str:sku>/describe/", ProductDescribeView.as_view(), name="product-describe"),
    path("jobs/", JobsView.as_view(), name="job-list"),
    path("jobs/<int:number>/", JobView.as_view(), name="job"),
    path("jobs/<int:number>/cancel/", JobCancelView.as_view(), name="job-cancel"),
    path("describe/", DescribeView.as_view(), name="describe"),
    path("webhooks/", WebhooksView.as_view(), name="webhook-list"),
    path("webhooks/<uuid:key>/", WebhookView.as_view(), name="webhook"),
    path("webhooks/<uuid:key>/deliveries/", DeliveriesView.as_view(), name="delivery-list"),
    path(
        "webhooks/<uuid:key>/deliveries/<int:number>/send-again/",
        SendAgainView.as_view(),
        name="send-again",
    ),
    path("imports/", ImportsView.as_view(), name="import-list"),
    path("imports/<int:number>/", ImportView.as_view(), name="import"),
    path("imports/<int:number>/rows/", ImportRowsView.as_view(), name="import-rows"),
    path(
        "imports/<int:number>/faulty-rows/",
        ImportFaultyRowsView.as_view(),
        name="import-faulty-rows",
    ),
    path("imports/<int:number>/map/", ImportMapView.as_view(), name="import-map"),
    path("imports/<int:number>/apply/", ImportApplyView.as_view(), name="import-apply"),
    path("imports/<int:number>/cancel/", ImportCancelView.as_view(), name="import-cancel"),
    path("imports/<int:number>/undo/", ImportUndoView.as_view(), name="import-undo"),
    path("exports/", ExportsView.as_view(), name="export-list"),
    path("exports/<int:number>/", ExportView.as_view(), name="export"),
    path("exports/<int:number>/file/", ExportFileView.as_view(), name="export-file"),
    path("categories/", CategoryListView.as_view(), name="category-list"),
    path("problems/<slug:name>/", ProblemView.as_view(), name="problem"),
    path("schema/", SchemaView.as_view(), name="schema"),
    path("docs/", DocsView.as_view(), name="docs"),
    re_path("", NowhereView.as_view(), name="nowhere"),
]
