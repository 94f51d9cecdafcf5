"""What a person may do with imports: start, map columns, apply, cancel, undo."""

import json
import secrets
import shutil
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any, BinaryIO

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import User
from django.db import transaction
from django.utils.translation import gettext as _

from catalog import wakeups
from catalog.choices import ConflictUse, DescriptionUse
from catalog.exceptions import ImportRefused
from catalog.importing.staging import import_files_remove, seen_file, upload_folder
from catalog.models import ColumnMapping, ProductImport
from catalog.tables.formats.plain import KEEP_AS_ATTRIBUTE, SKU, TARGETS
from catalog.tables.language_codes import language_code
from catalog.transitions import import_export as transitions
from catalog.transitions.import_photo import import_photos_cancel

_NAME_LENGTH = 255
LARGEST_UPLOAD = 4_000_000_000  # bytes


def product_import_create(
    *,
    path: Path,
    name: str,
    actor: User | None = None,
    uploaded: bool = False,
    descriptions: DescriptionUse = DescriptionUse.APPROVED,
    language: str = "",
    publish: bool = False,
    apply_at_once: bool = False,
    encoding: str = "",
    conflicts: ConflictUse = ConflictUse.OURS,
    api_owner: str = "",
    wake: bool = True,
) -> ProductImport:
    """Create an import of a file or folder, which a worker reads; it shows what is wrong there.

    In another `language` than the shop's it brings translations. Raises `ImportRefused` for a
    language that is none.
    """
    with transaction.atomic():
        product_import = ProductImport.objects.create(
            path=str(path),
            name=name.encode(errors="replace").decode().replace("\0", "")[:_NAME_LENGTH],
            created_by=actor,
            uploaded=uploaded,
            descriptions=descriptions,
            language=language_chosen(language),
            publish=publish,
            apply_at_once=apply_at_once,
            encoding=encoding,
            conflicts=conflicts,
            api_owner=api_owner,
        )
        if wake:
            _wake_on_commit()
    return product_import


def language_chosen(language: str) -> str:
    """The code of a language, the shop's where none is named. Raises `ImportRefused`."""
    if code := language_code(language or settings.SHOP_LANGUAGE):
        return code
    raise ImportRefused(
        _("There is no language %(code)r: write a code such as de or pt-BR.") % {"code": language}
    )


def upload_store(*, upload: BinaryIO, name: str) -> Path:
    """Store an uploaded file under a random name. Raises `ImportRefused` if it is too large.

    A short plain suffix is kept: readers need it where two kinds of files begin alike.
    """
    suffix = Path(name).suffix.lower()
    plain = suffix[1:].isascii() and suffix[1:].isalnum() and len(suffix) <= 6
    folder = upload_folder() / secrets.token_hex(16)
    folder.mkdir(parents=True)
    path = folder / f"source{suffix if plain else ''}"
    written = 0
    try:
        with path.open("wb") as file:
            while piece := upload.read(1 << 20):
                written += len(piece)
                if written > LARGEST_UPLOAD:
                    raise ImportRefused(
                        _("%(name)s is larger than 4 GB: split it.") % {"name": name}
                    )
                file.write(piece)
    except BaseException:
        path.unlink(missing_ok=True)
        folder.rmdir()
        raise
    return path


def product_import_upload(*, upload: BinaryIO, name: str, **options: Any) -> ProductImport:
    """`product_import_create` for an upload, which is deleted if that or `upload_store` fails."""
    path = upload_store(upload=upload, name=name)
    try:
        return product_import_create(path=path, name=name, uploaded=True, **options)
    except BaseException:
        shutil.rmtree(path.parent, ignore_errors=True)
        raise


def import_path_check(name: str) -> Path:
    """The path of a file or folder in the server's import folder. Raises `ImportRefused`."""
    folder = Path(settings.IMPORT_DIRECTORY).resolve()
    if "\0" in name:
        raise ImportRefused(_("The path holds a NUL character."))
    path = (folder / name).resolve()
    if not name.strip() or path == folder or not path.is_relative_to(folder):
        raise ImportRefused(_("Name a file or folder inside %(folder)s.") % {"folder": folder})
    if any(part.startswith(".") for part in path.relative_to(folder).parts):
        raise ImportRefused(_("Names that begin with a dot are not imported."))
    if not path.exists():
        raise ImportRefused(
            _("There is no %(name)r in %(folder)s.") % {"name": name, "folder": folder}
        )
    return path


def product_import_map(
    *, product_import: ProductImport, mapping: Mapping[str, str], actor: User | None
) -> ProductImport:
    """Choose what each column contains, remember that, and start the dry run, or another one.

    Raises `ImportRefused` for an impossible mapping, `TransitionRefused` in another state, and
    where the file's format says what its columns hold.
    """
    unknown = [column for column in mapping if column not in product_import.header]
    if unknown:
        raise ImportRefused(
            _("%(name)s has no column %(column)r.")
            % {"name": product_import.name, "column": unknown[0]}
        )
    clean = {column: mapping.get(column, "") for column in product_import.header}
    _mapping_check(clean.values())
    with transaction.atomic():
        transitions.import_map(product_import=product_import, mapping=clean, actor=actor)
        seen_file(product_import).unlink(missing_ok=True)
        _mapping_remember(product_import.header, clean, actor)
        _wake_on_commit()
    return product_import


def product_import_apply(*, product_import: ProductImport, actor: User | None) -> ProductImport:
    """Apply what the dry run showed. Raises `TransitionRefused` in another state."""
    with transaction.atomic():
        transitions.import_apply(product_import=product_import, actor=actor)
        _wake_on_commit()
    return product_import


def product_import_cancel(*, product_import: ProductImport, actor: User | None) -> ProductImport:
    """Stop an import, but keep what it applied. Raises `TransitionRefused` if it has ended."""
    with transaction.atomic():
        transitions.import_cancel(product_import=product_import, actor=actor)
        import_photos_cancel(product_import=product_import)
        transaction.on_commit(partial(import_files_remove, product_import))
    return product_import


def product_import_undo(*, product_import: ProductImport, actor: User | None) -> ProductImport:
    """Undo all but later edits. Raises `TransitionRefused` unless completed or cancelled."""
    with transaction.atomic():
        transitions.import_undo(product_import=product_import, actor=actor)
        _wake_on_commit()
    return product_import


def _mapping_check(targets: Iterable[str]) -> None:
    chosen = [target for target in targets if target]
    unknown = [target for target in chosen if target not in TARGETS]
    if unknown:
        raise ImportRefused(_("There is no fact %(fact)r.") % {"fact": unknown[0]})
    if chosen.count(SKU) != 1:
        raise ImportRefused(_("Choose one column that holds the SKU."))
    twice = [t for t in chosen if t != KEEP_AS_ATTRIBUTE and chosen.count(t) > 1]
    if twice:
        raise ImportRefused(
            _("Two columns cannot both be “%(fact)s”.") % {"fact": TARGETS[twice[0]]}
        )


def _wake_on_commit() -> None:
    transaction.on_commit(wakeups.wake_imports)


def mapping_remembered(header: Sequence[str]) -> dict[str, str]:
    """The last mapping that somebody chose for this header; empty if there is none."""
    found = ColumnMapping.objects.filter(header_digest=_digest(header)).first()
    return dict(found.mapping) if found is not None else {}


def _mapping_remember(
    header: Sequence[str], mapping: Mapping[str, str], actor: AbstractBaseUser | None
) -> None:
    """Remember a mapping for the next file with this header."""
    ColumnMapping.objects.update_or_create(
        header_digest=_digest(header), defaults={"mapping": dict(mapping), "updated_by": actor}
    )


def _digest(header: Sequence[str]) -> str:
    names = [name.strip().lower() for name in header]
    return sha256(json.dumps(names).encode()).hexdigest()
