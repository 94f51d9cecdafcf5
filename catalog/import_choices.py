"""The named values of imports and exports. Stored values never change; labels may."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class ImportState(models.TextChoices):
    """Life of an import; the arrows are in `catalog.transitions.product_import`."""

    READING = "reading", _("Being read")
    MAPPING = "mapping", _("Waiting for its columns")
    CHECKING = "checking", _("Dry run")
    CHECKED = "checked", _("Waiting to be applied")
    APPLYING = "applying", _("Being applied")
    PHOTOS = "photos", _("Taking in photos")
    COMPLETED = "completed", _("Completed")
    CANCELLED = "cancelled", _("Cancelled")
    FAILED = "failed", _("Failed")
    UNDOING = "undoing", _("Being undone")
    UNDONE = "undone", _("Undone")


#: States in which a worker has something to do.
WORKING_IMPORT_STATES = (
    ImportState.READING,
    ImportState.CHECKING,
    ImportState.APPLYING,
    ImportState.PHOTOS,
    ImportState.UNDOING,
)
#: States from which a person may cancel.
OPEN_IMPORT_STATES = (*WORKING_IMPORT_STATES[:-1], ImportState.MAPPING, ImportState.CHECKED)


class RowOutcome(models.TextChoices):
    """What the dry run says of a product of the file."""

    NEW = "new", _("New")
    CHANGED = "changed", _("Changed")
    UNCHANGED = "unchanged", _("Unchanged")
    FAULTY = "faulty", _("Faulty")


class RowState(models.TextChoices):
    """Life of a row: `staged -> applied -> undone | kept`, or `staged -> refused`."""

    STAGED = "staged", _("Waiting")
    APPLIED = "applied", _("Applied")
    REFUSED = "refused", _("Refused")
    UNDONE = "undone", _("Undone")
    KEPT = "kept", _("Kept, because somebody edited it since")


class ImportPhotoState(models.TextChoices):
    """Life of a photo that a row names."""

    WAITING = "waiting", _("Waiting")
    LEASED = "leased", _("Being read")
    STORED = "stored", _("Stored")
    KNOWN = "known", _("There already")
    FAULTY = "faulty", _("Refused")
    CANCELLED = "cancelled", _("Cancelled")


OPEN_PHOTO_STATES = (ImportPhotoState.WAITING, ImportPhotoState.LEASED)


class DescriptionUse(models.TextChoices):
    """What becomes of the descriptions in a file."""

    APPROVED = "approved", _("Approved texts, as people wrote them")
    DRAFTS = "drafts", _("Drafts to review")
    CAPTIONS = "captions", _("Training captions, never shown")
    IGNORE = "ignore", _("Left out")


class Encoding(models.TextChoices):
    """Those that exports of shops come in, for when it is not found out rightly."""

    FOUND_OUT = "", _("Find out")
    UTF_8 = "utf-8", _("UTF-8")
    UTF_16 = "utf-16", _("UTF-16")
    WESTERN = "cp1252", _("Windows-1252 (Western)")
    CENTRAL_EUROPEAN = "cp1250", _("Windows-1250 (Central European)")
    CYRILLIC = "cp1251", _("Windows-1251 (Cyrillic)")
    MAC_ROMAN = "mac_roman", _("Mac Roman")
    SHIFT_JIS = "shift_jis", _("Shift JIS")
    GB_18030 = "gb18030", _("GB 18030")


class ExportState(models.TextChoices):
    """Life of an export: `queued -> running -> done | failed`; `done -> expired`."""

    QUEUED = "queued", _("Queued")
    RUNNING = "running", _("Being written")
    DONE = "done", _("Ready")
    FAILED = "failed", _("Failed")
    EXPIRED = "expired", _("Expired")


class ExportFormat(models.TextChoices):
    """The forms in which products leave."""

    MODA_CSV = "moda_csv", _("MODA, CSV")
    MODA_XLSX = "moda_xlsx", _("MODA, XLSX")
    SHOPIFY = "shopify", _("Shopify, CSV")
    WOOCOMMERCE = "woocommerce", _("WooCommerce, CSV")
    MAGENTO = "magento", _("Magento 2, CSV")
    GOOGLE_TSV = "google_tsv", _("Google Merchant, TSV")
    GOOGLE_XML = "google_xml", _("Google Merchant, XML")
    IMAGEFOLDER = "imagefolder", _("Captions with photos, for training (ZIP)")
