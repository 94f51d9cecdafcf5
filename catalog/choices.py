"""The named values that the database holds. Stored values never change; labels may."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Gender(models.TextChoices):
    """Whom an item is made for."""

    MEN = "men", _("Men")
    WOMEN = "women", _("Women")
    BOYS = "boys", _("Boys")
    GIRLS = "girls", _("Girls")
    UNISEX = "unisex", _("Unisex")


class ProductState(models.TextChoices):
    """Whether storefronts may see a product."""

    DRAFT = "draft", _("Unpublished")
    PUBLISHED = "published", _("Published")


class DescriptionState(models.TextChoices):
    """Life of one version of a text: `draft -> approved | rejected | superseded`, and so on."""

    DRAFT = "draft", _("Draft")
    APPROVED = "approved", _("Approved")
    REJECTED = "rejected", _("Rejected")
    SUPERSEDED = "superseded", _("Superseded")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class DescriptionAction(models.TextChoices):
    """What happened to a description, one word an entry of its history."""

    GENERATED = "generated", _("Generated")
    WRITTEN = "written", _("Written by hand")
    EDITED = "edited", _("Edited")
    APPROVED = "approved", _("Approved")
    REJECTED = "rejected", _("Rejected")
    SUPERSEDED = "superseded", _("Superseded")
    WITHDRAWN = "withdrawn", _("Withdrawn")
    REOPENED = "reopened", _("Back to draft")
    UNDONE = "undone", _("Undone")


class ReviewStep(models.TextChoices):
    """What a reviewer can do to descriptions, one for each button."""

    SAVE = "save", _("Saved")
    APPROVE = "approve", _("Approved")
    REJECT = "reject", _("Rejected")
    RESTORE = "restore", _("Restored")
    REOPEN = "reopen", _("Back to draft")
    WITHDRAW = "withdraw", _("Withdrawn")
    BRING_BACK = "bring_back", _("Brought back")
    UNDO = "undo", _("Undone")


class BulkReviewState(models.TextChoices):
    """How far a step over many drafts is. Done, and stopped by an undo, are final."""

    RUNNING = "running", _("Running")
    DONE = "done", _("Done")
    STOPPED = "stopped", _("Stopped")


class ReviewOrder(models.TextChoices):
    """In which order drafts are reviewed."""

    DOUBT = "doubt", _("Least confident first")
    NEWEST = "newest", _("Newest first")
    CATEGORY = "category", _("By category")
    SIMILAR = "look", _("Similar photos together")


class ReviewCheck(models.TextChoices):
    """What is wrong with a draft beside what the catalog knows."""

    CONTRADICTS = "contradicts", _("Contradicts the catalog")
    DISAGREES = "disagrees", _("Photo and title disagree")


class JobState(models.TextChoices):
    """Life of a job: `queued <-> paused`, `queued -> running <-> paused`, then one of the ends."""

    QUEUED = "queued", _("Queued")
    RUNNING = "running", _("Running")
    PAUSED = "paused", _("Paused")
    COMPLETED = "completed", _("Completed")
    CANCELLED = "cancelled", _("Cancelled")
    FAILED = "failed", _("Failed")


class JobItemState(models.TextChoices):
    """Life of one photo in a job."""

    QUEUED = "queued", _("Queued")
    LEASED = "leased", _("Being described")
    RETRY = "retry", _("Waiting for another attempt")
    DONE = "done", _("Done")
    FAILED = "failed", _("Failed")
    CANCELLED = "cancelled", _("Cancelled")
    SKIPPED = "skipped", _("Skipped")


#: Item states in which work is still owed; the idempotency key is unique among these.
OPEN_ITEM_STATES = (JobItemState.QUEUED, JobItemState.LEASED, JobItemState.RETRY)
#: Job states in which items may still change.
OPEN_JOB_STATES = (JobState.QUEUED, JobState.RUNNING, JobState.PAUSED)


class FailureReason(models.TextChoices):
    """Why an item has no draft; each names what a person can do about it."""

    PHOTO_UNREADABLE = "photo_unreadable", _("The photo cannot be read: upload it again")
    PHOTO_MISSING = "photo_missing", _("The photo is missing from storage: upload it again")
    STORAGE_UNAVAILABLE = (
        "storage_unavailable",
        _("The storage did not answer: retry when it works again"),
    )
    WORKER_DIED = "worker_died", _("The worker crashed three times on this photo")
    OUT_OF_MEMORY = "out_of_memory", _("The photo needs more memory than a worker has")
    MODEL_ERROR = "model_error", _("The model failed on this photo: see the worker's log")
    MODEL_MISSING = "model_missing", _("No model version is active: register one, then retry")
    LANGUAGE_MISSING = (
        "language_missing",
        _("No model version in use writes this language: promote one, then retry"),
    )


class ItemOutcome(models.TextChoices):
    """How a done item came out otherwise than with a draft."""

    NOT_RECOGNISED = "not_recognised", _("No fashion item recognised on the photo")


class SkipReason(models.TextChoices):
    """Why a product was left out when a job was made."""

    NO_PHOTO = "no_photo", _("No photo")
    ALREADY_DESCRIBED = "already_described", _("Already described by this model version")
    HUMAN_TEXT = "human_text", _("A person's text is approved")
    HAS_TEXT = "has_text", _("Already has a description")
    IN_PROGRESS = "in_progress", _("Already waiting in another job")
    NOT_RECOGNISED = (
        "not_recognised",
        _("No fashion item was recognised on this photo, and nothing has changed since"),
    )


class TextLength(models.TextChoices):
    """How much a job writes about a photo."""

    ALT_TEXT = "alt_text", _("Alt text only")
    STANDARD = "standard", _("Alt text and description")
    DETAILED = "detailed", _("Alt text, description and detailed description")


class PageText(models.TextChoices):
    """The texts that a job writes beside those of its length, for a page and search engines."""

    PAGE_TITLE = "page_title", _("Title")
    BULLETS = "bullets", _("Bullet points")
    META_TITLE = "meta_title", _("Title for search engines")
    META_DESCRIPTION = "meta_description", _("Description for search engines")


class VoiceFormality(models.TextChoices):
    """How formally a brand speaks."""

    FORMAL = "formal", _("Formal: no contractions, no calls")
    NEUTRAL = "neutral", _("Neutral")
    FRIENDLY = "friendly", _("Friendly: “it's”")


class VoiceSentences(models.TextChoices):
    """How long its sentences may be."""

    ANY = "any", _("Of any length")
    MEDIUM = "medium", _("Up to 20 words")
    SHORT = "short", _("Up to 12 words")


class VoicePerson(models.TextChoices):
    """Whether it speaks to the customer."""

    ITEM = "item", _("Of the item")
    YOU = "you", _("To the customer: “you”")


class VoiceSpelling(models.TextChoices):
    """How it spells."""

    BRITISH = "british", _("British: grey")
    AMERICAN = "american", _("American: gray")


class KnownSource(models.TextChoices):
    """Where the catalog knows something of a product: what its descriptions are told."""

    TITLE = "title", _("Title")
    BRAND = "brand", _("Brand")
    CATEGORY = "category", _("Category")
    PRODUCT_TYPE = "product_type", _("Product type")
    COLOUR = "colour", _("Colour")
    GENDER = "gender", _("Gender")
    OPTIONS = "options", _("Sizes and colours to choose from")
    ATTRIBUTES = "attributes", _("Attributes")
    TAGS = "tags", _("Tags")
    DESCRIPTION = "description", _("The shop's own text")


class ModelVersionState(models.TextChoices):
    """Life of a set of weights: `candidate -> canary -> active -> retired`, or rejected."""

    CANDIDATE = "candidate", _("Candidate")
    CANARY = "canary", _("Canary")
    ACTIVE = "active", _("Active")
    RETIRED = "retired", _("Retired")
    REJECTED = "rejected", _("Rejected")


class GateVerdict(models.TextChoices):
    """What the gate says of a candidate."""

    PASSED = "passed", _("Passed")
    FAILED = "failed", pgettext_lazy("gate", "Failed")
    UNCLEAR = "unclear", _("Not enough evidence")


#: States in which a version writes new drafts.
USED_VERSION_STATES = (ModelVersionState.ACTIVE, ModelVersionState.CANARY)


class ImportState(models.TextChoices):
    """Life of an import; the arrows are in `catalog.transitions.import_export`."""

    READING = "reading", _("Reading the file")
    MAPPING = "mapping", _("Waiting for column mapping")
    CHECKING = "checking", _("Dry run")
    CHECKED = "checked", _("Ready to apply")
    APPLYING = "applying", _("Applying")
    PHOTOS = "photos", _("Storing photos")
    COMPLETED = "completed", _("Completed")
    CANCELLED = "cancelled", _("Cancelled")
    FAILED = "failed", _("Failed")
    UNDOING = "undoing", _("Undoing")
    UNDONE = "undone", _("Undone")


#: States in which a worker has something to do.
WORKING_IMPORT_STATES = (
    ImportState.READING,
    ImportState.CHECKING,
    ImportState.APPLYING,
    ImportState.PHOTOS,
    ImportState.UNDOING,
)
#: States in which one worker at a time steps through the rows.
STEPPED_IMPORT_STATES = tuple(
    state for state in WORKING_IMPORT_STATES if state != ImportState.PHOTOS
)
#: States from which a person may cancel.
OPEN_IMPORT_STATES = (*WORKING_IMPORT_STATES[:-1], ImportState.MAPPING, ImportState.CHECKED)
#: States in which a person may say what the columns hold; after the dry run for another one.
MAPPABLE_IMPORT_STATES = (ImportState.MAPPING, ImportState.CHECKED)
#: States from which a person may undo; a cancelled import keeps what it applied until then.
UNDOABLE_IMPORT_STATES = (ImportState.COMPLETED, ImportState.CANCELLED)


class ImportSourceState(models.TextChoices):
    """Whether a source is looked at: `active -> stopped` after failures, and back by a person."""

    ACTIVE = "active", _("Active")
    STOPPED = "stopped", _("Stopped")


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
    KEPT = "kept", _("Kept, because somebody has edited it since")


class ImportPhotoState(models.TextChoices):
    """Life of a photo that a row names."""

    WAITING = "waiting", _("Waiting")
    LEASED = "leased", _("Being read")
    STORED = "stored", _("Stored")
    KNOWN = "known", _("Already stored")
    FAULTY = "faulty", _("Refused")
    CANCELLED = "cancelled", _("Cancelled")


OPEN_PHOTO_STATES = (ImportPhotoState.WAITING, ImportPhotoState.LEASED)


class Availability(models.TextChoices):
    """Whether a variant can be bought."""

    IN_STOCK = "in_stock", _("In stock")
    OUT_OF_STOCK = "out_of_stock", _("Out of stock")
    PREORDER = "preorder", _("Preorder")
    BACKORDER = "backorder", _("Backorder")


class ConflictUse(models.TextChoices):
    """What an import does with a fact that its file and somebody here changed since the last."""

    OURS = "ours", _("Keep ours")
    THEIRS = "theirs", _("Take the file's")


class DescriptionUse(models.TextChoices):
    """What becomes of the descriptions in a file."""

    APPROVED = "approved", _("Approved descriptions")
    DRAFTS = "drafts", _("Drafts to review")
    CAPTIONS = "captions", _("Training captions, never published")
    IGNORE = "ignore", _("Nothing: ignore them")


class Encoding(models.TextChoices):
    """Those that exports of shops come in, for when it is not found out rightly."""

    FOUND_OUT = "", _("Detect automatically")
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
    RUNNING = "running", _("Writing the file")
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


class TrainingRunState(models.TextChoices):
    """Life of a run; the arrows are in `catalog.transitions.training_run`."""

    QUEUED = "queued", _("Waiting for a host")
    PREPARING = "preparing", _("Preparing")
    TRAINING = "training", pgettext_lazy("state of a run", "Training")
    EVALUATING = "evaluating", _("Evaluating")
    INTERRUPTED = "interrupted", _("Interrupted")
    SUCCEEDED = "succeeded", _("Succeeded")
    FAILED = "failed", pgettext_lazy("state of a run", "Failed")
    CANCELLED = "cancelled", _("Cancelled")


#: States in which a host is at work and holds the lease.
WORKING_RUN_STATES = (
    TrainingRunState.PREPARING,
    TrainingRunState.TRAINING,
    TrainingRunState.EVALUATING,
)
#: States from which a host takes a run.
DUE_RUN_STATES = (TrainingRunState.QUEUED, TrainingRunState.INTERRUPTED)
#: States that a run still leaves by itself.
OPEN_RUN_STATES = (*DUE_RUN_STATES, *WORKING_RUN_STATES)


class TrainingWay(models.TextChoices):
    """What of the model learns."""

    FULL = "full", _("The whole model except its image encoder")
    ADAPTER = "adapter", _("A small adapter for the model")


class ExampleUse(models.TextChoices):
    """What a caption of a run is for."""

    TRAINING = "training", _("Used for training")
    HELD_OUT = "held_out", _("Held out for evaluation")


class LeftOut(models.TextChoices):
    """Why an approved caption is not learned."""

    TOO_FEW = "too_few", _("Too few captions in its category")
    IDENTICAL = "identical", _("Another caption has the same photo and text")
    MACHINE_UNSEEN = "machine_unseen", _("A model's text, approved without being opened")
    PHOTO_GONE = "photo_gone", _("The photo has been deleted")
    FORGOTTEN = "forgotten", _("Forgotten on request")
    OTHER_SCRIPT = "other_script", _("In another script than most captions")
    TOO_LONG = "too_long", _("Too long for the model")
    CHANGED = "changed", _("Changed or withdrawn since the run was requested")


class GridStepKind(models.TextChoices):
    """What a step in the grid over products did."""

    EDIT = "edit", _("Cell edited")
    PASTE = "paste", _("Cells pasted")
    REPLACE = "replace", _("Words replaced")
    SET = "set", _("Set for all that match")
    UNDO = "undo", _("Undone")


class DeploymentAction(models.TextChoices):
    """What was done with a version, one word an entry of the log."""

    PROMOTED = "promoted", _("Promoted")
    ROLLED_BACK = "rolled_back", _("Rolled back")
    RETIRED = "retired", _("Retired")
    CANARY_STARTED = "canary_started", _("Canary started")
    CANARY_ENDED = "canary_ended", _("Canary ended")
    REJECTED = "rejected", _("Rejected")
