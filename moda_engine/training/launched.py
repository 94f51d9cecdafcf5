"""One of the processes of a launched run: `-m moda_engine.training.launched REQUEST`.

Only `moda_engine.training.launch` starts it, through `accelerate launch`.
"""

import os
import sys
import traceback
from collections.abc import Sequence
from dataclasses import asdict

from accelerate import PartialState
from transformers.utils import logging

from moda_engine.training.messages import Channel, failure_values, request_of
from moda_engine.training.progress import EpochFigures, StepFigures
from moda_engine.training.run import train_folders
from moda_engine.training.watch import Watch


def main(request: str) -> None:
    """Train, and tell the launcher of it."""
    channel = Channel.of_this_process()
    channel.exit_at_its_end()
    logging.disable_progress_bar()

    def step_ended(figures: StepFigures) -> None:
        channel.send("step", figures=asdict(figures))

    def epoch_ended(figures: EpochFigures, texts: Sequence[str]) -> None:
        channel.send("epoch", figures=asdict(figures), texts=list(texts))
        channel.receive()  # what was written is not touched before it is stored

    try:
        train_folders(
            request_of(request),
            say=lambda line: channel.send("remark", text=line),
            watch=Watch(on_step=step_ended, on_epoch=epoch_ended),
        )
    except Exception as error:  # noqa: BLE001 (whatever it is, the launcher raises it)
        # Told before this process ends, which makes the others fail for no reason of their own.
        channel.send("failed", **failure_values(error))
        traceback.print_exc()
        sys.stderr.flush()
        os._exit(1)  # leaving in good order would wait for the others
    processes = PartialState()
    if processes.is_main_process:
        channel.send("finished")
    processes.destroy_process_group()


if __name__ == "__main__":
    main(sys.argv[1])
