"""What the sweep does for training runs."""

import logging
from datetime import datetime

from catalog.exceptions import RetrainingRefused
from catalog.services.retraining import training_run_create_when_due
from catalog.transitions.training_run import runs_due, runs_interrupt_lost
from catalog.wakeups import wake_training

logger = logging.getLogger(__name__)


def training_sweep(*, now: datetime) -> bool:
    """Say which hosts were lost, start a run that is due, wake a host; whether it woke one."""
    if lost := runs_interrupt_lost(now=now):
        logger.warning("%d training runs lost their host", lost)
    try:
        training_run_create_when_due()
    except RetrainingRefused as refused:
        logger.warning("No run was started by itself: %s", refused)
    return runs_due().exists() and wake_training()
