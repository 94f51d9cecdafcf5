"""Photos in a bucket of an S3-compatible object store, for installations on many machines."""

from django.conf import settings
from storages.backends.s3 import S3Storage


class PhotoBucket(S3Storage):  # type: ignore[misc]  # django-storages has no types
    """django-storages' own, except for addresses: browsers still get photos from `/media/`.

    So the bucket stays private, and the fixed type and sandbox of that view hold for it too.
    """

    def url(self, name: str, *args: object, **kwargs: object) -> str:
        return f"{settings.MEDIA_URL}{name}"
