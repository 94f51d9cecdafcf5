"""Reads of descriptions."""

from django.db.models import F, Q

#: A text that no person made or changed. Only such a one may make way for a machine's.
IN_MACHINE_WORDS = Q(
    created_by=None,
    standard=F("generated_standard"),
    alt_text=F("generated_alt_text"),
    detailed=F("generated_detailed"),
)
