"""Checks what a person typed as a description, before anything is written."""

from catalog.exceptions import DescriptionRefused
from catalog.models.description import ALT_TEXT_LENGTH, TEXT_LENGTH

_FIELDS = {
    "standard": ("description", TEXT_LENGTH),
    "alt_text": ("alt text", ALT_TEXT_LENGTH),
    "detailed": ("detailed description", TEXT_LENGTH),
}


def texts_clean(*, standard: str, alt_text: str, detailed: str) -> dict[str, str]:
    """The texts as they are stored: stripped, lines ended by a line feed.

    Raises `DescriptionRefused` for an empty description, a text too long (125 characters of alt
    text, 5,000 of the others) or a NUL, which PostgreSQL cannot store.
    """
    texts = {"standard": standard, "alt_text": alt_text, "detailed": detailed}
    clean = {field: _clean(text, *_FIELDS[field]) for field, text in texts.items()}
    if not clean["standard"]:
        raise DescriptionRefused("The description is empty: write at least a word.")
    return clean


def _clean(text: str, label: str, longest: int) -> str:
    if "\0" in text:
        raise DescriptionRefused(f"The {label} holds a NUL character: remove it.")
    text = text.replace("\r\n", "\n").replace("\r", "\n").strip()
    if len(text) > longest:
        raise DescriptionRefused(
            f"The {label} has {len(text):,} characters; up to {longest:,} are allowed."
        )
    return text
