"""The training loop: trains the language model, and the projector if the recipe says so.

The encoder is frozen. Encoded captions in, figures out through callbacks, the weights of the best
epoch left in the model; files are the `CheckpointStore`'s. `Trainer.train_step` is one optimiser
step.

A run is a function of model, captions and recipe: the order of captions and the random numbers of
a step follow from seed and step, so a resumed run repeats what an undisturbed one does.
"""

import math
from contextlib import nullcontext

import torch
from accelerate import Accelerator
from accelerate.utils import send_to_device
from torch import Tensor

from moda_engine.devices import fast_precision, keep_freed_memory
from moda_engine.exceptions import TrainingError, TrainingStopped
from moda_engine.model import ModaForCaptioning
from moda_engine.processor import ModaProcessor
from moda_engine.training.callbacks import (
    EpochFigures,
    OnEpoch,
    OnStep,
    Progress,
    ShouldStop,
    StepFigures,
    batch_mean,
    best_epoch,
)
from moda_engine.training.captions import (
    CaptionSequences,
    EncodedCaptions,
    Step,
    epoch_order,
    epoch_steps,
    micro_batches,
    require_captions,
)
from moda_engine.training.checkpoints import CheckpointStore, MemoryCheckpoints
from moda_engine.training.loss import CaptionLoss, summed_losses
from moda_engine.training.optimization import (
    learned_parameters,
    load_optimizer_tensors,
    new_optimizer,
    optimizer_tensors,
    set_rate,
)
from moda_engine.training.recipe import Recipe


def train(
    model: ModaForCaptioning,
    processor: ModaProcessor,
    training: EncodedCaptions,
    recipe: Recipe,
    validation: EncodedCaptions | None = None,
    *,
    checkpoints: CheckpointStore | None = None,
    save_every: int | None = None,
    precision: str | None = None,
    on_step: OnStep = lambda figures: None,
    on_epoch: OnEpoch = lambda figures: None,
    should_stop: ShouldStop = lambda: False,
) -> list[EpochFigures]:
    """Train `model`, in float32, in place, and leave it with the weights of its best epoch.

    Args:
        checkpoints: where best weights and progress are saved; a run in it is resumed.
        save_every: optimiser steps between two saves inside an epoch; each epoch's end is saved.
        precision: "float32" or "bfloat16", of the arithmetic; default: what the device is fast at.
        should_stop: called after each step; a run that stops saves what it needs to resume.

    Raises `DatasetError` for an empty set, `TrainingError` when the loss is no longer finite,
    `TrainingStopped` when it was asked to stop.
    """
    require_captions(training, validation)
    trainer = Trainer(model, processor, training, recipe, validation, checkpoints, precision)
    return trainer.run(save_every, on_step, on_epoch, should_stop)


def mean_loss(
    model: ModaForCaptioning, processor: ModaProcessor, captions: EncodedCaptions, batch_size: int
) -> float:
    """Mean over batches of the mean loss a token, as the published figures are computed."""
    return batch_mean(*caption_losses(model, processor, captions), batch_size)


def caption_losses(
    model: ModaForCaptioning, processor: ModaProcessor, captions: EncodedCaptions
) -> tuple[Tensor, Tensor]:
    """Nats of each caption, and its tokens: (captions,) each."""
    sequences = CaptionSequences(processor, captions)
    rows = range(len(sequences))
    losses = summed_losses(CaptionLoss(model, torch.float32).eval(), sequences, rows)
    return losses, sequences.token_counts


class Trainer:
    """One run, step by step; most callers use `train`."""

    def __init__(
        self,
        model: ModaForCaptioning,
        processor: ModaProcessor,
        training: EncodedCaptions,
        recipe: Recipe,
        validation: EncodedCaptions | None = None,
        checkpoints: CheckpointStore | None = None,
        precision: str | None = None,
    ) -> None:
        self.accelerator = Accelerator()
        device = self.accelerator.device
        if device.type == "cpu":
            keep_freed_memory()
        dtype = getattr(torch, precision or fast_precision(device))
        self.model = model.to(device)
        if recipe.projector_rate_share == 0:
            self.model.projector.requires_grad_(False)
        self.recipe = recipe
        self.checkpoints = checkpoints or MemoryCheckpoints()
        self.training = CaptionSequences(processor, training)
        self.validation = None if validation is None else CaptionSequences(processor, validation)
        self.steps_of_epoch = recipe.steps_of_epoch(len(training))
        self.optimizer = new_optimizer(self.model, recipe)
        self.loss = CaptionLoss(self.model, dtype, recipe.label_smoothing)
        #: The same, wrapped where several processes share the work.
        self.shared_loss = self.accelerator.prepare(self.loss)
        self.progress = Progress(row_losses=torch.zeros(len(training)))

    def run(
        self,
        save_every: int | None,
        on_step: OnStep,
        on_epoch: OnEpoch,
        should_stop: ShouldStop = lambda: False,
    ) -> list[EpochFigures]:
        self._resume()
        first = self.progress.step // self.steps_of_epoch + 1
        for epoch in range(first, self.recipe.epochs + 1):
            self._train_epoch(epoch, save_every, on_step, should_stop)
            self._close_epoch(epoch)
            on_epoch(self.progress.figures[-1])
            if epoch < self.recipe.epochs and should_stop():
                raise TrainingStopped(f"The run was stopped after epoch {epoch}.")
        self.checkpoints.load_best(self.model, best_epoch(self.progress.figures))
        return self.progress.figures

    def _resume(self) -> None:
        """Load the last saved state, if there is one."""
        kept = self.checkpoints.load()
        if kept is None:
            return
        self.progress, tensors = kept
        parameters = learned_parameters(self.model)
        with torch.no_grad():
            for name, parameter in parameters.items():
                parameter.copy_(tensors[f"weights/{name}"])
        moments = {
            key.removeprefix("optimizer/"): value
            for key, value in tensors.items()
            if key.startswith("optimizer/")
        }
        load_optimizer_tensors(self.optimizer, self.model, moments)

    def _save(self) -> None:
        """Save all that is needed to resume."""
        if not self.accelerator.is_main_process:
            return
        weights = {f"weights/{n}": p.detach() for n, p in learned_parameters(self.model).items()}
        moments = optimizer_tensors(self.optimizer, self.model)
        self.checkpoints.save(
            self.progress, weights | {f"optimizer/{k}": v for k, v in moments.items()}
        )

    def _train_epoch(
        self, epoch: int, save_every: int | None, on_step: OnStep, should_stop: ShouldStop
    ) -> None:
        """The remaining steps of `epoch`."""
        progress = self.progress
        self.shared_loss.train()
        order = epoch_order(len(self.training), seed=self.recipe.seed, epoch=epoch)
        steps = epoch_steps(order, self.recipe.step_size)
        done = progress.step - (epoch - 1) * len(steps)
        if done == 0:
            progress.row_losses.zero_()
        for step in steps[done:]:
            figures = self.train_step(step, epoch)
            progress.step += 1
            on_step(figures)
            if step is steps[-1]:
                continue  # `_close_epoch` saves
            stopping = should_stop()
            if stopping or (save_every and progress.step % save_every == 0):
                self._save()
            if stopping:
                raise TrainingStopped(f"The run was stopped after step {progress.step}.")

    def train_step(self, step: Step, epoch: int) -> StepFigures:
        """One optimiser step: the gradient of the mean loss a token over all its captions."""
        number = self.progress.step
        rate = self.recipe.rate_at(number, len(self.training))
        set_rate(self.optimizer, rate)
        process, processes = self.accelerator.process_index, self.accelerator.num_processes
        torch.manual_seed((self.recipe.seed * 1_000_003 + number) * processes + process)
        tokens = int(self.training.token_counts[step.rows].sum())
        losses = self.accumulate_gradient(step, tokens)
        loss = float(losses.double().sum()) / tokens
        self._require_finite(loss, f"step {number + 1}")
        if self.recipe.clip_norm is not None:
            self.accelerator.clip_grad_norm_(self.model.parameters(), self.recipe.clip_norm)
        self.optimizer.step()
        self.optimizer.zero_grad()
        self.progress.row_losses[step.positions.start : step.positions.stop] = losses.cpu()
        total = self.recipe.epochs * self.steps_of_epoch
        return StepFigures(number + 1, total, epoch, loss, rate, tokens)

    def accumulate_gradient(self, step: Step, tokens: int) -> Tensor:
        """Accumulate the step's gradient; the losses of its captions, in its order: (rows,).

        Every process takes its share of the rows in the same number of passes; one that has no
        rows left repeats a caption with weight 0.
        """
        processes = self.accelerator.num_processes
        shares = [
            micro_batches(step.rows[index::processes], self.training.lengths)
            for index in range(processes)
        ]
        mine = shares[self.accelerator.process_index]
        place = {row: index for index, row in enumerate(step.rows)}
        losses = torch.zeros(len(step.rows), device=self.accelerator.device)
        count = max(len(share) for share in shares)
        for index in range(count):
            last = index == count - 1
            rows = mine[index] if index < len(mine) else []
            with nullcontext() if last else self.accelerator.no_sync(self.shared_loss):
                batch = self.training.batch(rows or step.rows[:1])
                found = self.shared_loss(**send_to_device(batch, self.accelerator.device))
                # Data-parallel training averages over processes; multiply to get the sum.
                weight = processes / tokens if rows else 0.0
                self.accelerator.backward(found.sum() * weight)
            if rows:
                losses[[place[row] for row in rows]] = found.detach()
        total: Tensor = self.accelerator.reduce(losses, reduction="sum")
        return total

    def _close_epoch(self, epoch: int) -> None:
        """Validate the epoch, save it if it is the best, save the state."""
        order = epoch_order(len(self.training), seed=self.recipe.seed, epoch=epoch)
        counts = self.training.token_counts[order]
        training_loss = batch_mean(self.progress.row_losses, counts, self.recipe.batch_size)
        validation_loss = self._validation_loss()
        if validation_loss is not None:
            self._require_finite(validation_loss, f"the validation of epoch {epoch}")
        figures = EpochFigures(epoch, training_loss, validation_loss)
        self.progress.figures.append(figures)
        if best_epoch(self.progress.figures) is figures and self.accelerator.is_main_process:
            self.checkpoints.save_best(self.model, figures)
        self._save()
        self.accelerator.wait_for_everyone()

    def _require_finite(self, loss: float, where: str) -> None:
        if not math.isfinite(loss):
            raise TrainingError(
                f"The loss is no longer finite in {where} ({loss}): lower the learning rate. "
                f"{self.checkpoints.last_good()}".rstrip()
            )

    def _validation_loss(self) -> float | None:
        if self.validation is None:
            return None
        process, processes = self.accelerator.process_index, self.accelerator.num_processes
        rows = range(process, len(self.validation), processes)
        losses = summed_losses(self.loss.eval(), self.validation, rows)
        losses = self.accelerator.reduce(losses.to(self.accelerator.device), reduction="sum")
        return batch_mean(losses.cpu(), self.validation.token_counts, self.recipe.batch_size)
