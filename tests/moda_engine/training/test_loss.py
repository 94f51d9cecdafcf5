import pytest
import torch
from torch import nn
from transformers import GPT2Config, GraniteConfig, LlamaConfig

from moda_engine import ModaConfig, ModaForCaptioning
from moda_engine.training.captions import CaptionSequences, EncodedCaptions
from moda_engine.training.loss import CaptionLoss
from tests.moda_engine.tiny import SENTENCES, tiny_config

_SMALL = {
    "vocab_size": 400,
    "hidden_size": 24,
    "intermediate_size": 48,
    "num_hidden_layers": 1,
    "num_attention_heads": 2,
    "pad_token_id": 0,
    "bos_token_id": 1,
    "eos_token_id": 3,
}
LANGUAGE_MODELS = {
    "opt": tiny_config(400).language_config,
    "llama": LlamaConfig(**_SMALL),
    "gpt2": GPT2Config(
        vocab_size=400, n_embd=24, n_layer=1, n_head=2, bos_token_id=1, eos_token_id=3
    ),
    # Divides its logits: the output layer alone would give others.
    "granite": GraniteConfig(**_SMALL, logits_scaling=4.0),
}


def captioner(language) -> ModaForCaptioning:
    torch.manual_seed(0)
    model = ModaForCaptioning(ModaConfig(tiny_config(400).encoder_config, language)).eval()
    nn.init.normal_(model.get_output_embeddings().weight, std=0.4)
    return model


@pytest.mark.parametrize("name", LANGUAGE_MODELS)
def test_it_is_the_language_models_own_loss_caption_by_caption(name, model_and_processor):
    _, processor = model_and_processor
    model = captioner(LANGUAGE_MODELS[name])
    captions = EncodedCaptions(torch.eye(3, 16), SENTENCES, ["red", None, "brand Wren"])
    sequences = CaptionSequences(processor, captions)
    losses = CaptionLoss(model, torch.float32).eval()(**sequences.batch([0, 1, 2]))
    for row in range(3):
        alone = model(**sequences.batch([row])).loss.item()
        expected = alone * sequences.token_counts[row].item()
        assert losses[row].item() == pytest.approx(expected, rel=1e-5)


def test_a_head_that_does_more_than_multiply_is_known():
    plain = {
        name: CaptionLoss(captioner(language), torch.float32).has_plain_head
        for name, language in LANGUAGE_MODELS.items()
    }
    assert plain == {"opt": True, "llama": True, "gpt2": True, "granite": False}


def test_its_gradient_is_the_language_models(model_and_processor):
    model, processor = model_and_processor
    sequences = CaptionSequences(processor, EncodedCaptions(torch.eye(3, 16), SENTENCES))
    batch = sequences.batch([0, 1, 2])
    gradients = []
    for backward in (
        lambda: model(**batch).loss.backward(),
        lambda: (
            CaptionLoss(model, torch.float32)(**batch).sum() / sequences.token_counts.sum()
        ).backward(),
    ):
        model.zero_grad()
        backward()
        gradients.append({n: p.grad for n, p in model.named_parameters() if p.grad is not None})
    assert gradients[0].keys() == gradients[1].keys()
    for name, value in gradients[0].items():
        torch.testing.assert_close(gradients[1][name], value, rtol=1e-4, atol=1e-6)


def test_labels_are_smoothed_in_training_alone(model_and_processor):
    model, processor = model_and_processor
    batch = CaptionSequences(processor, EncodedCaptions(torch.eye(3, 16), SENTENCES)).batch([0])
    plain, smoothed = (CaptionLoss(model, torch.float32, share) for share in (0.0, 0.1))
    assert torch.equal(plain.eval()(**batch), smoothed.eval()(**batch))
    assert not torch.equal(plain.train()(**batch), smoothed.train()(**batch))


def test_bfloat16_is_near_and_leaves_losses_single(model_and_processor):
    model, processor = model_and_processor
    batch = CaptionSequences(processor, EncodedCaptions(torch.eye(3, 16), SENTENCES)).batch([0, 1])
    single = CaptionLoss(model, torch.float32).eval()(**batch)
    half = CaptionLoss(model, torch.bfloat16).eval()(**batch)
    assert half.dtype == torch.float32
    assert not torch.equal(single, half)
    torch.testing.assert_close(half, single, rtol=0.05, atol=0.5)
