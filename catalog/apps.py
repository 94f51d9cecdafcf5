"""The one Django application of the project."""

import django_stubs_ext
from django.apps import AppConfig

# Forms and admin classes name their model in brackets, `ModelAdmin[Product]`; Django's own classes
# know that notation in their type stubs alone.
django_stubs_ext.monkeypatch()


class CatalogConfig(AppConfig):
    name = "catalog"
    verbose_name = "Catalog"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register the system checks, and what SQLite needs around a migration."""
        from django.db.models.signals import post_migrate, pre_migrate

        from catalog import change_feed, checks  # noqa: F401

        pre_migrate.connect(change_feed.before_migrate, sender=self)
        post_migrate.connect(change_feed.after_migrate, sender=self)
