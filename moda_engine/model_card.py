"""The README.md of a checkpoint, written from its configuration and what training recorded.

Imports nothing heavy. What other people's model cards say is quoted as one line of plain text.
"""

import json
import re
from typing import Any

TITLES = {"encoder": "image encoder", "language_model": "language model"}


def model_card_text(config: dict[str, Any], record: dict[str, Any]) -> str:
    """The model card.

    Args:
        config: of the checkpoint, as `config.json` has it; `parts` says what it was made of.
        record: what training says about itself; empty where nothing was trained.
    """
    parts = {slot: part for slot, part in (config.get("parts") or {}).items() if slot in TITLES}
    sections = [
        _head(_licences(parts, record)),
        "# A MODA checkpoint\n",
        "Writes one sentence about a fashion item from its photo: a frozen image encoder, a\n"
        "non-linear projector, a causal language model. Made with `moda_engine`.\n",
        "## Parts and licences\n",
        _parts(parts) if parts else "Where the parts came from is not recorded.\n",
        "## Training\n",
        _training(record),
        "## Use\n",
        "```console\n$ python -m moda_engine describe --model THIS-FOLDER PHOTO…\n```\n",
        "For product shots of one item. Not for judging people.\n",
    ]
    return "\n".join(sections)


def adapter_card_text(config: dict[str, Any], record: dict[str, Any]) -> str:
    """The model card of an adapter.

    Args:
        config: of the checkpoint that it runs on, as `config.json` has it.
        record: what training says about itself; its `base` is that checkpoint's identity.
    """
    parts = {slot: part for slot, part in (config.get("parts") or {}).items() if slot in TITLES}
    sections = [
        _head(_licences(parts, record)),
        "# A MODA adapter\n",
        f"Low-rank matrices that run on the MODA checkpoint `{_plain(record.get('base'))}` and on\n"
        "no other; they hold for it what its licence holds.\n",
        "## Parts and licences of the checkpoint\n",
        _parts(parts) if parts else "Where the parts came from is not recorded.\n",
        "## Training\n",
        _training(record),
    ]
    return "\n".join(sections)


def _licences(parts: dict[str, Any], record: dict[str, Any]) -> list[dict[str, Any] | None]:
    """Of the parts; where they are not recorded, of the checkpoint that training began from."""
    if parts:
        return [part.get("licence") for part in parts.values()]
    base = record.get("base_licence")
    return [base] if base else []


def _head(licences: list[dict[str, Any] | None]) -> str:
    """The YAML head: one licence where all parts have the same, else `other` and what it is."""
    identifiers = sorted({licence["identifier"] if licence else "unknown" for licence in licences})
    lines = ["library_name: transformers", "pipeline_tag: image-to-text"]
    if any(licence and licence["non_commercial"] for licence in licences):
        lines = ["license: other", "license_name: non-commercial", *lines]
    elif len(identifiers) == 1:
        lines = [f"license: {_yaml(identifiers[0])}", *lines]
    elif identifiers:
        lines = ["license: other", f"license_name: {_yaml('-and-'.join(identifiers))}", *lines]
    return "\n".join(["---", *lines, "---", ""])


def _parts(parts: dict[str, dict[str, Any]]) -> str:
    lines = ["| slot | model | revision | SHA-256 of its weights | licence |", "|---" * 5 + "|"]
    notes = []
    for slot, part in parts.items():
        name, licence = _plain(part["name"]), part.get("licence")
        revision = part.get("revision") or _place(part)
        lines.append(
            f"| {TITLES[slot]} | {name} | {revision} | `{part['sha256']}` | {_licence(licence)} |"
        )
        if part.get("origin"):
            notes.append(f"{name}: {_plain(part['origin'])}.\n")
        if licence is None:
            notes.append(
                f"The licence of {name} is not stated beside it: find it out before you use this "
                f"checkpoint.\n"
            )
        elif licence["non_commercial"]:
            notes.append(
                f"**Not for commercial use.** The licence of {name} allows non-commercial use "
                f"only; treat this whole checkpoint so, however it is trained further.\n"
            )
    return "\n".join([*lines, "", *notes])


def _place(part: dict[str, Any]) -> str:
    return f"wheel {_plain(part['wheel'])}" if part.get("wheel") else "a local folder"


def _licence(licence: dict[str, Any] | None) -> str:
    if licence is None:
        return "not stated"
    words = _plain(licence["identifier"])
    if licence.get("name"):
        words += f" ({_plain(licence['name'])})"
    if licence.get("link"):
        words += f", {_plain(licence['link'])}"
    return words


def _training(record: dict[str, Any]) -> str:
    if not record:
        return (
            "None yet: the projector is new, so what is written says nothing about the photo. "
            "Teach it:\n\n```console\n"
            "$ python -m moda_engine train --model THIS-FOLDER --data PHOTOS --output FOLDER\n"
            "```\n"
        )
    recipe = record.get("recipe")
    name = recipe.get("name") if isinstance(recipe, dict) else None
    by = f"By the recipe `{_plain(name)}`; " if name else ""
    return f"{by}recipe and curve are in `training.json`.\n"


def _plain(text: object) -> str:
    """One line of text that means nothing to Markdown's tables or to HTML."""
    line = " ".join(str(text).split())[:200]
    return line.replace("|", "/").replace("<", "(").replace(">", ")").replace("`", "'")


def _yaml(text: str) -> str:
    return text if re.fullmatch(r"[a-z0-9][a-z0-9.+-]*", text) else json.dumps(text)
