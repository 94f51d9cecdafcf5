"""Categories: plain rows without rules of their own beyond the database's constraints."""

from django import forms
from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from catalog.models import Category


class CategoryForm(forms.ModelForm):
    """Says in words what the database would refuse, and that a circle of parents leads nowhere."""

    class Meta:
        model = Category
        fields = ["name", "slug", "parent"]

    def clean_parent(self) -> Category | None:
        parent = above = self.cleaned_data["parent"]
        while above is not None:
            if above.pk == self.instance.pk:
                raise forms.ValidationError(_("A category cannot be below itself."))
            above = above.parent
        return parent


@admin.register(Category)
class CategoryAdmin(admin.ModelAdmin):
    """A category that products or categories use cannot be deleted; the database refuses."""

    form = CategoryForm
    list_display = ["name", "slug", "parent", "product_count"]
    list_select_related = ["parent"]
    ordering = ["name"]
    search_fields = ["name", "slug"]
    prepopulated_fields = {"slug": ["name"]}
    empty_state = _(
        "Categories group products and are filters in the storefront. Add the first one."
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Category]:
        return super().get_queryset(request).annotate(product_count=Count("products"))

    @admin.display(description=_("Products"), ordering="product_count")
    def product_count(self, category: Category) -> int:
        return category.product_count  # type: ignore[attr-defined]
