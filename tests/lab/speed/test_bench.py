"""The measures on a small model: what they give, and that both sides do the same work."""

import json

import pytest
import torch
from transformers import CLIPConfig, GenerationConfig, OPTConfig

from lab.speed.__main__ import main
from lab.speed.bench import PARTS
from lab.speed.encoders import encoders
from lab.speed.latency import int8, latency
from lab.speed.machine import photo_operations, token_bytes
from lab.speed.rounds import in_turns
from lab.speed.subject import Subject
from lab.speed.throughput import real_lengths, throughput
from moda_engine import ModaConfig, ModaForCaptioning

VISION = {
    "hidden_size": 32,
    "intermediate_size": 64,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "image_size": 16,
    "patch_size": 8,
}
LANGUAGE = OPTConfig(
    vocab_size=64,
    hidden_size=32,
    word_embed_proj_dim=32,
    ffn_dim=64,
    num_hidden_layers=2,
    num_attention_heads=2,
    max_position_embeddings=64,
    init_std=0.3,
)


@pytest.fixture(scope="module")
def subject() -> Subject:
    torch.manual_seed(0)
    text = {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2}
    clip = CLIPConfig(vision_config=VISION, text_config=text, projection_dim=16)
    model = ModaForCaptioning(ModaConfig(clip, LANGUAGE)).eval()
    model.generation_config = GenerationConfig(pad_token_id=1, bos_token_id=2)
    return Subject(model, torch.float32)


def test_both_sides_write_the_same(subject):
    pixels = subject.pixels(9)
    ours = [one.tokens for one in subject.describe(pixels, 4, 12)]
    assert ours == subject.plain(pixels, 12).tolist()


def test_every_photo_gets_the_tokens_that_are_asked_for(subject):
    limits = [3, 9, 1, 5, 7, 2]
    written = subject.describe(subject.pixels(6), 2, limits)
    assert [len(one.tokens) for one in written] == limits


def test_the_figures_have_their_names(subject):
    found = throughput(subject, subject, 1)
    assert {"images_per_second", "reference", "published_way", "ceiling_share"} <= set(found)
    assert found["ceiling_share"] == pytest.approx(
        found["best_images_per_second"] / found["ceiling"], rel=1e-6
    )
    assert {"images_per_second", "static_batch"} <= set(real_lengths(subject, 1))
    assert {"seconds", "reference_fp32", "floor"} <= set(latency(subject, subject, 1))
    assert {"images_per_second", "bf16"} <= set(int8(subject.model, subject, subject, 1))


def test_operations_are_two_a_weight_and_use(subject):
    layer = 4 * 32 * 32 + 2 * 32 * 64
    vision = 5 * 2 * layer + 4 * 32 * 3 * 8 * 8
    language = (2 + 10 - 1) * 2 * layer + 10 * 64 * 32
    assert photo_operations(subject.model, 10) == 2 * (vision + language)
    assert token_bytes(subject.model) == 4 * (2 * layer + 64 * 32)


def test_sides_take_turns_and_the_first_round_does_not_count():
    order = []
    sides = {name: (lambda name=name: order.append(name)) for name in "ab"}
    assert set(in_turns(sides, 2)) == {"a", "b"}
    assert order == ["a", "b"] * 3


def test_help_names_the_parts(capsys):
    with pytest.raises(SystemExit, match="0"):
        main(["--help"])
    shown = capsys.readouterr().out
    assert all(part in shown for part in PARTS)


def test_encoders_are_compared_with_the_committed_one(monkeypatch):
    monkeypatch.setattr("lab.speed.encoders._PHOTOS", 1)
    found = encoders(1)
    for variant in ("lite0", "lite1", "lite2"):
        assert found[f"{variant}_ratio"] == found[variant] / found["committed"]
    assert found["side"] == 160


@pytest.mark.slow
def test_one_part_alone_at_full_size(capsys):
    main(["--json", "--rounds", "1", "--only", "latency"])
    figures = json.loads(capsys.readouterr().out)
    assert figures["rounds"] == 1
    assert figures["latency"]["seconds"] > 0
    assert "throughput" not in figures
