"""Products, with a list that jobs are made from and a form with photos and text; categories."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, ForeignKey, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from catalog.admin.describe import DescribeActions
from catalog.admin.exports import ExportActions
from catalog.admin.labels import (
    CategoryFilter,
    DescriptionStateFilter,
    description_badges,
    product_thumbnail,
    state_badge,
    with_description_state,
)
from catalog.admin.pages import permitted, refusals_as_messages, rows_of, user_of
from catalog.admin.product_form import (
    FurtherCategoryInline,
    ProductForm,
    ProductImageInline,
    TranslationInline,
    VariantInline,
)
from catalog.admin.product_history import (
    PUBLISHED,
    UNPUBLISHED,
    product_history,
    products_log,
)
from catalog.admin.product_texts import product_step, product_texts, warn_without_text
from catalog.admin.training_runs import RetrainActions
from catalog.category_fields import CategoryPathField
from catalog.models import Category, Product, ProductImage
from catalog.photo_store import photos_delete
from catalog.selectors.completeness import product_gaps
from catalog.services.products import (
    product_create,
    product_image_add,
    product_places_tidy,
    product_update,
)
from catalog.transitions.product import product_publish, product_unpublish

FACTS = ["sku", "title", "brand", "category", "colour", "gender", "attributes"]


@admin.register(Product)
class ProductAdmin(DescribeActions, RetrainActions, ExportActions):
    """A product is unpublished and never deleted, so that its texts and their history stay."""

    form = ProductForm
    formfield_overrides = {ForeignKey: {"form_class": CategoryPathField}}  # there is no other
    inlines = [FurtherCategoryInline, TranslationInline, VariantInline, ProductImageInline]
    change_form_template = "admin/catalog/product/change_form.html"
    list_display = ["thumbnail", "name", "category", "colour", "description_state", "state_label"]
    list_display_links = ["name"]
    list_filter = [DescriptionStateFilter, "state", ("category", CategoryFilter), "gender"]
    list_per_page = 50
    search_fields = ["sku", "title", "brand", "colour", "=variants__sku", "=variants__barcode"]
    search_help_text = _("Search SKU, title, brand or colour")
    ordering = ["sku"]
    actions = [
        "describe_selected",
        "describe_again",
        "publish_selected",
        "unpublish_selected",
        "export_selected",
        "retrain_selected",
    ]
    save_on_top = False
    empty_heading = _("No products yet")
    empty_state = _(
        "Add a product here, import an export of your shop under “Imports”, or import a folder: "
        "python manage.py import_products FOLDER"
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Product]:
        products = super().get_queryset(request).select_related("category")
        return with_description_state(products.prefetch_related("images"))

    def get_fieldsets(self, request: HttpRequest, obj: Product | None = None) -> list[Any]:
        fieldsets = [
            (_("Product details"), {"fields": FACTS[:-1]}),
            (_("Attributes"), {"fields": FACTS[-1:]}),
        ]
        if self._may_add_photos(request, obj):
            fieldsets.append((_("New photos"), {"fields": ["new_photos"]}))
        return fieldsets

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        """An import's page links to the list of its products."""
        return lookup == "import_rows__product_import__id__exact" or super().lookup_allowed(
            lookup, value, request
        )

    has_publish_permission = permitted("catalog.publish_product")

    @admin.action(description=_("Publish selected products"), permissions=["publish"])
    def publish_selected(self, request: HttpRequest, queryset: QuerySet[Product]) -> None:
        if published := _done(request, queryset, product_publish):
            count = len(published)
            said = ngettext("%(count)s product published.", "%(count)s products published.", count)
            messages.success(request, said % {"count": count})
            products_log(products=published, actor=user_of(request), message=PUBLISHED)
            warn_without_text(request, published)

    @admin.action(description=_("Unpublish selected products"), permissions=["publish"])
    def unpublish_selected(self, request: HttpRequest, queryset: QuerySet[Product]) -> None:
        if unpublished := _done(request, queryset, product_unpublish):
            products_log(products=unpublished, actor=user_of(request), message=UNPUBLISHED)
            count = len(unpublished)
            said = ngettext(
                "%(count)s product unpublished.", "%(count)s products unpublished.", count
            )
            messages.success(request, said % {"count": count})

    def get_urls(self) -> list[URLPattern]:
        step = self.admin_site.admin_view(require_POST(self.step_view))
        url = path("<int:product_id>/review/", step, name="catalog_product_review")
        return [url, *super().get_urls()]

    def step_view(self, request: HttpRequest, product_id: int) -> HttpResponse:
        """Do what a button beside the texts or the title asks."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        product = get_object_or_404(Product, pk=product_id)
        return product_step(request, product)

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """The stock form, then its photos: decoding is slow, so it is outside the transaction."""
        response = super().changeform_view(request, object_id, form_url, extra_context)
        photos: list[tuple[Product, Any]] = getattr(request, "_new_photos", [])
        stored = sum(self._add_photo(request, product, photo) for product, photo in photos)
        if stored:
            messages.success(
                request,
                ngettext("%(count)s photo stored.", "%(count)s photos stored.", stored)
                % {"count": stored},
            )
        return response

    def _may_add_photos(self, request: HttpRequest, product: Product | None) -> bool:
        may_save = product is None or self.has_change_permission(request, product)
        return may_save and request.user.has_perm("catalog.add_productimage")

    def _add_photo(self, request: HttpRequest, product: Product, photo: Any) -> bool:
        with refusals_as_messages(request, about=_("%(name)s was refused") % {"name": photo.name}):
            product_image_add(
                product=product, upload=photo, name=photo.name, actor=user_of(request)
            )
            return True
        return False

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        product = kwargs.get("obj")
        if product is not None:
            context["gaps"] = product_gaps(product)
        if product is not None and request.user.has_perm("catalog.view_description"):
            context["texts"] = product_texts(product, user_of(request))
        return super().render_change_form(request, context, *args, **kwargs)

    def save_model(
        self,
        request: HttpRequest,
        obj: Product,
        form: ProductForm,
        change: bool,  # noqa: FBT001
    ) -> None:
        facts = {name: form.cleaned_data[name] for name in FACTS}
        if change:
            product_update(product=obj, facts=facts)
        else:
            created = product_create(**facts)
            obj.pk, obj._state.adding = created.pk, False
        photos = form.cleaned_data["new_photos"] if self._may_add_photos(request, obj) else []
        # For changeform_view, which stores them.
        request._new_photos = [(obj, photo) for photo in photos]  # type: ignore[attr-defined]

    def save_formset(
        self,
        request: HttpRequest,
        form: Any,
        formset: Any,
        change: bool,  # noqa: FBT001
    ) -> None:
        if formset.model is not ProductImage:
            super().save_formset(request, form, formset, change)
            product_places_tidy(product=form.instance)
            return
        formset.save(commit=False)  # only finds what was ticked; nothing else can change
        photos_delete(images=formset.deleted_objects)

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Django's page with all that happened: publishing, texts and imports as well."""
        product = self.get_object(request, object_id)
        lines = product_history(product) if product is not None else []
        return super().history_view(request, object_id, {**(extra_context or {}), "history": lines})

    def view_on_site(self, product: Product) -> str | None:
        return reverse("storefront:product", args=[product.sku])

    @admin.display(description=_("Photo"))
    def thumbnail(self, product: Product) -> SafeString:
        return product_thumbnail(product)

    @admin.display(description=_("Product"), ordering="sku")
    def name(self, product: Product) -> SafeString:
        return format_html('{}<br><span class="moda-quiet">{}</span>', product.title, product.sku)

    @admin.display(description=_("Description"), ordering="draft_confidence")
    def description_state(self, product: Product) -> SafeString:
        return description_badges(product)

    @admin.display(description=_("State"), ordering="state")
    def state_label(self, product: Product) -> SafeString:
        return state_badge(product.state, product.get_state_display())


def _done(
    request: HttpRequest, queryset: QuerySet[Product], service: Callable[..., None]
) -> list[Product]:
    """The products that the service took; why it refused the others is shown."""
    taken = []
    for product in rows_of(queryset):
        with refusals_as_messages(request):
            service(product=product, actor=user_of(request))
            taken.append(product)
    return taken


class CategoryForm(forms.ModelForm[Category]):
    """Refuses, in words, a parent that lies below the category itself."""

    class Meta:
        model = Category
        fields = ["name", "slug", "parent"]

    def clean_parent(self) -> Category | None:
        parent: Category | None = self.cleaned_data["parent"]
        above = parent
        while above is not None:
            if above.pk == self.instance.pk:
                raise forms.ValidationError(_("A category cannot be below itself."))
            above = above.parent
        return parent


@admin.register(Category)
class CategoryAdmin(admin.ModelAdmin[Category]):
    """A category that has products or sub-categories cannot be deleted; the database refuses."""

    form = CategoryForm
    formfield_overrides = {ForeignKey: {"form_class": CategoryPathField}}
    list_display = ["name", "slug", "parent", "product_count"]
    list_select_related = ["parent"]
    ordering = ["name"]
    search_fields = ["name", "slug"]
    prepopulated_fields = {"slug": ["name"]}
    empty_state = _(
        "Categories group products, and customers filter by them in the storefront. Add one here."
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Category]:
        categories: QuerySet[Category] = super().get_queryset(request)
        return categories.annotate(product_count=Count("products"))

    @admin.display(description=_("Products"), ordering="product_count")
    def product_count(self, category: Any) -> int:
        count: int = category.product_count  # from the query above
        return count
