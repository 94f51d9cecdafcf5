"""A product's main photo, small."""

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from catalog.models import Product


def product_thumbnail(product: Product) -> SafeString:
    """The first of the (prefetched) photos. Its alternative text is empty: a name is beside it."""
    images = list(product.images.all())
    if not images:
        return format_html('<span class="moda-thumb moda-thumb-none">{}</span>', _("No photo"))
    return format_html('<img class="moda-thumb" src="{}" alt="">', images[0].thumbnail.url)
