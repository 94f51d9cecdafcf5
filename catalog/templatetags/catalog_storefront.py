"""Filters of the storefront's templates."""

from django import template

register = template.Library()


@register.filter
def as_words(name: str) -> str:
    """The name of an attribute for a reader: "product_type" is "Product type"."""
    words = name.replace("_", " ").strip()
    return words[:1].upper() + words[1:]
