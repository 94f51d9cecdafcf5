"""What a person may ask for with descriptions."""

from django.contrib.auth.models import User

from catalog.choices import DescriptionState
from catalog.models import Description, Product
from catalog.services.description_texts import reason_clean, texts_clean
from catalog.transitions import description as transitions


def description_write(
    *,
    product: Product,
    actor: User | None,
    standard: str,
    alt_text: str = "",
    detailed: str = "",
    language: str = "en",
) -> Description:
    """A draft written by hand. Raises `DescriptionRefused` for an empty or over-long text."""
    return transitions.description_write(
        product=product,
        actor=actor,
        language=language,
        texts=texts_clean(standard=standard, alt_text=alt_text, detailed=detailed),
    )


def description_edit(
    *,
    description: Description,
    actor: User | None,
    standard: str,
    alt_text: str = "",
    detailed: str = "",
) -> Description:
    """Change the words; returns the draft that holds them, which is not always `description`.

    A draft is changed in place. An approved text stays as it is, and in use: the change becomes a
    new draft, which supersedes it once approved. The same words change nothing. Raises
    `DescriptionRefused` for an empty or over-long text, `TransitionRefused` for a text that is
    neither draft nor approved.
    """
    texts = texts_clean(standard=standard, alt_text=alt_text, detailed=detailed)
    if description.state != DescriptionState.APPROVED:
        transitions.description_change_text(description=description, actor=actor, texts=texts)
        return description
    if all(getattr(description, field) == text for field, text in texts.items()):
        return description
    return transitions.description_revise(description=description, actor=actor, texts=texts)


def description_approve(*, description: Description, actor: User | None) -> Description:
    """Let storefronts show a draft. The text approved before it is superseded.

    Raises `TransitionRefused` unless it is a draft.
    """
    transitions.description_approve(description=description, actor=actor)
    return description


def description_reject(
    *, description: Description, actor: User | None, reason: str = ""
) -> Description:
    """Put a draft aside. Raises `TransitionRefused` unless it is one, `DescriptionRefused` for a
    reason of more than 200 characters or with a NUL.
    """
    transitions.description_reject(
        description=description, actor=actor, reason=reason_clean(reason)
    )
    return description


def description_withdraw(*, description: Description, actor: User | None) -> Description:
    """Take an approved text off the storefronts. Raises `TransitionRefused` unless it is one."""
    transitions.description_withdraw(description=description, actor=actor)
    return description


def description_reopen(*, description: Description, actor: User | None) -> Description:
    """Undo a review: an approved, rejected or withdrawn text is a draft again.

    Raises `TransitionRefused` for a draft or a superseded text.
    """
    transitions.description_reopen(description=description, actor=actor)
    return description
