"""A run in several processes of this machine, one a GPU, started by `accelerate launch`.

Whoever calls keeps what is its own: it is told of steps and epochs, and the run goes on after an
epoch when it has been told. The processes end when the call does, and when this process dies, which
Linux alone tells them.
"""

import logging
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import torch

from moda_engine.checkpoint import training_record
from moda_engine.exceptions import TrainingError, TrainingStopped
from moda_engine.training.messages import Channel, failure, request_text
from moda_engine.training.progress import EpochFigures, StepFigures
from moda_engine.training.run import RunRequest, Say
from moda_engine.training.watch import Watch

logger = logging.getLogger(__name__)

#: Seconds between two questions whether to stop.
LOOK_EVERY = 1.0
#: Seconds in which processes end that are told to; their launcher kills one that hangs after 30.
END_WITHIN = 45.0


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
    request: RunRequest, *, processes: int, say: Say, watch: Watch
) -> list[EpochFigures]:
    """As `train_folders`, in so many processes, two or more.

    A run that `watch` wants stopped stops at once, also between two steps: it goes on from what was
    saved last. Its step and epoch callbacks are called in this process.

    Raises as `train_folders` does; `MemoryError` when memory ran out in any process; `RuntimeError`
    when one failed otherwise.
    """
    with _launched(request, processes) as channel:
        while True:
            if watch.should_stop():
                raise TrainingStopped("The run was stopped; it goes on from what was saved last.")
            try:
                message = channel.receive(LOOK_EVERY)
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
                    watch.on_step(StepFigures(**figures))
                case {"kind": "epoch", "figures": figures, "texts": texts}:
                    watch.on_epoch(EpochFigures(**figures), texts)
                    channel.send("go on")
                case {"kind": "failed"}:
                    raise failure(message)
                case {"kind": "finished"}:
                    break
        _wait_for_end(channel)
    return [EpochFigures(**figures) for figures in training_record(request.output)["curve"]]


@contextmanager
def _launched(request: RunRequest, processes: int) -> Iterator[Channel]:
    """The processes run inside the block; none is left after it, whatever happened in it."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    request.output.parent.mkdir(parents=True, exist_ok=True)
    with ours, TemporaryDirectory(dir=request.output.parent, prefix=".launch-") as logs:
        with theirs:
            launcher = subprocess.Popen(  # noqa: S603 (our own interpreter, no shell)
                _command(request, processes, logs),
                stdin=theirs.fileno(),
                cwd=Path(__file__).parents[2],  # where the package is found
                start_new_session=True,  # Ctrl-C is for us to hear
            )
        channel = Channel(ours)
        try:
            yield channel
        finally:
            channel.end()
            if not _wait_for_end(channel):
                logger.warning("Training processes do not end; their launcher is killed.")
                with suppress(ProcessLookupError):
                    os.killpg(launcher.pid, signal.SIGKILL)
            launcher.wait()


def _command(request: RunRequest, processes: int, logs: str) -> list[str]:
    """`--multi_gpu` is what starts several processes, with GPUs and without."""
    cores = len(os.sched_getaffinity(0))
    threads = os.environ.get("OMP_NUM_THREADS") or str(max(1, cores // processes))
    return [
        *(sys.executable, "-m", "accelerate.commands.launch", "--multi_gpu"),
        *("--num_processes", str(processes), "--num_machines", "1", "--main_process_port", "0"),
        *("--mixed_precision", "no", "--dynamo_backend", "no"),
        *("--num_cpu_threads_per_process", threads, "--log_dir", logs),
        *("-m", "moda_engine.training.launched", request_text(request)),
    ]


def _wait_for_end(channel: Channel) -> bool:
    """Read until all processes have let go of the channel. False where that takes too long."""
    deadline = time.monotonic() + END_WITHIN
    while (left := deadline - time.monotonic()) > 0:
        with suppress(TimeoutError):
            if channel.receive(left) is None:
                return True
    return False
