"""The storefront's two pages. They show what the API serves: published, approved, nothing else."""

import re

from django import forms
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from catalog.choices import ProductState
from catalog.models import Category
from catalog.models.product import SKU_PATTERN
from catalog.selectors.products import products_for_storefront, products_matching

PRODUCTS_A_PAGE = 24


class SearchForm(forms.Form):
    """The bar above the grid. A value that makes no sense is shown and narrows nothing."""

    search = forms.CharField(
        required=False,
        max_length=200,
        widget=forms.TextInput(attrs={"type": "search", "placeholder": "Shirt, blue, brand …"}),
    )
    category = forms.ModelChoiceField(
        queryset=Category.objects.filter(products__state=ProductState.PUBLISHED).distinct(),
        to_field_name="slug",
        required=False,
        empty_label=_("All categories"),
    )


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """The grid, by SKU, with search and category."""
    form = SearchForm(request.GET)
    form.is_valid()
    products = products_for_storefront().order_by("sku")
    if category := form.cleaned_data.get("category"):
        products = products.filter(category=category)
    if search := form.cleaned_data.get("search"):
        products = products_matching(products, search)
    page = Paginator(products, PRODUCTS_A_PAGE).get_page(request.GET.get("page"))
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
    """One product; 404 unless it is published."""
    if not re.match(SKU_PATTERN, sku):
        raise Http404("No product has this SKU.")
    found = get_object_or_404(products_for_storefront(), sku=sku)
    return render(request, "storefront/product.html", {"product": found})
