"""Measures an epoch of training at full size, compared with the published way.

    python -m benchmarks.training [--json] [--rounds 5]

FashionCLIP's and OPT-125M's shapes with random weights, drawings as photos, captions of random
words with the published lengths; float32 master weights on both sides. The published way encodes
each photo, alone, in every epoch, in float32, and pads to the longest caption. The sides take
turns; medians are compared.
"""

import argparse
import json
import math
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import torch
from accelerate.utils import send_to_device
from torch import nn
from transformers import CLIPConfig, OPTConfig

from lab.drawings import random_catalog, write_imagefolder
from lab.speed.subject import VOCABULARY_SIZE, full_size_processor
from moda_engine import ModaConfig, ModaForCaptioning, ModaProcessor
from moda_engine.devices import fast_precision
from moda_engine.photos import open_photo
from moda_engine.training.captions import EncodedCaptions, Step
from moda_engine.training.recipe import SEED
from moda_engine.training.trainer import Trainer

#: Captions of `fashion-2906/train`, and how many have how many tokens in OPT's vocabulary, with
#: the authors' ending and `</s>`.
CAPTIONS = 2_322
LENGTHS = {15: 928, 16: 958, 17: 218, 18: 197, 19: 15, 20: 5, 21: 1}
EPOCHS = 20
PHOTOS = 64
_PRODUCT = (1_024, 3_072)
_PRODUCT_OPERATIONS = 2 * _PRODUCT[0] * _PRODUCT[1] ** 2


@dataclass(frozen=True)
class Bench:
    """The two sides' common ground: a model, its processor, photo files and captions."""

    model: ModaForCaptioning
    processor: ModaProcessor
    photos: list[Path]
    texts: list[str]


def main() -> None:
    arguments = _arguments()
    if arguments.memory:
        print(_memory_of_a_step())
        return
    torch.manual_seed(0)
    with tempfile.TemporaryDirectory() as folder:
        bench = new_bench(Path(folder))
        result = compare(bench, arguments.rounds)
    result["memory_gib"] = _in_a_process_of_its_own()
    if arguments.json:
        print(json.dumps(result))
        return
    for name, value in result.items():
        print(f"{name:28} {value if not isinstance(value, float) else round(value, 3)}")


def new_bench(folder: Path) -> Bench:
    """Random weights at full size, drawings and captions."""
    write_imagefolder(random_catalog(PHOTOS, 1), folder, size=336)
    model = ModaForCaptioning(ModaConfig(CLIPConfig(), OPTConfig()))
    return Bench(
        model,
        full_size_processor(),
        sorted((folder / "images").iterdir()),
        _captions(),
    )


def _captions() -> list[str]:
    """Random words; a caption's end is a token too."""
    generator = random.Random(0)
    lengths = [length for length, count in LENGTHS.items() for _ in range(count)]
    generator.shuffle(lengths)
    return [
        " ".join(f"w{generator.randrange(3, VOCABULARY_SIZE)}" for _ in range(length - 1))
        for length in lengths
    ]


def new_trainer(bench: Bench) -> Trainer:
    """The trainer on features that need no photo: they are as random as the weights."""
    features = torch.randn(CAPTIONS, bench.model.config.feature_size)
    trainer = Trainer(bench.model, bench.processor, EncodedCaptions(features, bench.texts), SEED)
    asked = sum(length * count for length, count in LENGTHS.items())
    assert int(trainer.training.token_counts.sum()) == asked
    trainer.shared_loss.train()
    return trainer


def compare(bench: Bench, rounds: int) -> dict[str, object]:
    """Seconds of an epoch on both sides, from the medians of measured pieces."""
    trainer = new_trainer(bench)
    learned = [value for value in bench.model.parameters() if value.requires_grad]
    published_optimizer = torch.optim.AdamW(learned, lr=1e-6)
    rows = list(range(SEED.step_size))
    step = Step(range(len(rows)), rows)
    tokens = int(trainer.training.token_counts[rows].sum())
    work: dict[str, Callable[[], object]] = {
        "published_encode": lambda: [_encode(bench, [path]) for path in bench.photos],
        "published_batch": lambda: _published_batch(trainer, rows[: SEED.batch_size]),
        "published_update": published_optimizer.step,
        "gradient": lambda: trainer.accumulate_gradient(step, tokens),
        "update": trainer.optimizer.step,
        "encode": lambda: _encode(bench, bench.photos),
        "product": _large_product(bench.model.device),
    }
    pieces: dict[str, list[float]] = {name: [] for name in work}
    for _ in range(rounds + 1):
        for name, piece in work.items():
            pieces[name].append(_seconds(piece))
        bench.model.zero_grad()
    return _figures({name: median(values[1:]) for name, values in pieces.items()}, trainer)


def _seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    if torch.cuda.is_available():
        torch.cuda.synchronize()
    return time.perf_counter() - start


def _figures(pieces: dict[str, float], trainer: Trainer) -> dict[str, object]:
    """The table; the first round, which warms up, is not in `pieces`."""
    batches, updates = math.ceil(CAPTIONS / SEED.batch_size), SEED.steps_of_epoch(CAPTIONS)
    encoding = pieces["encode"] / PHOTOS * CAPTIONS
    published = (
        pieces["published_encode"] / PHOTOS * CAPTIONS
        + pieces["published_batch"] * batches
        + pieces["published_update"] * updates
    )
    epoch = pieces["gradient"] * CAPTIONS / SEED.step_size + pieces["update"] * updates
    product_rate = _PRODUCT_OPERATIONS / pieces["product"]
    return {
        "device": _device_name(trainer.model.device),
        "precision": str(trainer.loss.dtype).removeprefix("torch."),
        "published_epoch_seconds": published,
        "epoch_seconds": epoch,
        "speed_up": published / epoch,
        "first_encoding_seconds": encoding,
        "minutes_of_20_epochs": (encoding + epoch * EPOCHS) / 60,
        "product_gflops": product_rate / 1e9,
        "ceiling_share": _operations(trainer) / epoch / product_rate,
        "pieces": pieces,
    }


def _operations(trainer: Trainer) -> int:
    """Floating-point operations of an epoch: 6 a matrix weight and token (Kaplan et al. 2020)."""
    language_model = trainer.model.language_model
    matrices = sum(value.numel() for value in language_model.parameters() if value.ndim == 2)
    positions = language_model.model.decoder.embed_positions.weight.numel()
    return 6 * (matrices - positions) * int(trainer.training.token_counts.sum())


def _device_name(device: torch.device) -> str:
    return torch.cuda.get_device_name() if device.type == "cuda" else f"{os.cpu_count()} CPU cores"


@torch.no_grad()
def _encode(bench: Bench, paths: list[Path]) -> None:
    pixels = bench.processor(images=[open_photo(path) for path in paths])["pixel_values"]
    bench.model.encode_images(pixels.to(bench.model.device))


def _published_batch(trainer: Trainer, rows: list[int]) -> None:
    """Forward and backward of a batch in float32, padded to the longest, logits everywhere."""
    model = trainer.model
    inputs = send_to_device(trainer.training.batch(rows), model.device)
    labels = inputs.pop("labels")
    logits = model(**inputs).logits
    loss = nn.functional.cross_entropy(logits[:, :-1].transpose(1, 2), labels)
    (loss / SEED.accumulation).backward()


def _large_product(device: torch.device) -> Callable[[], torch.Tensor]:
    """What the device's matrix product gives at most, in the precision that is used."""
    dtype = getattr(torch, fast_precision(device))
    rows, columns = _PRODUCT
    left = torch.randn(rows, columns, device=device).to(dtype)
    right = torch.randn(columns, columns, device=device).to(dtype)
    return lambda: left @ right


def _memory_of_a_step() -> float:
    """GiB resident at most, of a process that does one optimiser step."""
    with tempfile.TemporaryDirectory() as folder:
        trainer = new_trainer(new_bench(Path(folder)))
    rows = list(range(SEED.step_size))
    trainer.train_step(Step(range(len(rows)), rows), 1)
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


def _in_a_process_of_its_own() -> float:
    command = [sys.executable, "-m", "benchmarks.training", "--memory"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return float(done.stdout.splitlines()[-1])


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.training",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--rounds", type=int, default=5, help="default: 5")
    parser.add_argument("--memory", action="store_true", help=argparse.SUPPRESS)
    return parser.parse_args()


if __name__ == "__main__":
    main()
