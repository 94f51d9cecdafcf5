"""How a brand speaks: what the texts of its products honour, whoever writes them."""

from typing import Any

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from catalog.choices import VoiceFormality, VoicePerson, VoiceSentences, VoiceSpelling
from catalog.models.common import is_known

LINE_LENGTH = 200
WORDS_LENGTH = 5_000


class BrandVoice(models.Model):
    """The voice of one brand; its products are those whose brand has this name, however cased."""

    brand = models.CharField(_("brand"), max_length=120)
    formality = models.CharField(
        _("formality"),
        max_length=10,
        choices=VoiceFormality.choices,
        default=VoiceFormality.NEUTRAL,
    )
    sentence_length = models.CharField(
        _("sentences"), max_length=10, choices=VoiceSentences.choices, default=VoiceSentences.ANY
    )
    person = models.CharField(
        _("speaks"),
        max_length=10,
        choices=VoicePerson.choices,
        default=VoicePerson.ITEM,
        help_text=_("Of the detailed description; the other texts speak of the item."),
    )
    spelling = models.CharField(
        _("spelling"),
        max_length=10,
        choices=VoiceSpelling.choices,
        default=VoiceSpelling.BRITISH,
    )
    banned = models.TextField(
        _("banned words"),
        max_length=WORDS_LENGTH,
        blank=True,
        help_text=_("One a line. No text holds them; a fact with such words is not said."),
    )
    preferred = models.TextField(
        _("preferred words"),
        max_length=WORDS_LENGTH,
        blank=True,
        help_text=_("One a line: “trousers = pants” says “pants” wherever “trousers” would stand."),
    )
    taste = models.TextField(
        _("words of praise"),
        max_length=WORDS_LENGTH,
        blank=True,
        help_text=_(
            "Adjectives of taste, one a line, said instead of MODA's own. Words that need proof, "
            "such as “sustainable”, are said only where the catalog says so."
        ),
    )
    opening = models.CharField(
        _("opening line"),
        max_length=LINE_LENGTH,
        blank=True,
        help_text=_("Before each detailed description. Nobody checks what it claims."),
    )
    closing = models.CharField(
        _("closing line"),
        max_length=LINE_LENGTH,
        blank=True,
        help_text=_("Behind each detailed description. Nobody checks what it claims."),
    )
    updated_at = models.DateTimeField(_("changed"), auto_now=True)

    class Meta:
        verbose_name = _("brand voice")
        verbose_name_plural = _("brand voices")
        ordering = ["brand"]
        constraints = [
            models.UniqueConstraint(
                Lower("brand"),
                name="one_voice_a_brand",
                violation_error_message=_("This brand has a voice already."),
            ),
            models.CheckConstraint(condition=~Q(brand=""), name="voice_is_of_a_brand"),
            is_known(VoiceFormality, name="voice_formality_is_known", field="formality"),
            is_known(VoiceSentences, name="voice_sentences_are_known", field="sentence_length"),
            is_known(VoicePerson, name="voice_person_is_known", field="person"),
            is_known(VoiceSpelling, name="voice_spelling_is_known", field="spelling"),
        ]

    def __str__(self) -> str:
        return self.brand

    def settings(self) -> dict[str, Any]:
        """What the engine is told, as JSON, without what is the default."""
        given = {
            "formality": self.formality,
            "sentence_length": self.sentence_length,
            "person": self.person,
            "spelling": self.spelling,
            "banned": lines_of(self.banned),
            "preferred": dict(pairs_of(self.preferred)),
            "taste": lines_of(self.taste),
            "opening": self.opening,
            "closing": self.closing,
        }
        usual = {
            "formality": VoiceFormality.NEUTRAL,
            "sentence_length": VoiceSentences.ANY,
            "person": VoicePerson.ITEM,
            "spelling": VoiceSpelling.BRITISH,
        }
        return {name: value for name, value in given.items() if value and value != usual.get(name)}


def lines_of(text: str) -> list[str]:
    """The lines that hold something, each once, stripped."""
    return list(dict.fromkeys(line for one in text.splitlines() if (line := one.strip())))


def pairs_of(text: str) -> list[tuple[str, str]]:
    """The lines "word = word" as pairs; others are passed over."""
    halves = (line.split("=", 1) for line in lines_of(text) if "=" in line)
    pairs = ((word.strip(), instead.strip()) for word, instead in halves)
    return [(word, instead) for word, instead in pairs if word and instead]
