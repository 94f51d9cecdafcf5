"""The style sheet: what people put in place of the words that models write."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

LONGEST_PHRASE = 80


class StyleRule(models.Model):
    """One preference of the shop, found in edits; new drafts follow it while it is on.

    `changed` of the `seen` drafts that people judged have it; `examples` are ids of some of them.
    """

    language = models.CharField(_("language"), max_length=10, default="en")
    said = models.CharField(_("drafts said"), max_length=LONGEST_PHRASE)
    wanted = models.CharField(
        _("people write"),
        max_length=LONGEST_PHRASE,
        blank=True,
        help_text=_("Empty where people leave it out."),
    )
    changed = models.PositiveIntegerField(_("changed"))
    seen = models.PositiveIntegerField(_("seen"))
    examples = models.JSONField(default=list, blank=True)
    is_on = models.BooleanField(_("followed"), default=False)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("decided by"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True)

    class Meta:
        verbose_name = _("style rule")
        verbose_name_plural = _("style sheet")
        ordering = ["-changed", "said"]
        constraints = [
            models.UniqueConstraint(
                fields=["language", "said"],
                condition=models.Q(is_on=True),
                name="one_style_rule_followed_a_phrase",
            ),
            models.UniqueConstraint(
                fields=["language", "said", "wanted"], name="one_style_rule_a_preference"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.said} → {self.wanted or '–'}"
