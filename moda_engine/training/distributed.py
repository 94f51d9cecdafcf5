"""A run in several processes of this machine, one a GPU, started by `accelerate launch`.

`train_launched` runs in the caller's process and relays steps and epochs to its callbacks; after
each epoch the processes wait until the callback has returned. `main` is one of the processes:
`-m moda_engine.training.distributed REQUEST`. They end with the call, and when the caller's process
dies, which only Linux tells them.
"""

import logging
import os
import signal
import socket
import subprocess
import sys
import time
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory

import torch
from accelerate import PartialState
from transformers.utils.logging import disable_progress_bar

from moda_engine.checkpoint import training_record
from moda_engine.exceptions import TrainingError, TrainingStopped
from moda_engine.training.callbacks import Callbacks, EpochFigures, StepFigures
from moda_engine.training.messages import Channel, failure, failure_values, request_of, request_text
from moda_engine.training.run import RunRequest, Say, train_folders

logger = logging.getLogger(__name__)

#: Seconds between two calls of `should_stop`.
POLL_SECONDS = 1.0
#: Seconds that processes have to end; their launcher kills one that hangs after 30.
END_SECONDS = 45.0


def process_count(wanted: int) -> int:
    """Processes of a run on this machine: `wanted`, or with 0 one a GPU, and at least one.

    Raises `TrainingError` when there are GPUs, but not so many.
    """
    gpus = torch.cuda.device_count()
    if gpus and wanted > gpus:
        raise TrainingError(
            f"{wanted} training processes are asked for, and this machine has {gpus} GPUs: each "
            "process needs one of its own. Ask for fewer."
        )
    return wanted or max(1, gpus)


def train_launched(
    request: RunRequest, *, processes: int, say: Say, callbacks: Callbacks
) -> list[EpochFigures]:
    """As `train_folders`, in `processes` processes, two or more.

    `should_stop` stops the run at once, also between two steps; it resumes from what was saved
    last. The callbacks are called in this process.

    Raises as `train_folders` does; `MemoryError` when memory ran out in any process; `RuntimeError`
    when one failed otherwise.
    """
    with _launched(request, processes) as channel:
        while True:
            if callbacks.should_stop():
                raise TrainingStopped("The run was stopped; it goes on from what was saved last.")
            try:
                message = channel.receive(POLL_SECONDS)
            except TimeoutError:
                continue
            match message:
                case None:
                    raise RuntimeError(
                        "The training processes ended without a word: the log of this machine has "
                        "what they wrote. The system kills some when memory runs out."
                    )
                case {"kind": "remark", "text": text}:
                    say(text)
                case {"kind": "step", "figures": figures}:
                    callbacks.on_step(StepFigures(**figures))
                case {"kind": "epoch", "figures": figures, "texts": texts}:
                    callbacks.on_epoch(EpochFigures(**figures), texts)
                    channel.send("go on")
                case {"kind": "failed"}:
                    raise failure(message)
                case {"kind": "finished"}:
                    break
        _wait_for_end(channel)
    return [EpochFigures(**figures) for figures in training_record(request.output)["curve"]]


@contextmanager
def _launched(request: RunRequest, processes: int) -> Iterator[Channel]:
    """Runs the processes during the block; none is left after it, even after an error."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    request.output.parent.mkdir(parents=True, exist_ok=True)
    with ours, TemporaryDirectory(dir=request.output.parent, prefix=".launch-") as logs:
        with theirs:
            launcher = subprocess.Popen(  # noqa: S603 (our own interpreter, no shell)
                _command(request, processes, logs),
                stdin=theirs.fileno(),
                cwd=Path(__file__).parents[2],  # where the package is found
                start_new_session=True,  # Ctrl-C reaches this process alone
            )
        channel = Channel(ours)
        try:
            yield channel
        finally:
            channel.end()
            if not _wait_for_end(channel):
                logger.warning("Training processes do not end; killing their launcher.")
                with suppress(ProcessLookupError):
                    os.killpg(launcher.pid, signal.SIGKILL)
            launcher.wait()


def _command(request: RunRequest, processes: int, logs: str) -> list[str]:
    """The command line. `--multi_gpu` starts several processes, with GPUs and without."""
    cores = len(os.sched_getaffinity(0))
    threads = os.environ.get("OMP_NUM_THREADS") or str(max(1, cores // processes))
    return [
        *(sys.executable, "-m", "accelerate.commands.launch", "--multi_gpu"),
        *("--num_processes", str(processes), "--num_machines", "1", "--main_process_port", "0"),
        *("--mixed_precision", "no", "--dynamo_backend", "no"),
        *("--num_cpu_threads_per_process", threads, "--log_dir", logs),
        *("-m", "moda_engine.training.distributed", request_text(request)),
    ]


def _wait_for_end(channel: Channel) -> bool:
    """Read until all processes have closed the channel; false if that takes too long."""
    deadline = time.monotonic() + END_SECONDS
    while (left := deadline - time.monotonic()) > 0:
        with suppress(TimeoutError):
            if channel.receive(left) is None:
                return True
    return False


def main(request: str) -> None:
    """One process: train, and report to the launcher."""
    channel = Channel.of_this_process()
    channel.exit_at_its_end()
    disable_progress_bar()

    def step_ended(figures: StepFigures) -> None:
        channel.send("step", figures=asdict(figures))

    def epoch_ended(figures: EpochFigures, texts: Sequence[str]) -> None:
        channel.send("epoch", figures=asdict(figures), texts=list(texts))
        channel.receive()  # the launcher stores the files before the run changes them

    try:
        train_folders(
            request_of(request),
            say=lambda line: channel.send("remark", text=line),
            callbacks=Callbacks(on_step=step_ended, on_epoch=epoch_ended),
        )
    except Exception as error:  # noqa: BLE001 (whatever it is, the launcher raises it)
        # Sent before this process ends: its end makes the others fail with useless errors.
        channel.send("failed", **failure_values(error))
        traceback.print_exc()
        sys.stderr.flush()
        os._exit(1)  # an orderly exit would wait for the others
    processes = PartialState()
    if processes.is_main_process:
        channel.send("finished")
    processes.destroy_process_group()


if __name__ == "__main__":
    main(sys.argv[1])
