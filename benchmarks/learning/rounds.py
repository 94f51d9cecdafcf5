"""Rounds of reviews: each new model needs fewer edits."""

from itertools import pairwise

from benchmarks.learning.bench import ROUND_SIZE, Bench, Figures, apart
from benchmarks.review_photos import has_words, house_style

ROUNDS = 3
#: Figure → the least, or the most, that it must be.
AT_LEAST: dict[str, float] = {"fell_by": 0.4, "least_fall_of_a_round": 0.0}
AT_MOST: dict[str, float] = {}


def run(bench: Bench) -> Figures:
    """Rounds of reviews, each with a model trained on all captions approved so far."""
    photos = bench.photos
    reviewed = [one for one in photos.reviewed if has_words(one)]
    held_out = [one for one in photos.measured if has_words(one)]
    models = [bench.model]
    for number in range(1, ROUNDS + 1):
        approved = reviewed[: number * ROUND_SIZE]
        others = apart(photos.reviewed, approved)
        models.append(
            bench.train(f"round-{number}", approved, house_style, others, model=models[-1])
        )
    judged = bench.judge("rounds-held-out", held_out, house_style, models)
    distances = [one.figures.edit_distance for one in judged]
    return {
        "captions": len(approved),
        "measured": len(held_out),
        "edit_distance": distances,
        "fell_by": 1 - distances[-1] / distances[0],
        "least_fall_of_a_round": min(one - next_one for one, next_one in pairwise(distances)),
    }
