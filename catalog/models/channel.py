"""Where products are shown: a storefront, a shopping engine, a marketplace, and what it needs."""

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from catalog.models.voice import WORDS_LENGTH
from catalog.tables.language_codes import LANGUAGE_LENGTH, LANGUAGE_PATTERN


class Channel(models.Model):
    """A channel: its language, what a product needs to be complete for it, and banned words.

    `catalog.completeness` reads the lines of `requirements`.
    """

    name = models.CharField(_("name"), max_length=80, unique=True)
    language = models.CharField(
        _("language"),
        max_length=LANGUAGE_LENGTH,
        default="en",
        validators=[RegexValidator(LANGUAGE_PATTERN, _("Write a code such as de or pt-BR."))],
        help_text=_("Of the approved texts that it shows."),
    )
    requirements = models.TextField(
        _("a product needs"),
        max_length=WORDS_LENGTH,
        help_text=_(
            "One a line: title, brand, category, colour, gender, photos, “text NAME” or "
            "“attribute NAME”. “title <= 70” limits the characters, “photos >= 2” the photos."
        ),
    )
    banned = models.TextField(
        _("banned words"),
        max_length=WORDS_LENGTH,
        blank=True,
        help_text=_("One a line. Neither the title nor an approved text may hold them."),
    )
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    class Meta:
        verbose_name = _("channel")
        verbose_name_plural = _("channels")
        ordering = ["position", "name"]
        constraints = [models.CheckConstraint(condition=~Q(name=""), name="channel_has_a_name")]

    def __str__(self) -> str:
        return self.name
