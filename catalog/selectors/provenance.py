"""Who wrote a text: the model, the model and then a person, or a person alone."""

from collections.abc import Sequence
from enum import Enum

from catalog.models import Description


class Provenance(Enum):
    """The origin of a text as readers are told it."""

    GENERATED = "generated"
    EDITED = "edited"
    HUMAN = "human"


def description_provenance(description: Description) -> Provenance:
    """Compare what is shown with what the model wrote; both are kept on the row."""
    return provenance_of(
        shown=(description.standard, description.alt_text, description.detailed),
        generated=(
            description.generated_standard,
            description.generated_alt_text,
            description.generated_detailed,
        ),
    )


def provenance_of(*, shown: Sequence[str], generated: Sequence[str]) -> Provenance:
    """The same of bare texts, `standard` first."""
    if not generated[0]:
        return Provenance.HUMAN
    return Provenance.GENERATED if tuple(shown) == tuple(generated) else Provenance.EDITED
