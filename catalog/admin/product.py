"""Products: the list that jobs are made from, and the form with facts, photos and text."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from catalog.admin.describe_actions import DescribeActions
from catalog.admin.labels import (
    DescriptionStateFilter,
    description_badges,
    product_thumbnail,
    state_badge,
    with_description_state,
)
from catalog.admin.pages import refusals_as_messages
from catalog.admin.product_export import ExportActions
from catalog.admin.product_form import ProductForm
from catalog.admin.product_image import ProductImageInline
from catalog.admin.product_texts import product_step, product_texts
from catalog.admin.publish_actions import PublishActions
from catalog.admin.retrain_actions import RetrainActions
from catalog.models import Product
from catalog.photo_store import photo_delete
from catalog.services.products import product_create, product_image_add, product_update

FACTS = ["sku", "title", "brand", "category", "colour", "gender", "attributes"]


@admin.register(Product)
class ProductAdmin(
    DescribeActions, RetrainActions, PublishActions, ExportActions, admin.ModelAdmin
):
    """Products are never deleted, so that texts and their history stay; they are unpublished."""

    form = ProductForm
    inlines = [ProductImageInline]
    change_form_template = "admin/catalog/product/change_form.html"
    list_display = ["thumbnail", "name", "category", "colour", "description_state", "state_label"]
    list_display_links = ["name"]
    list_filter = [DescriptionStateFilter, "state", "category", "gender"]
    list_per_page = 50
    search_fields = ["sku", "title", "brand", "colour"]
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
        "Add the first one here, bring in an export of your shop under “Imports”, or a folder: "
        "python manage.py import_products FOLDER"
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Product]:
        products = super().get_queryset(request).select_related("category")
        return with_description_state(products.prefetch_related("images"))

    def get_fieldsets(self, request: HttpRequest, obj: Product | None = None) -> list[Any]:
        fieldsets = [("Facts", {"fields": FACTS[:-1]}), ("Further facts", {"fields": FACTS[-1:]})]
        if self._may_add_photos(request, obj):
            fieldsets.append(("New photos", {"fields": ["new_photos"]}))
        return fieldsets

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_urls(self) -> list[URLPattern]:
        step = self.admin_site.admin_view(require_POST(self.step_view))
        url = path("<int:product_id>/review/", step, name="catalog_product_review")
        return [url, *super().get_urls()]

    def step_view(self, request: HttpRequest, product_id: int) -> HttpResponse:
        """A button beside the texts or the title was pressed."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        product = get_object_or_404(Product, pk=product_id)
        return product_step(request, product, site=self.admin_site)

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """The stock form, then its photos: decoding is slow, so not in the form's transaction."""
        response = super().changeform_view(request, object_id, form_url, extra_context)
        product, photos = getattr(request, "_saved_product", (None, []))
        stored = sum(self._add_photo(request, product, photo) for photo in photos)
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
            product_image_add(product=product, upload=photo, name=photo.name, actor=request.user)
            return True
        return False

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        product = kwargs.get("obj")
        context["may_publish"] = self.has_publish_permission(request)
        if product is not None and request.user.has_perm("catalog.view_description"):
            context["texts"] = product_texts(product, request.user)
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
            product_update(product=obj, actor=request.user, **facts)
        else:
            created = product_create(actor=request.user, **facts)
            obj.pk, obj._state.adding = created.pk, False
        photos = form.cleaned_data["new_photos"] if self._may_add_photos(request, obj) else []
        request._saved_product = (obj, photos)  # type: ignore[attr-defined]

    def save_formset(
        self,
        request: HttpRequest,
        form: Any,
        formset: Any,
        change: bool,  # noqa: FBT001
    ) -> None:
        formset.save(commit=False)  # only to learn what was ticked; nothing else can change
        for image in formset.deleted_objects:
            photo_delete(image=image)

    def view_on_site(self, product: Product) -> str | None:  # type: ignore[override]
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
