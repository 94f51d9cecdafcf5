"""How far a person's words are from the machine's."""

from rapidfuzz.distance import Levenshtein

from catalog.models import Description


def edit_distance(description: Description) -> int | None:
    """Characters put in, taken out or exchanged in all texts; None where no machine wrote one."""
    if not description.generated_standard:
        return None
    return sum(
        Levenshtein.distance(
            getattr(description, f"generated_{field}"), getattr(description, field)
        )
        for field in ("standard", "alt_text", "detailed")
    )
