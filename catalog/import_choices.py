"""The named values of imports and exports. Stored values never change; labels may."""

from django.db import models


class ImportState(models.TextChoices):
    """Life of an import; the arrows are in `catalog.transitions.product_import`."""

    READING = "reading", "Being read"
    MAPPING = "mapping", "Waiting for its columns"
    CHECKING = "checking", "Dry run"
    CHECKED = "checked", "Waiting to be applied"
    APPLYING = "applying", "Being applied"
    PHOTOS = "photos", "Taking in photos"
    COMPLETED = "completed", "Completed"
    CANCELLED = "cancelled", "Cancelled"
    FAILED = "failed", "Failed"
    UNDOING = "undoing", "Being undone"
    UNDONE = "undone", "Undone"


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

    NEW = "new", "New"
    CHANGED = "changed", "Changed"
    UNCHANGED = "unchanged", "Unchanged"
    FAULTY = "faulty", "Faulty"


class RowState(models.TextChoices):
    """Life of a row: `staged -> applied -> undone | kept`, or `staged -> refused`."""

    STAGED = "staged", "Waiting"
    APPLIED = "applied", "Applied"
    REFUSED = "refused", "Refused"
    UNDONE = "undone", "Undone"
    KEPT = "kept", "Kept, because somebody edited it since"


class ImportPhotoState(models.TextChoices):
    """Life of a photo that a row names."""

    WAITING = "waiting", "Waiting"
    LEASED = "leased", "Being read"
    STORED = "stored", "Stored"
    KNOWN = "known", "There already"
    FAULTY = "faulty", "Refused"
    CANCELLED = "cancelled", "Cancelled"


OPEN_PHOTO_STATES = (ImportPhotoState.WAITING, ImportPhotoState.LEASED)


class DescriptionUse(models.TextChoices):
    """What becomes of the descriptions in a file."""

    APPROVED = "approved", "Approved texts, as people wrote them"
    DRAFTS = "drafts", "Drafts to review"
    CAPTIONS = "captions", "Training captions, never shown"
    IGNORE = "ignore", "Left out"


class Encoding(models.TextChoices):
    """Those that exports of shops come in, for when it is not found out rightly."""

    FOUND_OUT = "", "Find out"
    UTF_8 = "utf-8", "UTF-8"
    UTF_16 = "utf-16", "UTF-16"
    WESTERN = "cp1252", "Windows-1252 (Western)"
    CENTRAL_EUROPEAN = "cp1250", "Windows-1250 (Central European)"
    CYRILLIC = "cp1251", "Windows-1251 (Cyrillic)"
    MAC_ROMAN = "mac_roman", "Mac Roman"
    SHIFT_JIS = "shift_jis", "Shift JIS"
    GB_18030 = "gb18030", "GB 18030"


class ExportState(models.TextChoices):
    """Life of an export: `queued -> running -> done | failed`; `done -> expired`."""

    QUEUED = "queued", "Queued"
    RUNNING = "running", "Being written"
    DONE = "done", "Ready"
    FAILED = "failed", "Failed"
    EXPIRED = "expired", "Expired"


class ExportFormat(models.TextChoices):
    """The forms in which products leave."""

    MODA_CSV = "moda_csv", "MODA, CSV"
    MODA_XLSX = "moda_xlsx", "MODA, XLSX"
    SHOPIFY = "shopify", "Shopify, CSV"
    WOOCOMMERCE = "woocommerce", "WooCommerce, CSV"
    MAGENTO = "magento", "Magento 2, CSV"
    GOOGLE_TSV = "google_tsv", "Google Merchant, TSV"
    GOOGLE_XML = "google_xml", "Google Merchant, XML"
    IMAGEFOLDER = "imagefolder", "Captions with photos, for training (ZIP)"
