"""The language model in whole numbers: what a product gives, and what a describer says in them."""

import pytest
import torch
from torch import nn

from moda_engine import DescribeOptions, Describer
from moda_engine.exceptions import CheckpointError
from moda_engine.inference.linear import QuantizedLinear
from moda_engine.inference.weights import copy_from_file
from tests.moda_engine.test_adapter import adapters  # noqa: F401 (a fixture)


def layers(*names: str, inputs: int = 16, outputs: int = 8) -> nn.Module:
    """A module with linear layers whose weights are whole numbers, the greatest of a row 127."""
    torch.manual_seed(0)
    parent = nn.Module()
    for name in names:
        layer = nn.Linear(inputs, outputs)
        whole = torch.randint(-127, 128, (outputs, inputs)).float()
        whole[:, 0] = 127
        layer.weight.data = whole * torch.logspace(-3, 1, outputs).unsqueeze(1)
        setattr(parent, name, layer)
    return parent


def whole_inputs(rows: int, inputs: int = 16) -> torch.Tensor:
    """Whole numbers from 0 to 255, both of which each row has: they stand for themselves."""
    found = torch.randint(0, 256, (rows, inputs)).float()
    found[:, 0], found[:, 1] = 0, 255
    return found


@pytest.mark.parametrize("rows", [1, 5])
def test_whole_numbers_are_multiplied_exactly_with_a_scale_an_output(rows):
    parent, inputs = layers("one", "two"), whole_inputs(rows)
    expected = torch.cat([parent.one(inputs), parent.two(inputs)], dim=-1)
    found = QuantizedLinear(parent, "one", "two")(inputs)
    torch.testing.assert_close(found, expected, rtol=1e-5, atol=1e-3)


def test_activation_and_residual_follow():
    parent, inputs = layers("one"), whole_inputs(2)
    residual = torch.randn(2, 8)
    product = QuantizedLinear(parent, "one", activation=("relu", nn.functional.relu))
    torch.testing.assert_close(product(inputs), parent.one(inputs).relu(), rtol=1e-5, atol=1e-3)
    added = QuantizedLinear(parent, "one")(inputs, residual)
    torch.testing.assert_close(added, parent.one(inputs) + residual, rtol=1e-5, atol=1e-3)


def test_inputs_between_whole_numbers_are_rounded():
    parent, inputs = layers("one"), whole_inputs(1)
    nudged = inputs + 0.3 * (inputs % 255 > 0)
    product = QuantizedLinear(parent, "one")
    torch.testing.assert_close(product(nudged), product(inputs))


def test_inputs_have_seven_bits_where_sums_of_eight_overflow(monkeypatch):
    monkeypatch.setattr(torch.cpu, "_is_vnni_supported", lambda: False)
    parent, inputs = layers("one"), whole_inputs(1)
    product = QuantizedLinear(parent, "one")
    halves = (inputs / 2).floor().clamp(max=127)
    halves[:, 1] = 127
    torch.testing.assert_close(product(halves), parent.one(halves), rtol=1e-5, atol=1e-3)
    assert not torch.allclose(product(inputs), parent.one(inputs), rtol=1e-5, atol=1e-3)


def test_an_output_without_weights_gives_its_bias():
    parent = layers("one")
    parent.one.weight.data[3] = 0
    found = QuantizedLinear(parent, "one")(whole_inputs(1))
    assert found[0, 3].item() == pytest.approx(parent.one.bias[3].item())


@pytest.fixture(scope="module")
def int8(checkpoint):
    return Describer.from_pretrained(checkpoint, dtype=torch.int8)


@pytest.mark.fused
def test_a_text_is_the_same_alone_and_in_any_batch(int8, photos):
    facts = ["red", None, "brand Wren, fabric cotton", None, "blue"]
    together = int8.describe(photos, facts, DescribeOptions(batch_size=5))
    alone = [int8.describe([p], [f])[0] for p, f in zip(photos, facts, strict=True)]
    assert together == alone
    assert {one.mode for one in together} == {"int8"}


@pytest.mark.fused
def test_the_first_words_are_near_those_of_single_precision(checkpoint, int8, photos):
    options = DescribeOptions(max_new_tokens=1, fit=False)
    single = Describer.from_pretrained(checkpoint, dtype=torch.float32)
    for one, other in zip(
        int8.describe(photos, options=options),
        single.describe(photos, options=options),
        strict=True,
    ):
        assert one.confidence == pytest.approx(other.confidence, rel=0.2)
        assert one.confidence != other.confidence


@pytest.mark.fused
def test_the_same_in_int8_without_the_layers_own_weights(checkpoint, photos, adapters):  # noqa: F811
    lean = Describer.from_pretrained(checkpoint, dtype=torch.int8, serving=True)
    whole = Describer.from_pretrained(checkpoint, dtype=torch.int8)
    # Some processors round by where weights begin in memory; a file has them anywhere.
    copy_from_file(whole.model)
    assert lean.model.language_model.model.decoder.layers[0].fc1.weight.numel() == 0
    for describer in (whole, lean):
        describer.load_adapter(adapters[0], "brand")
    plain, branded = (DescribeOptions(adapter=name) for name in (None, "brand"))
    assert lean.describe(photos, options=branded) == whole.describe(photos, options=branded)
    assert lean.describe(photos, options=plain) == whole.describe(photos, options=plain)
    assert whole.describe(photos, options=branded) != whole.describe(photos, options=plain)


def test_settings_that_transformers_writes_by_are_refused(model_and_processor):
    model, processor = model_and_processor
    model.generation_config.repetition_penalty = 1.2
    with pytest.raises(CheckpointError, match="Take float32 or bfloat16"):
        Describer(model, processor, int8=True)


def test_other_devices_are_refused(checkpoint):
    with pytest.raises(ValueError, match="x86 processors alone, not on meta"):
        Describer.from_pretrained(checkpoint, device="meta", dtype=torch.int8)
