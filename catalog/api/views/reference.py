"""What helps to use the API: categories, kinds of problems, the schema and a page that shows it."""

from django.db.models import Count, Q
from django.http import Http404
from drf_spectacular.utils import OpenApiParameter
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.api import schema  # noqa: F401  # registers what the generator has to know
from catalog.api.access import ClientThrottle
from catalog.api.caching import PUBLIC_CACHE, cache_control, etag_of, tagged, unchanged
from catalog.api.documentation import operation
from catalog.api.problems import Problem
from catalog.api.shapes import CategoryListShape, ProblemTypeShape
from catalog.api.views.base import ApiView
from catalog.choices import ProductState
from catalog.models import ApiScope, Category

PROBLEM_NAME = OpenApiParameter(
    "name", str, OpenApiParameter.PATH, description="The last part of a problem's `type`."
)


class CategoryListView(ApiView):
    """`/categories/`."""

    scopes = {"GET": ApiScope.READ}

    @operation(
        "categories_list",
        "List the categories",
        answers={200: CategoryListShape},
        conditional=True,
        public=True,
    )
    def get(self, request: Request) -> Response:
        published = Count("products", filter=Q(products__state=ProductState.PUBLISHED))
        rows = list(
            Category.objects.order_by("name", "slug")
            .annotate(published=published)
            .values_list("name", "slug", "parent__slug", "published")
        )
        etag = etag_of(request, rows)
        response = unchanged(request, etag, None) or tagged(
            {
                "results": [
                    {"name": name, "slug": slug, "parent": parent, "products": count}
                    for name, slug, parent, count in rows
                ]
            },
            etag,
            None,
        )
        response["Cache-Control"] = cache_control(PUBLIC_CACHE)
        return response


class ProblemView(ApiView):
    """`/problems/{name}/`: the address in the `type` of a problem."""

    cache = "public, max-age=86400"

    @operation(
        "problems_retrieve",
        "Read about a kind of problem",
        answers={200: ProblemTypeShape},
        parameters=(PROBLEM_NAME,),
        public=True,
    )
    def get(self, request: Request, name: str) -> Response:
        problem = next((one for one in Problem if one.slug == name), None)
        if problem is None:
            raise Http404
        return Response(
            {
                "type": request.build_absolute_uri(request.path),
                "name": problem.slug,
                "status": problem.status,
                "title": problem.title,
                "advice": problem.advice,
            }
        )


class SchemaView(SpectacularAPIView):
    """OpenAPI 3.1 of `/api/v1/`, as YAML or (`?format=json`) JSON."""

    throttle_classes = (ClientThrottle,)


class DocsView(SpectacularSwaggerSplitView):
    """Swagger UI from the static files here. Its set-up script is a request of its own, because
    the Content-Security-Policy allows no script in the page."""

    template_name = "api/docs.html"
    url_name = "api:schema"


class NowhereView(ApiView):
    """Any other address below `/api/v1/`."""

    def initial(self, request: Request, *args: object, **kwargs: object) -> None:
        raise Http404
