"""Seconds to retrain on many captions, with photos encoded again, and to swap models."""

import time

from benchmarks.learning.bench import Bench, Figures, apart
from benchmarks.review_photos import has_words, house_style
from moda_engine import Describer

SPEED_CAPTIONS = 1_000
#: Figure → the least, or the most, that it must be.
AT_LEAST: dict[str, float] = {}
AT_MOST: dict[str, float] = {"retrain_seconds": 600.0}


def run(bench: Bench) -> Figures:
    """Seconds to retrain on many captions, encoding of their photos included, and to swap."""
    photos = bench.photos
    everything = photos.reviewed + photos.measured
    named = [one for one in everything if has_words(one)][:SPEED_CAPTIONS]
    others = apart(everything, named)
    began = time.monotonic()
    model = bench.train("speed", named, house_style, others, cache=bench.work / "empty-cache")
    trained = time.monotonic()
    Describer.from_pretrained(model).describe([photos.folder / named[0]["file_name"]])
    return {
        "captions": len(named),
        "retrain_seconds": trained - began,
        "swap_seconds": time.monotonic() - trained,
    }
