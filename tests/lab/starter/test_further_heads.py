"""Further details: what prose names, what a head learns of it, and from when on it is said."""

import pytest
import torch

from lab.starter.further_heads import (
    Told,
    fit_further,
    further_config,
    kinds_to_learn,
    silent_share,
    threshold_of,
)
from lab.starter.linear_heads import HeadsRecipe
from lab.starter.prose_details import named_details
from moda_engine.language.further import FURTHER

LONG = "It is made of soft cotton and is good to wear on any day."


@pytest.mark.parametrize(
    ("prose", "product_type", "kinds"),
    [
        ("A left chest patch pocket, button cuffs. ", "Shirts", "chest buttoned"),
        ("A T-shirt with no chest pocket. ", "Tshirts", ""),
        ("Do not iron on print or embroidery. ", "Tshirts", ""),
        ("Embroidery on the yoke. ", "Kurtas", "embroidered"),
        ("Studs along the strap. ", "Handbags", "studs"),
        ("Button cuffs. ", "Watches", ""),
    ],
)
def test_prose_names_details_of_its_type(prose, product_type, kinds):
    found = named_details("", prose + LONG, product_type)
    assert sorted(kind.split("_")[0] for kind in found) == sorted(kinds.split())


def test_short_prose_tells_nothing():
    assert named_details("Shirt with a chest pocket", "-", "Shirts") is None


def test_rare_and_hidden_kinds_are_not_learned():
    prose = [f"A chest pocket. {LONG}"] * 12 + [f"A back yoke, a short zip. {LONG}"] * 11
    types, titles = ["Shirts"] * 23, [""] * 23
    assert FURTHER["back_yoke"].hidden
    assert kinds_to_learn(types, titles, prose) == ["chest_pocket"]


def test_what_no_prose_tells_is_unknown():
    told = Told.of(
        ["Shirts", "Shirts", "Watches", "Shirts"],
        [""] * 4,
        [f"A chest pocket. {LONG}", LONG, LONG, "-"],
        ["chest_pocket"],
    )
    assert told.details[:, 0].tolist() == [1, 0, -1, -1]


@pytest.mark.parametrize(
    ("named", "silent", "expected"),
    [
        ([1] * 15 + [0] * 10, 0.0, 0.86),
        ([1] * 14 + [0] * 11, 0.0, None),
        ([-1] * 10 + [1] * 15, 0.0, 0.76),
    ],
)
def test_a_threshold_is_the_least_that_is_right_often_enough(named, silent, expected):
    probabilities = torch.arange(100, 75, -1) / 100
    found = threshold_of(probabilities, torch.tensor(named), silent)
    assert found == (None if expected is None else pytest.approx(expected))


def test_no_threshold_is_lower_than_what_was_looked_at():
    probabilities, silent = torch.linspace(1, 0.9, 401), torch.zeros(401).long()
    # All but 4 of 100 silent ones show it; those that are likelier named than 0.35 were looked at.
    assert threshold_of(probabilities, silent, 0.96) == pytest.approx(0.974, abs=3e-4)


def test_where_nobody_looked_a_silent_one_is_wrong():
    assert silent_share("charms") == 0
    assert silent_share("full_length_buttoned_placket") == 12 / 13


def test_a_head_learns_what_prose_names_and_keeps_what_it_may_say():
    generator = torch.Generator().manual_seed(0)
    features = torch.randn(2, 600, 4, generator=generator) + 5
    has_pocket = features[0, :, 0] > 5
    kinds = ["chest_pocket", "curved_hem"]
    details = torch.stack([has_pocket.int(), torch.randint(0, 2, (600,), generator=generator)], 1)
    layers = fit_further([(features, details.long())], HeadsRecipe(batch_size=32), hidden=16)
    told = Told(["Shirts"] * 600, details.long())
    config, state, measured = further_config(layers, kinds, features[0], told)
    assert list(config["details"]) == ["chest_pocket"]
    assert config["hidden"] == 16
    assert state["2.weight"].shape == (1, 16)
    assert measured["kinds"] == 1
    assert 0.3 < measured["said_a_photo"] < 0.6
    assert measured["precision_on_other_half"] > 0.94
