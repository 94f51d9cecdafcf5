"""Puts our admin site in the place of Django's own; named in INSTALLED_APPS."""

from django.contrib.admin.apps import AdminConfig


class CatalogAdminConfig(AdminConfig):
    default_site = "catalog.admin_site.CatalogAdminSite"
