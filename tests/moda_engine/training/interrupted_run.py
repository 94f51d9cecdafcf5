"""A training run that is killed with `kill -9` at a chosen moment; run in processes of its own."""

import os
import signal
import sys
from pathlib import Path

from moda_engine.training.run import RunRequest, train_folders

#: What Python reports of its own doings, where a run touches its folder.
_MOMENTS = {"os.rename", "os.mkdir", "shutil.rmtree", "open"}


def run_until(request: RunRequest, moment: int) -> None:
    """Train, and die at the `moment`th time that a file below the output folder is touched."""
    left = moment
    output = str(request.output)

    def count(event: str, arguments: tuple[object, ...]) -> None:
        nonlocal left
        if event in _MOMENTS and output in str(arguments[0]):
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(count)
    train_folders(request, say=lambda line: None)


def request(output: Path, data: Path, model: Path, **more: object) -> RunRequest:
    """A run of a few seconds over the photos of `data`, which also judge it."""
    from dataclasses import replace

    from moda_engine.training.recipe import DEFAULT

    recipe = replace(
        DEFAULT, epochs=3, batch_size=1, accumulation=2, learning_rate=5e-3, least_steps=1
    )
    return RunRequest(
        data=[data],
        output=output,
        validation=data,
        model=model,
        recipe=recipe,
        resume=True,
        save_every=1,
        cache=data / "cache",
        **more,  # type: ignore[arg-type]
    )
