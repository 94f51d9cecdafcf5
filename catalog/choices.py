"""The named values of the catalog's columns. Stored values never change; labels may."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Gender(models.TextChoices):
    """Whom an item is made for."""

    MEN = "men", "Men"
    WOMEN = "women", "Women"
    BOYS = "boys", "Boys"
    GIRLS = "girls", "Girls"
    UNISEX = "unisex", "Unisex"


class ProductState(models.TextChoices):
    """Whether storefronts may see a product."""

    DRAFT = "draft", "Draft"
    PUBLISHED = "published", "Published"


class DescriptionState(models.TextChoices):
    """Life of one version of a text: `draft -> approved | rejected | superseded`, and so on."""

    DRAFT = "draft", "Draft"
    APPROVED = "approved", "Approved"
    REJECTED = "rejected", "Rejected"
    SUPERSEDED = "superseded", "Superseded"
    WITHDRAWN = "withdrawn", "Withdrawn"


class DescriptionAction(models.TextChoices):
    """What happened to a description, one word an entry of its history."""

    GENERATED = "generated", "Generated"
    WRITTEN = "written", "Written by hand"
    EDITED = "edited", "Edited"
    APPROVED = "approved", "Approved"
    REJECTED = "rejected", "Rejected"
    SUPERSEDED = "superseded", "Superseded"
    WITHDRAWN = "withdrawn", "Withdrawn"
    REOPENED = "reopened", "Back to draft"
    UNDONE = "undone", _("Undone")


class ReviewStep(models.TextChoices):
    """What a reviewer can do to descriptions, one word a press of a button."""

    SAVE = "save", _("Saved")
    APPROVE = "approve", _("Approved")
    REJECT = "reject", _("Rejected")
    RESTORE = "restore", _("Restored")
    REOPEN = "reopen", _("Back to draft")
    WITHDRAW = "withdraw", _("Withdrawn")
    UNDO = "undo", _("Undone")


class ReviewOrder(models.TextChoices):
    """In which order drafts are reviewed."""

    DOUBT = "doubt", _("Least confident first")
    NEWEST = "newest", _("Newest first")
    CATEGORY = "category", _("By category")
    LOOK = "look", _("Look-alike photos together")


class JobState(models.TextChoices):
    """Life of a job: `queued <-> paused`, `queued -> running <-> paused`, then one of the ends."""

    QUEUED = "queued", "Queued"
    RUNNING = "running", "Running"
    PAUSED = "paused", "Paused"
    COMPLETED = "completed", "Completed"
    CANCELLED = "cancelled", "Cancelled"
    FAILED = "failed", "Failed"


class JobItemState(models.TextChoices):
    """Life of one photo in a job."""

    QUEUED = "queued", "Queued"
    LEASED = "leased", "Being described"
    RETRY = "retry", "Waiting to be tried again"
    DONE = "done", "Done"
    FAILED = "failed", "Failed"
    CANCELLED = "cancelled", "Cancelled"
    SKIPPED = "skipped", "Skipped"


#: Item states in which work is still owed; the idempotency key is unique among these.
OPEN_ITEM_STATES = (JobItemState.QUEUED, JobItemState.LEASED, JobItemState.RETRY)
#: Job states in which items may still change.
OPEN_JOB_STATES = (JobState.QUEUED, JobState.RUNNING, JobState.PAUSED)


class FailureReason(models.TextChoices):
    """Why an item has no draft; each names what a person can do about it."""

    PHOTO_UNREADABLE = "photo_unreadable", "The photo cannot be read: upload it again"
    PHOTO_MISSING = "photo_missing", "The photo is gone from storage: upload it again"
    STORAGE_UNAVAILABLE = "storage_unavailable", "Storage did not answer: retry when it is back"
    WORKER_DIED = "worker_died", "The worker died three times on this photo"
    OUT_OF_MEMORY = "out_of_memory", "The photo needs more memory than a worker has"
    MODEL_ERROR = "model_error", "The model failed on this photo: see the worker's log"
    MODEL_MISSING = "model_missing", "No model version is active: register one, then retry"


class SkipReason(models.TextChoices):
    """Why a product was left out when a job was made."""

    NO_PHOTO = "no_photo", "No photo"
    ALREADY_DESCRIBED = "already_described", "Already described by this model version"
    HUMAN_TEXT = "human_text", "A text by a person is approved"
    HAS_TEXT = "has_text", "Already has a text"
    IN_PROGRESS = "in_progress", "Already waiting in another job"


class TextLength(models.TextChoices):
    """How much a job writes about a photo."""

    ALT_TEXT = "alt_text", "Alt text only"
    STANDARD = "standard", "Alt text and description"
    DETAILED = "detailed", "Alt text, description and detailed description"


class ModelVersionState(models.TextChoices):
    """Life of a set of weights: `candidate -> canary -> active -> retired`, or rejected."""

    CANDIDATE = "candidate", "Candidate"
    CANARY = "canary", "Canary"
    ACTIVE = "active", "Active"
    RETIRED = "retired", "Retired"
    REJECTED = "rejected", "Rejected"
