"""The addresses of the pages outside the admin."""

from django.urls import include, path, re_path

from catalog.views.storefront import MEDIA_PATH, home, media, product

storefront = [
    path("", home, name="home"),
    path("products/<path:sku>/", product, name="product"),
]
urlpatterns = [
    re_path(rf"^media/(?P<path>{MEDIA_PATH})\Z", media, name="media"),
    path("", include((storefront, "storefront"))),
]
