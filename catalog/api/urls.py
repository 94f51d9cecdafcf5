"""The API's addresses."""

from django.urls import path, re_path

from catalog.api.views import (
    exports,
    imports,
    jobs,
    photos,
    product_bulk,
    products,
    reference,
    webhooks,
)

app_name = "api"
urlpatterns = [
    path("products/", products.ProductsView.as_view(), name="product-list"),
    path("bulk/products/", product_bulk.ProductBulkView.as_view(), name="product-bulk"),
    path("products/<path:sku>/images/", photos.ProductImagesView.as_view(), name="product-images"),
    path(
        "products/<path:sku>/describe/", jobs.ProductDescribeView.as_view(), name="product-describe"
    ),
    # A SKU may hold a slash, so the product itself comes last.
    path("products/<path:sku>/", products.ProductView.as_view(), name="product-detail"),
    path("jobs/", jobs.JobsView.as_view(), name="job-list"),
    path("jobs/<int:number>/", jobs.JobView.as_view(), name="job"),
    path("jobs/<int:number>/cancel/", jobs.JobCancelView.as_view(), name="job-cancel"),
    path("describe/", photos.DescribeView.as_view(), name="describe"),
    path("webhooks/", webhooks.WebhooksView.as_view(), name="webhook-list"),
    path("webhooks/<uuid:key>/", webhooks.WebhookView.as_view(), name="webhook"),
    path(
        "webhooks/<uuid:key>/deliveries/", webhooks.DeliveriesView.as_view(), name="delivery-list"
    ),
    path(
        "webhooks/<uuid:key>/deliveries/<int:number>/send-again/",
        webhooks.SendAgainView.as_view(),
        name="send-again",
    ),
    path("imports/", imports.ImportsView.as_view(), name="import-list"),
    path("imports/<int:number>/", imports.ImportView.as_view(), name="import"),
    path("imports/<int:number>/rows/", imports.ImportRowsView.as_view(), name="import-rows"),
    path(
        "imports/<int:number>/faulty-rows/",
        imports.ImportFaultyRowsView.as_view(),
        name="import-faulty-rows",
    ),
    path("imports/<int:number>/map/", imports.ImportMapView.as_view(), name="import-map"),
    path("imports/<int:number>/apply/", imports.ImportApplyView.as_view(), name="import-apply"),
    path("imports/<int:number>/cancel/", imports.ImportCancelView.as_view(), name="import-cancel"),
    path("imports/<int:number>/undo/", imports.ImportUndoView.as_view(), name="import-undo"),
    path("exports/", exports.ExportsView.as_view(), name="export-list"),
    path("exports/<int:number>/", exports.ExportView.as_view(), name="export"),
    path("exports/<int:number>/file/", exports.ExportFileView.as_view(), name="export-file"),
    path("categories/", reference.CategoryListView.as_view(), name="category-list"),
    path("problems/<slug:name>/", reference.ProblemView.as_view(), name="problem"),
    path("schema/", reference.SchemaView.as_view(), name="schema"),
    path("docs/", reference.DocsView.as_view(), name="docs"),
    re_path("", reference.NowhereView.as_view(), name="nowhere"),
]
