"""Who wrote a text: the model, the model and then a person, or a person alone."""

from enum import Enum

from catalog.models import Description


class Provenance(Enum):
    """The origin of a text as readers are told it."""

    GENERATED = "generated"
    EDITED = "edited"
    HUMAN = "human"


def description_provenance(description: Description) -> Provenance:
    """Compare what is shown with what the model wrote; both are kept on the row."""
    if not description.generated_standard:
        return Provenance.HUMAN
    shown = (description.standard, description.alt_text, description.detailed)
    generated = (
        description.generated_standard,
        description.generated_alt_text,
        description.generated_detailed,
    )
    return Provenance.GENERATED if shown == generated else Provenance.EDITED
