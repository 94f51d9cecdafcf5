"""Writes what the model said, together with the end of its item or not at all."""

from uuid import UUID

from django.db import transaction
from django.db.models import F, QuerySet

from catalog.choices import DescriptionState
from catalog.engine.describe import GeneratedText
from catalog.models import Description, DescriptionJobItem
from catalog.transitions.description import description_draft_create, description_supersede
from catalog.transitions.job_item import item_finish


def draft_save(
    *, item: DescriptionJobItem, token: UUID, text: GeneratedText, facts: str = ""
) -> Description:
    """A new draft of the item's product; older drafts that no person touched make way for it.

    Raises `LeaseLost`, having written nothing, when the item is not the token's any more.
    """
    job = item.job
    with transaction.atomic():
        # First: it locks the item, so that of two workers only the one with the token gets on.
        item_finish(item=item, token=token)
        for former in _untouched_drafts(item):
            description_supersede(description=former, actor=None)
        return description_draft_create(
            product=item.product,
            language=job.language,
            standard=text.standard,
            alt_text=text.alt_text,
            detailed=text.detailed,
            image=item.image,
            facts=facts,
            options=job.options,
            model_version=item.model_version,
            confidence=text.confidence,
            job_item=item,
        )


def _untouched_drafts(item: DescriptionJobItem) -> QuerySet[Description]:
    """Drafts in a machine's words alone. Locked, so that nobody edits one in this moment."""
    return Description.objects.select_for_update().filter(
        product=item.product,
        language=item.job.language,
        state=DescriptionState.DRAFT,
        created_by=None,
        standard=F("generated_standard"),
        alt_text=F("generated_alt_text"),
        detailed=F("generated_detailed"),
    )
