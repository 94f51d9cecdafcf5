from dataclasses import replace

import pytest

from moda_engine.training.recipe import DEFAULT, RECIPES, RETRAINING, SEED, Recipe


def test_the_published_recipe():
    expected = Recipe("seed", 20, 32, 8, 1e-3, 0.01, "step", decay_vectors=True)
    assert expected == SEED
    assert SEED.step_size == 256
    # 2,322 captions: nine steps of 256, and one of what is left.
    assert SEED.steps_of_epoch(2_322) == 10


def test_the_published_rate_falls_by_a_fifth_every_two_epochs():
    rates = [SEED.rate_at(epoch * 10, 2_322) for epoch in range(6)]
    assert rates == pytest.approx([1e-3, 1e-3, 8e-4, 8e-4, 6.4e-4, 6.4e-4])
    assert SEED.rate_at(19, 2_322) == SEED.rate_at(0, 2_322)


def test_the_cosine_warms_up_and_ends_near_nothing():
    recipe = replace(DEFAULT, epochs=10, batch_size=10, accumulation=1, warm_up_share=0.1)
    rates = [recipe.rate_at(step, 100) for step in range(100)]
    assert rates[:3] == pytest.approx([recipe.learning_rate * n / 11 for n in (1, 2, 3)])
    assert max(rates) == rates[10] == recipe.learning_rate
    assert rates[10:] == sorted(rates[10:], reverse=True)
    assert 0 < rates[-1] < recipe.learning_rate / 1000


def test_retraining_hardly_moves_the_projector():
    shares = {way: recipe.projector_rate_share for way, recipe in RETRAINING.items()}
    assert shares == {"full": 0.1, "adapter": 1.0}


@pytest.mark.parametrize(
    ("count", "size", "epochs", "rate"),
    [
        (2_322, 256, 10, 2.5e-3),
        (600, 60, 10, 2.5e-3 * (60 / 256) ** 0.5),
        (60, 8, 13, 2.5e-3 / 32**0.5),
        (1, 8, 20, 2.5e-3 / 32**0.5),
        (0, 256, 10, 2.5e-3),
    ],
)
def test_a_small_set_is_learned_in_as_many_steps(count, size, epochs, rate):
    recipe = DEFAULT.for_count(count)
    assert (recipe.step_size, recipe.epochs) == (size, epochs)
    assert recipe.learning_rate == pytest.approx(rate)
    assert count <= 1 or recipe.epochs * recipe.steps_of_epoch(count) >= 100


def test_the_published_recipe_is_the_same_for_every_set():
    assert SEED.for_count(3) is SEED


def test_recipes_are_found_by_name():
    assert {name: recipe.name for name, recipe in RECIPES.items()} == {
        "seed": "seed",
        "default": "default",
    }


def test_recipes_check_themselves():
    with pytest.raises(ValueError, match="Unknown schedule 'linear'"):
        replace(DEFAULT, schedule="linear")
    with pytest.raises(ValueError, match="1 or more"):
        replace(DEFAULT, epochs=0)
    with pytest.raises(ValueError, match=r"0 to 1, not 1\.5"):
        replace(DEFAULT, soft_label_share=1.5)
