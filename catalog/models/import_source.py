"""Sources that come by themselves: an address or a path that is imported on a schedule."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from catalog.choices import ConflictUse, DescriptionUse, ImportSourceState
from catalog.leasing import LeasedRow, LeasePolicy
from catalog.models.common import Requested, is_known
from catalog.models.import_export import ProductImport

#: Failures in a row after which a source is stopped.
MOST_FAILURES = 5


class ImportSource(LeasedRow, Requested):
    """A feed of a shop, asked for every so many minutes. What has not changed is not imported."""

    # The lease covers one look at the source. Its imports are leased by themselves.
    lease = LeasePolicy(
        due=(ImportSourceState.ACTIVE,),
        working=(ImportSourceState.ACTIVE,),
        given_up=ImportSourceState.STOPPED,
        attempts=5,
    )

    state = models.CharField(
        _("state"),
        max_length=12,
        choices=ImportSourceState.choices,
        default=ImportSourceState.ACTIVE,
        editable=False,
    )
    name = models.CharField(_("name"), max_length=100, unique=True)
    url = models.CharField(
        _("address"),
        max_length=2000,
        blank=True,
        help_text=_("Of a CSV, XML, XLSX or ZIP file on the public internet."),
    )
    path = models.CharField(
        _("path"),
        max_length=1000,
        blank=True,
        help_text=_("Instead of an address: a file or folder in the server's import folder."),
    )
    user = models.CharField(_("user"), max_length=200, blank=True)
    #: Encrypted with a key that is derived from SECRET_KEY.
    sealed_password = models.TextField(blank=True, editable=False)
    every_minutes = models.PositiveIntegerField(
        _("every (minutes)"), default=1440, help_text=_("From 5 minutes to 31 days.")
    )
    descriptions = models.CharField(
        _("descriptions"),
        max_length=10,
        choices=DescriptionUse.choices,
        default=DescriptionUse.APPROVED,
    )
    language = models.CharField(_("language of the file"), max_length=10, blank=True)
    encoding = models.CharField(
        _("encoding"), max_length=40, blank=True, help_text=_("Empty to detect it.")
    )
    publish = models.BooleanField(
        _("publish"), default=False, help_text=_("Show the products to storefronts.")
    )
    conflicts = models.CharField(
        _("conflicts"),
        max_length=6,
        choices=ConflictUse.choices,
        default=ConflictUse.OURS,
        help_text=_("What counts where both the file and somebody here changed a fact."),
    )
    apply = models.BooleanField(
        _("apply by itself"),
        default=True,
        help_text=_("Otherwise each dry run waits for somebody to apply it."),
    )
    report_to = models.EmailField(
        _("report to"), blank=True, help_text=_("Gets a mail when an import ends or is refused.")
    )
    due_at = models.DateTimeField(_("next look"), default=timezone.now, editable=False)
    #: What the server said of the last file (`ETag`, `Last-Modified`), and the sum of its content.
    etag = models.CharField(max_length=500, blank=True, editable=False)
    last_modified = models.CharField(max_length=100, blank=True, editable=False)
    digest = models.CharField(max_length=64, blank=True, editable=False)
    looked_at = models.DateTimeField(_("last look"), null=True, blank=True, editable=False)
    failures = models.PositiveSmallIntegerField(_("failures in a row"), default=0, editable=False)
    completed = models.PositiveIntegerField(_("imports completed"), default=0, editable=False)
    message = models.TextField(_("message"), blank=True, editable=False)
    ended_at = models.DateTimeField(_("stopped at"), null=True, blank=True, editable=False)
    last_import = models.ForeignKey(
        ProductImport,
        verbose_name=_("last import"),
        null=True,
        blank=True,
        editable=False,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    #: The state of the last import that the source has dealt with; empty for none yet.
    settled = models.CharField(max_length=10, blank=True, editable=False)

    class Meta:
        verbose_name = _("import source")
        verbose_name_plural = _("import sources")
        ordering = ["name"]
        indexes = [models.Index(fields=["state", "due_at"], name="import_source_due")]
        constraints = [
            is_known(ImportSourceState, name="import_source_state_is_known"),
            models.CheckConstraint(
                condition=(Q(url="") & ~Q(path="")) | (~Q(url="") & Q(path="")),
                name="import_source_has_one_place",
                violation_error_message=_("Give either an address or a path."),
            ),
            models.CheckConstraint(
                condition=Q(every_minutes__gte=5, every_minutes__lte=44_640),
                name="import_source_interval",
                violation_error_message=_("Look every 5 minutes at most, every 31 days at least."),
            ),
        ]

    def __str__(self) -> str:
        return self.name
