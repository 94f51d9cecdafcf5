"""`manage.py register_copywriter`: make the built-in copywriter known, as a candidate."""

from django.core.management.base import BaseCommand, CommandError

from catalog.engine.weights import ModelUnavailable, copywriter_publish
from catalog.services.model_versions import model_version_register


class Command(BaseCommand):
    help = (
        "Register the built-in copywriter as a model version; its language model is installed by "
        "`make parts`. Jobs can choose it, and managers can promote it."
    )

    def handle(self, *args: object, **options: object) -> None:
        try:
            published = copywriter_publish()
        except ModelUnavailable as error:
            raise CommandError(str(error)) from error
        version = model_version_register(
            name=published.name,
            directory=published.name,
            weights_sha256=published.weights_sha256,
            licence=published.licence,
            files=published.files,
        )
        self.stdout.write(f"{version.name}: {version.get_state_display().lower()}")
