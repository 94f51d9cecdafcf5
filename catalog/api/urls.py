"""The API's addresses."""

from django.urls import path

from catalog.api.schema import DocsView, SchemaView
from catalog.api.views import ProductDetailView, ProductListView

app_name = "api"
urlpatterns = [
    path("products/", ProductListView.as_view(), name="product-list"),
    path("products/<str:sku>/", ProductDetailView.as_view(), name="product-detail"),
    path("schema/", SchemaView.as_view(), name="schema"),
    path("docs/", DocsView.as_view(), name="docs"),
]
