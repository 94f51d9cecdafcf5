"""The project's addresses, and the plain API below `/plain/`."""

from django.urls import include, path
from rest_framework.routers import SimpleRouter

from benchmarks.api_site.plain import PlainProducts

router = SimpleRouter()
router.register("products", PlainProducts)

urlpatterns = [path("plain/", include(router.urls)), path("", include("config.urls"))]
