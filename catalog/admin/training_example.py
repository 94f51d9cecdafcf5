"""The manifests of runs: which caption of whom a version learned from, by ids and hashes."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from catalog.admin.pages import ReadOnlyAdmin
from catalog.models import TrainingExample


@admin.register(TrainingExample)
class TrainingExampleAdmin(ReadOnlyAdmin):
    """Rows are written when a run is made, and stay as long as it does."""

    list_display = ["number", "sku", "category", "use", "text_hash", "photo_hash", "author_key"]
    list_display_links = None
    list_filter = ["run", "use"]
    search_fields = ["sku", "text_sha256", "photo_sha256"]
    empty_state = _("No run was made yet.")

    @admin.display(description=_("Text, SHA-256"))
    def text_hash(self, example: TrainingExample) -> str:
        return example.text_sha256[:16]

    @admin.display(description=_("Photo, SHA-256"))
    def photo_hash(self, example: TrainingExample) -> str:
        return example.photo_sha256[:16]
