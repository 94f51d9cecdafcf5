"""The named values of training runs and deployments. Stored values never change; labels may."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class TrainingRunState(models.TextChoices):
    """Life of a run; the arrows are in `catalog.transitions.training_run`."""

    QUEUED = "queued", _("Waiting for a host")
    PREPARING = "preparing", _("Being prepared")
    TRAINING = "training", pgettext_lazy("state of a run", "Training")
    EVALUATING = "evaluating", _("Being judged")
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

    FULL = "full", _("The whole model but its encoder")
    ADAPTER = "adapter", _("A small adapter beside the model")


class ExampleUse(models.TextChoices):
    """What a caption of a run is for."""

    TRAINING = "training", _("Learned")
    HELD_OUT = "held_out", _("Held out, to judge by")


class LeftOut(models.TextChoices):
    """Why an approved caption is not learned."""

    TOO_FEW = "too_few", _("Too few captions in its category")
    IDENTICAL = "identical", _("The same photo with the same text is there already")
    MACHINE_UNSEEN = "machine_unseen", _("A machine's text, approved without being opened")
    PHOTO_GONE = "photo_gone", _("The photo is gone")
    FORGOTTEN = "forgotten", _("To be forgotten")
    OTHER_SCRIPT = "other_script", _("In another script than the others")
    TOO_LONG = "too_long", _("Longer than a model can read")
    CHANGED = "changed", _("Changed or withdrawn since the run was asked for")


class DeploymentAction(models.TextChoices):
    """What was done with a version, one word an entry of the log."""

    PROMOTED = "promoted", _("Promoted")
    ROLLED_BACK = "rolled_back", _("Rolled back to")
    RETIRED = "retired", _("Retired")
    CANARY_STARTED = "canary_started", _("Canary started")
    CANARY_ENDED = "canary_ended", _("Canary ended")
    REJECTED = "rejected", _("Rejected")
