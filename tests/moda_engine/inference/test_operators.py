"""The operators that torch does not promise: what is checked of them, and the way without them."""

import pytest
import torch
from torch import nn

from moda_engine import Describer
from moda_engine.inference import operators
from moda_engine.inference.convolutions import folded_vision
from moda_engine.inference.linear import FusedLinear
from moda_engine.inference.operators import (
    VARIABLE,
    has_convolution,
    has_int8,
    has_linear,
)
from moda_engine.inference.vision import ImageEncoder

CPU = torch.device("cpu")
PROBES = (operators._probe_linear, operators._probe_convolution, operators._probe_int8)


@pytest.fixture(autouse=True)
def asked_once_more():
    """Each test probes by itself, and leaves nothing behind."""
    for probe in PROBES:
        probe.cache_clear()
    yield
    for probe in PROBES:
        probe.cache_clear()


@pytest.fixture
def plain(monkeypatch):
    monkeypatch.setenv(VARIABLE, "plain")


@pytest.fixture
def layers() -> nn.Module:
    torch.manual_seed(0)
    parent = nn.Module()
    parent.first, parent.second = nn.Linear(6, 4), nn.Linear(6, 5, bias=False)
    return parent


def expected_of(layers: nn.Module, inputs: torch.Tensor) -> torch.Tensor:
    return torch.cat([layers.first(inputs), layers.second(inputs)], dim=1)


@pytest.mark.fused
def test_the_torch_that_is_pinned_has_the_operators():
    """Where an upgrade takes one away, describing still works, but slower: this test tells."""
    assert has_linear(CPU, torch.float32)
    assert has_convolution(CPU, torch.float32)


@pytest.mark.fused
def test_they_are_found_inside_autocast_too():
    """The answer is kept as long as the process lives."""
    with torch.autocast("cpu", dtype=torch.bfloat16):
        assert has_linear(CPU, torch.float32)
        assert has_convolution(CPU, torch.float32)
    assert has_linear(CPU, torch.float32)


@pytest.mark.parametrize("has", [has_linear, has_convolution])
def test_other_devices_and_precisions_have_none(has):
    assert not has(torch.device("cuda"), torch.float32)
    assert not has(CPU, torch.float64)
    assert not has_int8(torch.device("cuda"))


@pytest.mark.parametrize("error", [AttributeError, RuntimeError, TypeError])
@pytest.mark.parametrize("name", ["laid_out", "linear", "linear_plus"])
def test_layers_are_plain_where_an_operator_is_missing(layers, monkeypatch, name, error):
    def missing(*arguments):
        raise error(name)

    monkeypatch.setattr(operators, name, missing)
    assert not has_linear(CPU, torch.float32)
    inputs = torch.randn(3, 6)
    product = FusedLinear(layers, "first", "second", activation=("relu", torch.relu))
    assert torch.equal(product(inputs), expected_of(layers, inputs).relu())


@pytest.mark.parametrize("name", ["linear", "linear_plus"])
def test_an_operator_that_computes_anything_else_is_not_used(monkeypatch, name):
    right = getattr(operators, name)
    monkeypatch.setattr(operators, name, lambda *arguments: right(*arguments) + 1)
    assert not has_linear(CPU, torch.float32)


@pytest.mark.parametrize("name", ["convolution", "convolution_plus"])
def test_a_convolution_that_computes_anything_else_is_not_used(monkeypatch, name):
    right = getattr(operators, name)
    monkeypatch.setattr(operators, name, lambda *arguments: right(*arguments) + 1)
    assert not has_convolution(CPU, torch.float32)


def test_products_of_8_bits_that_are_far_off_are_not_used(monkeypatch):
    right = operators.quantised_linear
    monkeypatch.setattr(operators, "quantised_linear", lambda *arguments: right(*arguments) + 1)
    assert not has_int8(CPU)


def test_the_environment_asks_for_plain_layers(layers, plain):
    assert not has_linear(CPU, torch.float32)
    assert not has_convolution(CPU, torch.float32)
    assert not has_int8(CPU)
    inputs, residual = torch.randn(3, 6), torch.randn(3, 9)
    product = FusedLinear(layers, "first", "second")
    assert torch.equal(product(inputs), expected_of(layers, inputs))
    summed = product(inputs, residual.clone())
    assert torch.equal(summed, expected_of(layers, inputs) + residual)


def test_another_value_is_refused(monkeypatch):
    monkeypatch.setenv(VARIABLE, "slow")
    with pytest.raises(ValueError, match="MODA_ENGINE_OPERATORS is 'slow'; allowed: fast, plain"):
        has_linear(CPU, torch.float32)


def test_a_checkpoint_says_the_same_with_plain_layers(checkpoint, photos, monkeypatch):
    texts = [one.text for one in Describer.from_pretrained(checkpoint).describe(photos)]
    monkeypatch.setenv(VARIABLE, "plain")
    for serving in (False, True):
        describer = Describer.from_pretrained(checkpoint, serving=serving)
        assert [one.text for one in describer.describe(photos)] == texts


def test_an_encoder_is_asked_as_it_is_with_plain_layers(checkpoint, plain):
    model = Describer.from_pretrained(checkpoint).model
    assert folded_vision(model.encoder) is None
    pixels = torch.randn(2, 3, 32, 32)
    assert torch.equal(ImageEncoder(model)(pixels), model.encode_images(pixels))


def test_8_bits_are_refused_with_plain_layers(checkpoint, plain):
    with pytest.raises(ValueError, match="not on cpu with MODA_ENGINE_OPERATORS=plain"):
        Describer.from_pretrained(checkpoint, dtype=torch.int8)
