"""The named values of the catalog's columns. Stored values never change; labels may."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Gender(models.TextChoices):
    """Whom an item is made for."""

    MEN = "men", _("Men")
    WOMEN = "women", _("Women")
    BOYS = "boys", _("Boys")
    GIRLS = "girls", _("Girls")
    UNISEX = "unisex", _("Unisex")


class ProductState(models.TextChoices):
    """Whether storefronts may see a product."""

    DRAFT = "draft", _("Draft")
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
    """What a reviewer can do to descriptions, one word a press of a button."""

    SAVE = "save", _("Saved")
    APPROVE = "approve", _("Approved")
    REJECT = "reject", _("Rejected")
    RESTORE = "restore", _("Restored")
    REOPEN = "reopen", _("Back to draft")
    WITHDRAW = "withdraw", _("Withdrawn")
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
    LOOK = "look", _("Look-alike photos together")


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
    RETRY = "retry", _("Waiting to be tried again")
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
    PHOTO_MISSING = "photo_missing", _("The photo is gone from storage: upload it again")
    STORAGE_UNAVAILABLE = "storage_unavailable", _("Storage did not answer: retry when it is back")
    WORKER_DIED = "worker_died", _("The worker died three times on this photo")
    OUT_OF_MEMORY = "out_of_memory", _("The photo needs more memory than a worker has")
    MODEL_ERROR = "model_error", _("The model failed on this photo: see the worker's log")
    MODEL_MISSING = "model_missing", _("No model version is active: register one, then retry")


class SkipReason(models.TextChoices):
    """Why a product was left out when a job was made."""

    NO_PHOTO = "no_photo", _("No photo")
    ALREADY_DESCRIBED = "already_described", _("Already described by this model version")
    HUMAN_TEXT = "human_text", _("A text by a person is approved")
    HAS_TEXT = "has_text", _("Already has a text")
    IN_PROGRESS = "in_progress", _("Already waiting in another job")


class TextLength(models.TextChoices):
    """How much a job writes about a photo."""

    ALT_TEXT = "alt_text", _("Alt text only")
    STANDARD = "standard", _("Alt text and description")
    DETAILED = "detailed", _("Alt text, description and detailed description")


class ModelVersionState(models.TextChoices):
    """Life of a set of weights: `candidate -> canary -> active -> retired`, or rejected."""

    CANDIDATE = "candidate", _("Candidate")
    CANARY = "canary", _("Canary")
    ACTIVE = "active", _("Active")
    RETIRED = "retired", _("Retired")
    REJECTED = "rejected", _("Rejected")
