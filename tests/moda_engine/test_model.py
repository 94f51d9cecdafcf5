import pytest
import torch
from torch import nn
from transformers import (
    AutoConfig,
    AutoModel,
    AutoProcessor,
    CLIPConfig,
    LlamaConfig,
    OPTConfig,
)

from moda_engine import ModaConfig, ModaForCaptioning, ModaProcessor
from tests.moda_engine.tiny import SENTENCES, tiny_config


def pixels(processor, photos):
    return processor(images=photos)["pixel_values"]


def test_the_visual_token_has_the_language_models_width(model_and_processor, photos):
    model, processor = model_and_processor
    values = pixels(processor, photos)
    assert values.shape == (5, 3, 32, 32)
    assert model.encode_images(values).shape == (5, 16)
    assert model.visual_token(values).shape == (5, 1, 32)


def test_logits_cover_the_visual_token_and_the_text(model_and_processor, photos):
    model, processor = model_and_processor
    inputs = processor(images=photos[:3], text=SENTENCES)
    output = model(**inputs)
    tokens = inputs["input_ids"].shape[1]
    assert output.logits.shape == (3, 1 + tokens, model.config.language_config.vocab_size)


def test_loss_is_the_cross_entropy_of_the_text_alone(model_and_processor, photos):
    model, processor = model_and_processor
    inputs = processor(images=photos[:3], facts=["brand Wren", None, "red"], text=SENTENCES)
    output = model(**inputs)
    expected = nn.functional.cross_entropy(
        output.logits[:, :-1].transpose(1, 2), inputs["labels"], ignore_index=-100
    )
    torch.testing.assert_close(output.loss, expected)


def test_labels_leave_out_facts_and_padding(model_and_processor):
    _, processor = model_and_processor
    inputs = processor(facts=["red", None], text=["Skirt.", "A red skirt."])
    caption = processor.tokenizer("Skirt.")["input_ids"] + [3]
    fact = processor.tokenizer("red")["input_ids"] + [1]
    row = inputs["labels"][0].tolist()
    assert row[: len(fact)] == [-100] * len(fact)
    assert row[len(fact) : len(fact) + len(caption)] == caption
    assert set(row[len(fact) + len(caption) :]) <= {-100}
    assert inputs["labels"][1].tolist()[0] == processor.tokenizer("A red skirt.")["input_ids"][0]


@pytest.mark.parametrize("given", [{}, {"pixel_values": 1, "image_features": 1}])
def test_exactly_one_form_of_the_image_is_asked_for(model_and_processor, given):
    model, _ = model_and_processor
    with pytest.raises(ValueError, match="either pixel_values or image_features"):
        model.visual_token(**given)


def test_features_stand_for_pixels(model_and_processor, photos):
    model, processor = model_and_processor
    values = pixels(processor, photos)
    from_pixels = model.generate(pixel_values=values)
    from_features = model.generate(image_features=model.encode_images(values))
    assert from_pixels.tolist() == from_features.tolist()


def test_the_encoder_never_learns(model_and_processor, photos):
    model, processor = model_and_processor
    before = {name: value.clone() for name, value in model.encoder.state_dict().items()}
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    model.train()
    model(**processor(images=photos[:3], text=SENTENCES)).loss.backward()
    optimizer.step()
    assert not model.encoder.training
    after = model.encoder.state_dict()
    assert all(torch.equal(value, after[name]) for name, value in before.items())
    assert model.projector.expand.weight.grad.abs().sum() > 0


def test_a_later_format_is_refused(model_and_processor):
    config = tiny_config(400)
    config.format_version = 99
    with pytest.raises(Exception, match="format 99; this program reads up to 1"):
        ModaForCaptioning(config)


def test_saved_and_loaded_it_is_the_same(checkpoint, model_and_processor, photos):
    model, processor = model_and_processor
    loaded = ModaForCaptioning.from_pretrained(checkpoint, dtype=torch.float32)
    loaded_processor = ModaProcessor.from_pretrained(checkpoint)
    values = pixels(processor, photos)
    assert torch.equal(values, pixels(loaded_processor, photos))
    state = loaded.state_dict()
    assert all(torch.equal(value, state[name]) for name, value in model.state_dict().items())
    assert loaded.eval().generate(pixel_values=values).tolist() == (
        model.generate(pixel_values=values).tolist()
    )


def test_the_auto_classes_know_it(checkpoint):
    assert isinstance(AutoConfig.from_pretrained(checkpoint), ModaConfig)
    assert isinstance(AutoModel.from_pretrained(checkpoint, dtype="float32"), ModaForCaptioning)
    assert isinstance(AutoProcessor.from_pretrained(checkpoint), ModaProcessor)


def test_the_encoder_stays_frozen_after_loading(checkpoint):
    model = AutoModel.from_pretrained(checkpoint, dtype=torch.float32)
    learned = [name for name, one in model.named_parameters() if one.requires_grad]
    assert {name.split(".")[0] for name in learned} == {"projector", "language_model"}


def test_output_embeddings_stay_tied_after_loading(checkpoint):
    model = ModaForCaptioning.from_pretrained(checkpoint, dtype=torch.float32)
    assert model.get_output_embeddings().weight is model.get_input_embeddings().weight


def count(module) -> float:
    """Millions of parameters."""
    return round(sum(parameter.numel() for parameter in module.parameters()) / 1e6, 1)


def test_the_published_size():
    with torch.device("meta"):
        model = ModaForCaptioning(ModaConfig(CLIPConfig(), OPTConfig()))
    assert (count(model.encoder), count(model.projector)) == (151.3, 3.9)
    assert (count(model.language_model), count(model)) == (125.2, 280.5)
    assert tuple(model.projector.expand.weight.shape) == (3072, 512)
    assert tuple(model.projector.contract.weight.shape) == (768, 3072)


def test_another_language_model_drops_in(photos):
    llama = LlamaConfig(
        vocab_size=400,
        hidden_size=24,
        intermediate_size=48,
        num_hidden_layers=1,
        num_attention_heads=2,
        pad_token_id=0,
        eos_token_id=3,
    )
    model = ModaForCaptioning(ModaConfig(tiny_config(400).encoder_config, llama)).eval()
    features = torch.ones(2, 16)
    assert model.visual_token(image_features=features).shape == (2, 1, 24)
    assert model.generate(image_features=features, max_new_tokens=3).shape[0] == 2
