"""`metrics.jsonl` of a run: a line a step and a line an epoch, as they happen."""

import json
import time
from dataclasses import asdict
from pathlib import Path

from moda_engine.training.progress import EpochFigures, StepFigures


class MetricsLog:
    """Appends to the file `path`.

    Args:
        step: steps done; lines of later ones, written before a kill, are dropped.
    """

    def __init__(self, path: Path, step: int = 0) -> None:
        self.path = path
        self._drop_after(step)
        self._step = step
        self._last = time.monotonic()

    def on_step(self, figures: StepFigures) -> None:
        now = time.monotonic()
        rate = figures.tokens / max(now - self._last, 1e-9)
        self._last, self._step = now, figures.step
        self._write({"kind": "step", **asdict(figures), "tokens_per_second": round(rate, 1)})

    def on_epoch(self, figures: EpochFigures) -> None:
        self._last = time.monotonic()  # judging an epoch is not learning
        self._write({"kind": "epoch", "step": self._step, **asdict(figures)})

    def _write(self, line: dict[str, object]) -> None:
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")

    def _drop_after(self, step: int) -> None:
        if not self.path.is_file():
            return
        kept = []
        for line in self.path.read_text(encoding="utf-8").splitlines():
            try:
                if json.loads(line)["step"] <= step:
                    kept.append(line + "\n")
            except (ValueError, KeyError, TypeError):
                continue  # the line that was being written when the run was killed
        self.path.write_text("".join(kept), encoding="utf-8")
