"""The pages that customers see, which show what the API serves and no more; stored photos."""

import re
from pathlib import PurePosixPath

from django import forms
from django.core.files.storage import default_storage
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from catalog.category_fields import CategoryField
from catalog.choices import ProductState
from catalog.models import Category
from catalog.models.product import SKU_PATTERN
from catalog.selectors.products import (
    product_speak,
    products_for_storefront,
    products_in,
    products_matching,
)

PRODUCTS_A_PAGE = 24


class SearchForm(forms.Form):
    """The bar above the grid. An invalid value is shown, and filters nothing."""

    search = forms.CharField(
        required=False,
        max_length=200,
        widget=forms.TextInput(attrs={"type": "search", "placeholder": "Shirt, blue, brand …"}),
    )
    category = CategoryField(
        queryset=Category.objects.filter(
            Q(products__state=ProductState.PUBLISHED)
            | Q(further_products__state=ProductState.PUBLISHED)
        ).distinct(),
        to_field_name="slug",
        required=False,
        empty_label=_("All categories"),
    )


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """The published products by SKU, filtered by search and category."""
    form = SearchForm(request.GET)
    form.is_valid()
    language = get_language() or "en"
    products = products_for_storefront(language=language).order_by("sku")
    if category := form.cleaned_data.get("category"):
        products = products_in(products, category.slug)
    if search := form.cleaned_data.get("search"):
        products = products_matching(products, search)
    page = Paginator(products, PRODUCTS_A_PAGE).get_page(request.GET.get("page"))
    page.object_list = [product_speak(one, language=language) for one in page.object_list]
    query = request.GET.copy()
    query.pop("page", None)
    context = {
        "form": form,
        "page": page,
        "query": query.urlencode(),
        "narrowed": bool(category or search),
    }
    return render(request, "storefront/home.html", context)


@require_safe
def product(request: HttpRequest, sku: str) -> HttpResponse:
    """One published product; 404 for any other."""
    if not re.match(SKU_PATTERN, sku):
        raise Http404("No product has this SKU.")
    language = get_language() or "en"
    found = get_object_or_404(products_for_storefront(language=language), sku=sku)
    context = {
        "product": product_speak(found, language=language),
        "further": found.further_categories.order_by("further_places__position"),
        "language": language,
    }
    return render(request, "storefront/product.html", context)


#: Only names that `catalog.photos` gives: no dots, no other folder, no other extension.
MEDIA_PATH = r"(?:photos|thumbnails)/[0-9a-f]{2}/[0-9a-f]{32}\.(?:jpg|png|webp)"
CONTENT_TYPES = {".jpg": "image/jpeg", ".png": "image/png", ".webp": "image/webp"}


@require_safe
def media(request: HttpRequest, path: str) -> FileResponse:
    """The photo or thumbnail at `path`; headers make a browser treat it as a picture alone.

    404 where there is none. Names are random and never used again, so browsers may keep it.
    """
    try:
        file = default_storage.open(path)
    except FileNotFoundError as error:
        raise Http404("No such photo.") from error
    return FileResponse(
        file,
        content_type=CONTENT_TYPES[PurePosixPath(path).suffix],
        headers={
            "Cache-Control": "public, max-age=31536000, immutable",
            "Content-Security-Policy": "sandbox; default-src 'none'",
            "Cross-Origin-Resource-Policy": "cross-origin",  # storefronts live on other origins
            "X-Content-Type-Options": "nosniff",
        },
    )
