"""`manage.py register_starter`: make the built-in starter known, and use it if nothing else is."""

from django.core.management.base import BaseCommand, CommandError

from catalog.engine.weights import starter_identity, starter_languages, starter_metrics
from catalog.selectors.model_versions import model_version_active
from catalog.services.model_versions import model_version_register
from catalog.transitions.model_version import model_version_activate


class Command(BaseCommand):
    help = "Register the built-in starter as a model version; activate it if none is active."

    def handle(self, *args: object, **options: object) -> None:
        try:
            name, sha256, licence = starter_identity()
        except Exception as error:
            raise CommandError(f"The starter cannot be read: {error}") from error
        version = model_version_register(
            name=name,
            directory="",
            weights_sha256=sha256,
            licence=licence,
            metrics=starter_metrics(),
            languages=starter_languages(),
        )
        active = model_version_active()
        # Or a former starter is active, whose weights this one has replaced on disk.
        if active is None or (active.directory == "" and active.pk != version.pk):
            model_version_activate(version=version, actor=None)
        self.stdout.write(f"{version.name}: {version.get_state_display().lower()}")
