"""The pages' addresses."""

from django.urls import include, path, re_path

from catalog.views.health import healthz, readyz
from catalog.views.media import MEDIA_PATH, media
from catalog.views.storefront import home, product

storefront = [
    path("", home, name="home"),
    path("products/<str:sku>/", product, name="product"),
]
urlpatterns = [
    path("healthz", healthz, name="healthz"),
    path("readyz", readyz, name="readyz"),
    re_path(rf"^media/(?P<path>{MEDIA_PATH})\Z", media, name="media"),
    path("", include((storefront, "storefront"))),
]
