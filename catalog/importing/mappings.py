"""Remembers how people mapped a header."""

import json
from collections.abc import Mapping, Sequence
from hashlib import sha256

from django.contrib.auth.base_user import AbstractBaseUser

from catalog.models import ColumnMapping


def mapping_remembered(header: Sequence[str]) -> dict[str, str]:
    """The mapping that somebody chose for a header like this; empty if nobody has."""
    found = ColumnMapping.objects.filter(header_digest=_digest(header)).first()
    return dict(found.mapping) if found is not None else {}


def mapping_remember(
    header: Sequence[str], mapping: Mapping[str, str], actor: AbstractBaseUser | None
) -> None:
    """Keep a mapping for the next file with this header."""
    ColumnMapping.objects.update_or_create(
        header_digest=_digest(header), defaults={"mapping": dict(mapping), "updated_by": actor}
    )


def _digest(header: Sequence[str]) -> str:
    names = [name.strip().lower() for name in header]
    return sha256(json.dumps(names).encode()).hexdigest()
