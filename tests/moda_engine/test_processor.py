import json
import shutil

import pytest
import torch
from transformers import AutoTokenizer, CLIPConfig, CLIPImageProcessorPil, OPTConfig

from moda_engine import ModaConfig, ModaProcessor
from moda_engine.exceptions import CheckpointError
from tests.moda_engine.published import (
    OPT_TOKENIZER,
    publish_clip,
    publish_gpt2,
    publish_llama,
    publish_opt,
    publish_qwen,
)


def processor_of(publish, folder) -> ModaProcessor:
    image_processor = CLIPImageProcessorPil(size={"shortest_edge": 32}, crop_size=32)
    return ModaProcessor(image_processor, AutoTokenizer.from_pretrained(publish(folder / "part")))


@pytest.fixture(params=[publish_opt, publish_llama, publish_gpt2, publish_qwen])
def processor(request, tmp_path):
    return processor_of(request.param, tmp_path)


#: Opening of a caption, what parts facts from it, its end, padding: as ids of the tokenizer.
SPECIAL = [
    (publish_opt, [2], [], 2, 1),  # `</s>` first; it also parts the facts
    (publish_llama, [], [0], 0, 0),  # one token for all
    (publish_gpt2, [], [0], 0, 0),
    (publish_qwen, [], [1], 1, 0),  # no begin token: the end parts the facts
]


@pytest.mark.parametrize(("publish", "opening", "parting", "end", "pad"), SPECIAL)
def test_training_tensors(tmp_path, publish, opening, parting, end, pad):
    processor = processor_of(publish, tmp_path)
    facts = processor.tokenizer("red", add_special_tokens=False)["input_ids"]
    long = processor.tokenizer("Red checked skirt.", add_special_tokens=False)["input_ids"]
    short = processor.tokenizer("Skirt.", add_special_tokens=False)["input_ids"]
    inputs = processor(facts=["red", None], text=["Red checked skirt.", "Skirt."])
    first = [*facts, *parting, *opening, *long, end]
    second = [*opening, *short, end]
    padding = len(first) - len(second)
    assert inputs["input_ids"].tolist() == [first, [*second, *[pad] * padding]]
    assert inputs["attention_mask"].tolist() == [
        [1] * len(first),
        [1] * len(second) + [0] * padding,
    ]
    unlearned = len(facts) + len(parting)
    assert inputs["labels"].tolist() == [
        [-100] * unlearned + first[unlearned:],
        [*second, *[-100] * padding],
    ]


@pytest.mark.parametrize(("publish", "opening", "parting", "end", "pad"), SPECIAL)
def test_generation_begins_where_a_caption_would(
    tmp_path, photos, publish, opening, parting, end, pad
):
    processor = processor_of(publish, tmp_path)
    inputs = processor(images=photos[:2], facts=["red", None])
    facts = processor.tokenizer("red", add_special_tokens=False)["input_ids"]
    first = [*facts, *parting, *opening]
    padding = len(first) - len(opening)
    assert inputs["input_ids"].tolist() == [first, [*[pad] * padding, *opening]]
    assert inputs["attention_mask"].tolist() == [
        [1] * len(first),
        [0] * padding + [1] * len(opening),
    ]
    without_facts = processor(images=photos[:2])
    if opening:
        assert without_facts["input_ids"].tolist() == [opening, opening]
        assert without_facts["attention_mask"].tolist() == [[1], [1]]
    else:
        assert set(without_facts) == {"pixel_values"}


def test_a_caption_ends_once(processor):
    end = processor.tokenizer.eos_token
    once = processor(text=["Red skirt."])["input_ids"]
    assert torch.equal(processor(text=[f"Red skirt.{end}"])["input_ids"], once)


def test_long_facts_are_cut_but_still_parted(tmp_path):
    processor = processor_of(publish_llama, tmp_path)
    row = processor(facts=["red " * 50], facts_length=4)["input_ids"][0]
    assert len(row) == 5
    assert row[-1] == 0


def test_nothing_in_nothing_out(processor):
    assert dict(processor()) == {}


@pytest.fixture
def with_two_tokenizers(tmp_path):
    processor = processor_of(publish_opt, tmp_path)
    processor.encoder_tokenizer = AutoTokenizer.from_pretrained(publish_clip(tmp_path / "clip"))
    return processor


def test_the_text_towers_tokenizer_is_loaded_when_it_is_asked_for(with_two_tokenizers, tmp_path):
    folder = tmp_path / "saved"
    with_two_tokenizers.save_pretrained(folder)
    loaded = ModaProcessor.from_pretrained(folder)
    hidden = folder / "hidden"
    (folder / "encoder_tokenizer").rename(hidden)
    assert torch.equal(  # works all the same: nothing of it was read
        loaded(text=["Skirt."])["input_ids"], with_two_tokenizers(text=["Skirt."])["input_ids"]
    )
    with pytest.raises(CheckpointError, match=r"encoder_tokenizer holds no tokenizer"):
        loaded.encoder_text(["Skirt."], length=20)
    hidden.rename(folder / "encoder_tokenizer")
    expected = with_two_tokenizers.encoder_text(["Skirt."], length=20)
    assert loaded.encoder_text(["Skirt."], length=20)["input_ids"].tolist() == (
        expected["input_ids"].tolist()
    )


def test_saved_and_loaded_and_saved_again_it_keeps_both(with_two_tokenizers, tmp_path):
    with_two_tokenizers.save_pretrained(tmp_path / "first")
    ModaProcessor.from_pretrained(tmp_path / "first").save_pretrained(tmp_path / "second")
    for name in ("tokenizer.json", "encoder_tokenizer/tokenizer.json"):
        first = (tmp_path / "first" / name).read_text()
        assert (tmp_path / "second" / name).read_text() == first


def test_one_tokenizer_for_both_is_kept_once(model_and_processor, tmp_path):
    _, processor = model_and_processor
    assert processor.encoder_tokenizer is processor.tokenizer
    processor.save_pretrained(tmp_path / "saved")
    assert not (tmp_path / "saved" / "encoder_tokenizer").exists()
    ids = processor.tokenizer("Red skirt.")["input_ids"]
    inputs = processor.encoder_text(["Red skirt."], length=64)
    assert inputs["input_ids"].tolist() == [[*ids, processor.tokenizer.eos_token_id]]


def test_a_long_sentence_keeps_its_end(with_two_tokenizers):
    inputs = with_two_tokenizers.encoder_text(["a red skirt with dots", "a"], length=6)
    start, end = 512, 513
    assert inputs["input_ids"].shape == (2, 6)
    assert inputs["input_ids"][:, 0].tolist() == [start, start]
    assert inputs["input_ids"][0, -1] == end
    assert inputs["attention_mask"].sum(1).tolist() == [6, 3]
    assert inputs["input_ids"][1].tolist()[2:] == [end] * 4


@pytest.mark.shared_data
def test_opts_own_vocabulary(tmp_path, shared_data):
    for name in ("vocab.json", "merges.txt"):
        shutil.copyfile(shared_data / "opt-tokenizer" / name, tmp_path / name)
    (tmp_path / "tokenizer_config.json").write_text(json.dumps(OPT_TOKENIZER))
    (tmp_path / "config.json").write_text('{"model_type": "opt"}')
    processor = ModaProcessor(
        CLIPImageProcessorPil(), AutoTokenizer.from_pretrained(tmp_path, local_files_only=True)
    )
    processor.save_pretrained(tmp_path / "saved")
    for each in (processor, ModaProcessor.from_pretrained(tmp_path / "saved")):
        assert len(each.tokenizer) == 50_265
        assert each(text=["hello a"])["input_ids"].tolist() == [[2, 42891, 10, 2]]
        each.check_fits(ModaConfig(CLIPConfig(), OPTConfig(vocab_size=50_272)))
        with pytest.raises(CheckpointError, match=r"ids up to 50264, .* for 50264, ids 0 to 50263"):
            each.check_fits(ModaConfig(CLIPConfig(), OPTConfig(vocab_size=50_264)))
