"""What a model card says about its licence."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from huggingface_hub.repocard import metadata_load

#: Terms that hold for all weights of an architecture that its authors published, for a folder
#: whose card is missing.
KNOWN_TERMS = {
    "opt": "Meta's OPT licence, non-commercial",
}


@dataclass(frozen=True)
class Licence:
    """A licence as its model card states it: identifier, and name and link where it has them."""

    identifier: str
    name: str | None = None
    link: str | None = None
    non_commercial: bool = False

    def __str__(self) -> str:
        named = f"{self.identifier} ({self.name})" if self.name else self.identifier
        return f"{named}, non-commercial use only" if self.non_commercial else named


def stated_licence(folder: Path, model_type: str) -> Licence | None:
    """The licence in the head of `folder/README.md`, or what is known of the architecture."""
    stated = _card_head(folder / "README.md")
    identifier = stated.get("license")
    if isinstance(identifier, list):
        identifier = ", ".join(map(str, identifier))
    name, link = stated.get("license_name"), stated.get("license_link")
    if model_type in KNOWN_TERMS and identifier in {None, "other"}:
        return Licence("other", name or KNOWN_TERMS[model_type], link, non_commercial=True)
    if identifier is None:
        return None
    return Licence(str(identifier), name, link, _is_non_commercial(stated, f"{identifier} {name}"))


def _is_non_commercial(stated: dict[str, Any], words: str) -> bool:
    """`commercial: false` is how OPT's card says it; Creative Commons says `nc`."""
    words = words.lower()
    return stated.get("commercial") is False or "-nc" in words or "non-commercial" in words


def _card_head(card: Path) -> dict[str, Any]:
    """The YAML head of a model card; empty where there is none that can be read."""
    if not card.is_file():
        return {}
    try:
        return metadata_load(card) or {}
    except (OSError, ValueError, yaml.YAMLError):
        return {}
