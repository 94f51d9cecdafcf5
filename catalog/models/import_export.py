"""Imports with their rows and photos, and exports. These rows are the truth, as with jobs."""

import secrets

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from catalog.choices import (
    MAPPABLE_IMPORT_STATES,
    OPEN_IMPORT_STATES,
    STEPPED_IMPORT_STATES,
    UNDOABLE_IMPORT_STATES,
    ConflictUse,
    DescriptionUse,
    ExportFormat,
    ExportState,
    ImportPhotoState,
    ImportState,
    RowOutcome,
    RowState,
)
from catalog.leasing import LeasedRow, LeasePolicy
from catalog.models.common import RequestedByClient, is_known
from catalog.models.product import Product, ProductImage

#: The format of files whose columns a person has mapped.
MAPPED = "mapped"


class ProductImport(LeasedRow, RequestedByClient):
    """One file or folder that somebody asked to take in."""

    # One worker at a time steps through the rows, in the state that the import has; photos have
    # leases of their own.
    lease = LeasePolicy(
        due=STEPPED_IMPORT_STATES,
        working=STEPPED_IMPORT_STATES,
        given_up=ImportState.FAILED,
        attempts=5,
    )

    state = models.CharField(
        _("state"), max_length=10, choices=ImportState.choices, default=ImportState.READING
    )
    name = models.CharField(
        _("name"), max_length=255, help_text=_("The name of the file or folder.")
    )
    path = models.CharField(max_length=1000, help_text=_("Where the server reads it."))
    #: Whether we may delete the file: an upload yes, a folder on the server no.
    uploaded = models.BooleanField(default=False)
    encoding = models.CharField(max_length=40, blank=True, help_text=_("Empty to detect it."))
    kind = models.CharField(max_length=12, blank=True)
    format = models.CharField(max_length=20, blank=True)
    header = models.JSONField(default=list, blank=True)
    mapping = models.JSONField(default=dict, blank=True)
    descriptions = models.CharField(
        max_length=10, choices=DescriptionUse.choices, default=DescriptionUse.APPROVED
    )
    language = models.CharField(max_length=10, default="en")
    publish = models.BooleanField(default=False, help_text=_("Show the products to storefronts."))
    conflicts = models.CharField(
        max_length=6,
        choices=ConflictUse.choices,
        default=ConflictUse.OURS,
        help_text=_("What counts where both the file and somebody here changed a fact."),
    )
    apply_at_once = models.BooleanField(
        default=False, help_text=_("Apply after the dry run without asking.")
    )
    #: Byte in the staged rows, or number of the next row, where the present step goes on.
    position = models.BigIntegerField(default=0)
    size = models.BigIntegerField(default=0, help_text=_("Bytes of the staged rows."))
    new_count = models.PositiveIntegerField(_("new"), default=0)
    changed_count = models.PositiveIntegerField(_("changed"), default=0)
    unchanged_count = models.PositiveIntegerField(default=0)
    faulty_count = models.PositiveIntegerField(_("faulty"), default=0)
    #: How many rows (`ImportRow`) there are.
    row_count = models.PositiveIntegerField(default=0)
    created_categories = models.JSONField(default=list, blank=True)
    attempts = models.PositiveSmallIntegerField(
        default=0, help_text=_("Leases that ended without progress.")
    )
    message = models.TextField(blank=True, help_text=_("Why it failed."))
    step_started_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        ordering = ["-id"]
        indexes = [models.Index(fields=["state", "lease_until"], name="import_due")]
        constraints = [is_known(ImportState, name="import_state_is_known")]

    def __str__(self) -> str:
        return gettext("Import %s") % self.pk

    @property
    def is_open(self) -> bool:
        """Whether a person may still cancel it."""
        return self.state in OPEN_IMPORT_STATES

    @property
    def is_mappable(self) -> bool:
        """Whether a person may say what its columns hold; a shop's format says so itself."""
        return self.state in MAPPABLE_IMPORT_STATES and self.format in ("", MAPPED)

    @property
    def is_undoable(self) -> bool:
        """Whether a person may take back what it did."""
        return self.state in UNDOABLE_IMPORT_STATES


class ImportRow(models.Model):
    """One product of the file: its cells, what they change, and what became of it.

    Kept as long as the import: undo reads the former values here, and an export in the same format
    writes the original cells again. `changes` maps a fact to its values before and after.
    """

    product_import = models.ForeignKey(ProductImport, on_delete=models.CASCADE, related_name="rows")
    number = models.PositiveIntegerField()
    line = models.PositiveIntegerField()
    sku = models.CharField(max_length=255, blank=True)
    #: What the shop calls the product beside its SKU: a handle, a number. Empty for nothing.
    identity = models.CharField(max_length=255, blank=True)
    outcome = models.CharField(max_length=10, choices=RowOutcome.choices)
    state = models.CharField(
        _("state"), max_length=8, choices=RowState.choices, default=RowState.STAGED
    )
    changes = models.JSONField(default=dict, blank=True)
    cells = models.JSONField(
        default=list, blank=True, help_text=_("The cells as they are in the file.")
    )
    reason = models.TextField(blank=True)
    flags = models.JSONField(
        default=list,
        blank=True,
        help_text=_("Sentences about values that were taken in a changed form."),
    )
    #: What undo needs beside the changes: the ids of the text written and of the one it replaced.
    undo = models.JSONField(default=dict, blank=True)
    product = models.ForeignKey(
        Product, null=True, blank=True, on_delete=models.SET_NULL, related_name="import_rows"
    )
    #: Hash of cells, photos and options. Empty until all of the row is done.
    fingerprint = models.CharField(max_length=32, blank=True)
    #: `updated_at` of the product after this row; if it is still the same, nobody edited since.
    product_stamp = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["number"]
        verbose_name = "row of an import"
        verbose_name_plural = "rows of imports"
        indexes = [
            models.Index(fields=["sku", "state"], name="import_row_sku"),
            models.Index(
                fields=["identity"], condition=~Q(identity=""), name="import_row_identity"
            ),
            models.Index(fields=["product_import", "outcome", "number"], name="import_row_outcome"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["product_import", "number"], name="one_import_row_a_number"
            ),
            models.CheckConstraint(
                condition=~Q(outcome=RowOutcome.FAULTY) | ~Q(reason=""),
                name="a_faulty_row_says_why",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.product_import} line {self.line}"


class ImportPhoto(LeasedRow):
    """One photo that a row names: a file of the source, or an address."""

    lease = LeasePolicy(
        due=(ImportPhotoState.WAITING,),
        working=(ImportPhotoState.LEASED,),
        taken=ImportPhotoState.LEASED,
        released=ImportPhotoState.WAITING,
        given_up=ImportPhotoState.FAULTY,
        attempts=5,
    )

    row = models.ForeignKey(ImportRow, on_delete=models.CASCADE, related_name="photos")
    product_import = models.ForeignKey(
        ProductImport, on_delete=models.CASCADE, related_name="photos"
    )
    number = models.PositiveSmallIntegerField(help_text=_("Place among the row's photos."))
    name = models.CharField(_("name"), max_length=2000)
    host = models.CharField(max_length=255, blank=True, help_text=_("Empty for a file."))
    state = models.CharField(
        _("state"),
        max_length=10,
        choices=ImportPhotoState.choices,
        default=ImportPhotoState.WAITING,
    )
    due_at = models.DateTimeField()
    #: Hash of the bytes before decoding, so that the same file is not decoded again.
    source_sha256 = models.CharField(max_length=64, blank=True)
    image = models.ForeignKey(
        ProductImage, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    reason = models.TextField(blank=True)

    class Meta:
        ordering = ["row__number", "number"]
        verbose_name = "photo of an import"
        verbose_name_plural = "photos of imports"
        indexes = [
            models.Index(fields=["product_import", "state", "due_at"], name="import_photo_due"),
            models.Index(fields=["state", "lease_until"], name="import_photo_lease"),
            models.Index(fields=["name"], name="import_photo_name"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["row", "number"], name="one_import_photo_a_place")
        ]

    def __str__(self) -> str:
        return self.name


class ColumnMapping(models.Model):
    """How a person mapped a header, for the next file that has the same one."""

    header_digest = models.CharField(max_length=64, unique=True)
    mapping = models.JSONField()
    updated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL
    )
    updated_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return ", ".join(self.mapping)


def export_secret() -> str:
    """The part of a link that nobody can guess."""
    return secrets.token_urlsafe(32)


class ProductExport(LeasedRow, RequestedByClient):
    """Products in one format: the chosen ones, or `everything`."""

    lease = LeasePolicy(
        due=(ExportState.QUEUED, ExportState.RUNNING),
        working=(ExportState.RUNNING,),
        taken=ExportState.RUNNING,
        given_up=ExportState.FAILED,
        attempts=3,
    )

    state = models.CharField(
        _("state"), max_length=8, choices=ExportState.choices, default=ExportState.QUEUED
    )
    format = models.CharField(_("format"), max_length=12, choices=ExportFormat.choices)
    language = models.CharField(max_length=10, default="en")
    byte_order_mark = models.BooleanField(
        default=False, help_text=_("Begin a delimited file with a byte order mark.")
    )
    everything = models.BooleanField(default=False)
    products = models.ManyToManyField(Product, blank=True, related_name="+")
    site = models.CharField(
        max_length=200, blank=True, help_text=_("The start of the photos' addresses in the file.")
    )
    total = models.PositiveIntegerField(_("total"), default=0)
    written = models.PositiveIntegerField(default=0)
    secret = models.CharField(max_length=64, default=export_secret, unique=True, editable=False)
    expires_at = models.DateTimeField(null=True, blank=True)
    byte_size = models.BigIntegerField(default=0)
    message = models.TextField(blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("export")
        verbose_name_plural = _("exports")
        ordering = ["-id"]
        indexes = [models.Index(fields=["state", "lease_until"], name="export_due")]
        constraints = [is_known(ExportState, name="export_state_is_known")]

    def __str__(self) -> str:
        return gettext("Export %s") % self.pk

    @property
    def is_ready(self) -> bool:
        """Whether its file can be fetched: it is written, and its link still works."""
        lasts = self.expires_at is not None and self.expires_at > timezone.now()
        return self.state == ExportState.DONE and lasts
