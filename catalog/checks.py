"""Checks at start: they find what would otherwise fail later, far from its cause."""

import os
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.core.checks import Warning as CheckWarning
from PIL import features


@register(Tags.files)
def folders_are_writable(**kwargs: Any) -> list[CheckMessage]:
    """Photos and data need a folder: it, or the nearest one above it, must be writable."""
    errors: list[CheckMessage] = []
    for name in ("DATA_DIRECTORY", "MEDIA_DIRECTORY"):
        folder = Path(getattr(settings, name))
        existing = next(path for path in (folder, *folder.parents) if path.exists())
        if not existing.is_dir() or not os.access(existing, os.W_OK | os.X_OK):
            errors.append(
                Error(
                    f"{folder} cannot be written: {existing} is not a writable folder.",
                    hint=f"Set MODA_{name} to a folder that this user may write.",
                    id="catalog.E001",
                )
            )
    return errors


@register()
def photo_decoders_are_there(**kwargs: Any) -> list[CheckMessage]:
    """A Pillow built without a decoder would refuse every photo of that kind as unreadable."""
    return [
        Error(
            f"This Pillow cannot read {label}.",
            hint="Install Pillow from its wheel, as requirements.txt does.",
            id="catalog.E002",
        )
        for feature, label in (("jpg", "JPEG"), ("zlib", "PNG"), ("webp", "WebP"))
        if not features.check(feature)
    ]


@register(Tags.database)
def sqlite_takes_its_lock_first(**kwargs: Any) -> list[CheckMessage]:
    """Workers that lease at the same time need IMMEDIATE transactions on SQLite."""
    database = settings.DATABASES["default"]
    if not database["ENGINE"].endswith("sqlite3"):
        return []
    if database.get("OPTIONS", {}).get("transaction_mode") == "IMMEDIATE":
        return []
    return [
        Error(
            "SQLite's transaction mode is not IMMEDIATE: workers would fail with "
            "'database is locked'.",
            id="catalog.E003",
        )
    ]


@register(Tags.security, deploy=True)
def cookies_go_by_https(**kwargs: Any) -> list[CheckMessage]:
    """Over plain http anybody on the way can read a session."""
    if settings.HTTPS:
        return []
    return [
        CheckWarning(
            "Cookies travel over plain http.",
            hint="Behind a proxy that serves https alone, set MODA_HTTPS=true.",
            id="catalog.W001",
        )
    ]
