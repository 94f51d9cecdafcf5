"""The API's addresses."""

from django.urls import path, re_path

from catalog.api.schema import DocsView, SchemaView
from catalog.api.views.products import ProductDetailView, ProductListView
from catalog.api.views.reference import CategoryListView, NowhereView, ProblemView

app_name = "api"
urlpatterns = [
    path("products/", ProductListView.as_view(), name="product-list"),
    path("products/<str:sku>/", ProductDetailView.as_view(), name="product-detail"),
    path("categories/", CategoryListView.as_view(), name="category-list"),
    path("problems/<slug:name>/", ProblemView.as_view(), name="problem"),
    path("schema/", SchemaView.as_view(), name="schema"),
    path("docs/", DocsView.as_view(), name="docs"),
    re_path("", NowhereView.as_view(), name="nowhere"),
]
