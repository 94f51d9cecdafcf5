"""Stored photos, served so that no browser can take one for anything but a picture."""

from pathlib import PurePosixPath

from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpRequest
from django.views.decorators.http import require_safe

#: Only names that `catalog.photos` gives: no dot-dot, no folder of another's, no other extension.
MEDIA_PATH = r"(?:photos|thumbnails)/[0-9a-f]{2}/[0-9a-f]{32}\.(?:jpg|png|webp)"
CONTENT_TYPES = {".jpg": "image/jpeg", ".png": "image/png", ".webp": "image/webp"}


@require_safe
def media(request: HttpRequest, path: str) -> FileResponse:
    """The photo or thumbnail at `path` below the media folder; 404 when there is none.

    Names are random and never used again, so an answer may be kept for ever.
    """
    try:
        file = default_storage.open(path)
    except FileNotFoundError as error:
        raise Http404("No such photo.") from error
    return FileResponse(
        file,
        content_type=CONTENT_TYPES[PurePosixPath(path).suffix],
        headers={
            "Cache-Control": "public, max-age=31536000, immutable",
            "Content-Security-Policy": "sandbox; default-src 'none'",
            "Cross-Origin-Resource-Policy": "cross-origin",  # storefronts live on other origins
            "X-Content-Type-Options": "nosniff",
        },
    )
