"""What transformers' own tests ask of every model and processor, on the tiny checkpoint."""

import copy
import pickle
import subprocess
import sys
import warnings

import numpy as np
import pytest
import torch
from peft import LoraConfig, get_peft_model
from PIL import Image
from transformers import (
    AutoModelForImageTextToText,
    GenerationConfig,
    Trainer,
    TrainingArguments,
)

from moda_engine import DescribeOptions, Describer, ModaForCaptioning, ModaProcessor
from moda_engine.checkpoint import check_checkpoint, parameter_count, weights_files, weights_sha256
from moda_engine.exceptions import CheckpointError, PhotoError
from tests.moda_engine.hub import COMMIT
from tests.moda_engine.tiny import SENTENCES


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.float16, "auto"])
def test_it_writes_in_the_precision_that_it_was_loaded_in(checkpoint, photos, dtype):
    model = ModaForCaptioning.from_pretrained(checkpoint, dtype=dtype)
    inputs = ModaProcessor.from_pretrained(checkpoint)(photos[:2])
    assert inputs["pixel_values"].dtype == torch.float32
    assert model.generate(**inputs, max_new_tokens=4).shape[0] == 2
    stored = torch.float32 if dtype == "auto" else dtype
    assert {
        model.encoder.dtype,
        model.language_model.dtype,
        model.projector.expand.weight.dtype,
    } == {stored}


@pytest.mark.parametrize("attention", ["sdpa", "eager"])
def test_attention_is_computed_as_asked_for(checkpoint, photos, attention):
    model = ModaForCaptioning.from_pretrained(
        checkpoint, dtype=torch.float32, attn_implementation=attention
    )
    usual = ModaForCaptioning.from_pretrained(checkpoint, dtype=torch.float32)
    assert model.language_model.config._attn_implementation == attention
    inputs = ModaProcessor.from_pretrained(checkpoint)(photos[:3], text=SENTENCES)
    torch.testing.assert_close(model(**inputs).logits, usual(**inputs).logits)


@pytest.mark.parametrize(
    "options",
    [
        {"num_beams": 3},
        {"num_beams": 2, "num_return_sequences": 2},
        {"do_sample": True, "top_k": 5, "temperature": 0.7},
        {"repetition_penalty": 1.5},
        {"min_new_tokens": 3},
        {"generation_config": GenerationConfig(max_new_tokens=2, eos_token_id=3, pad_token_id=0)},
    ],
    ids=lambda options: "-".join(options),
)
@pytest.mark.filterwarnings("ignore:Passing `repetition_penalty` with `inputs_embeds`")
def test_generate_takes_its_options(model_and_processor, photos, options):
    model, processor = model_and_processor
    inputs = processor(photos[:2])
    torch.manual_seed(0)
    found = model.generate(**inputs, **options)
    torch.manual_seed(0)
    config = options.get("generation_config", model.generation_config)
    expected = model.language_model.generate(
        inputs_embeds=model.visual_token(inputs["pixel_values"]),
        attention_mask=torch.ones(2, 1, dtype=torch.long),
        **config.to_diff_dict() | {k: v for k, v in options.items() if k != "generation_config"},
    )
    assert found.tolist() == expected.tolist()


def test_generate_gives_scores_where_asked(model_and_processor, photos):
    model, processor = model_and_processor
    found = model.generate(
        **processor(photos[:2]), max_new_tokens=3, return_dict_in_generate=True, output_scores=True
    )
    assert len(found.scores) == found.sequences.shape[1] <= 3


def test_options_of_one_call_are_not_those_of_the_next(model_and_processor, photos):
    model, processor = model_and_processor
    inputs = processor(photos[:2])
    before = model.generate(**inputs).tolist()
    model.generate(**inputs, max_new_tokens=1)
    assert model.generate(**inputs).tolist() == before


@pytest.mark.parametrize("count", [1, 3])
def test_generation_goes_on_with_texts_that_are_given(model_and_processor, photos, count):
    model, processor = model_and_processor
    begun = ["Red", "Black formal shoes", "Navy blue casual T-shirt"][:count]
    together = model.generate(**processor(photos[:count], text=begun), max_new_tokens=5)
    for row, (photo, text) in enumerate(zip(photos, begun, strict=False)):
        ids = torch.tensor([processor.tokenizer(text)["input_ids"]])
        embeds, mask = model.prefixed(
            ids, None, model.visual_token(processor(photo)["pixel_values"])
        )
        alone = model.language_model.generate(
            inputs_embeds=embeds,
            attention_mask=mask,
            max_new_tokens=5,
            eos_token_id=3,
            pad_token_id=0,
        )
        assert together[row, : alone.shape[1]].tolist() == alone[0].tolist()


#: What a program of its own does, that has imported nothing before.
PIPELINE = """
import sys
import torch
from PIL import Image
from transformers import pipeline
import moda_engine

photo = Image.open(sys.argv[2])
pipe = pipeline("image-text-to-text", model=sys.argv[1], dtype=torch.float32)
found = pipe(photo, text="Red", max_new_tokens=5)
tokens = pipe.model.generate(**pipe.processor(photo, text="Red"), max_new_tokens=5)
new = pipe.processor.decode(tokens[0], skip_special_tokens=True)
assert found == [{"input_text": "Red", "generated_text": f"Red{new}"}], found
batch = pipe([photo, photo], text=["", "Red"], max_new_tokens=3)
assert [one["input_text"] for one in batch] == ["", "Red"], batch
"""


def test_a_pipeline_goes_on_with_its_prompt(checkpoint, photos, tmp_path):
    photos[0].save(tmp_path / "photo.png")
    command = [sys.executable, "-c", PIPELINE, str(checkpoint), str(tmp_path / "photo.png")]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def kinds_of_photo(photo, folder):
    """The same photo as everything that it may be given as."""
    path = folder / "photo.png"
    photo.save(path)
    pixels = np.asarray(photo)
    return {
        "path": path,
        "text": str(path),
        "bytes": path.read_bytes(),
        "array": pixels,
        "channels first": pixels.transpose(2, 0, 1),
        "tensor": torch.from_numpy(pixels.copy()),
        "fractions": torch.from_numpy(pixels.copy()).permute(2, 0, 1) / 255,
    }


def test_a_photo_is_a_picture_a_path_bytes_or_pixels(model_and_processor, photos, tmp_path):
    _, processor = model_and_processor
    expected = processor(images=[photos[0]])["pixel_values"]
    for kind, photo in kinds_of_photo(photos[0], tmp_path).items():
        assert torch.equal(processor(photo)["pixel_values"], expected), kind
    batch = torch.stack([torch.from_numpy(np.asarray(photo).copy()) for photo in photos])
    assert torch.equal(processor(batch)["pixel_values"], processor(images=photos)["pixel_values"])


def test_the_describer_takes_every_kind_too(checkpoint, photos, tmp_path):
    describer = Describer.from_pretrained(checkpoint)
    (expected,) = describer.describe(photos[:1])
    found = describer.describe(list(kinds_of_photo(photos[0], tmp_path).values()))
    assert [one.text for one in found] == [expected.text] * 7


@pytest.mark.parametrize(
    ("photo", "reason"),
    [
        (None, "NoneType is no photo"),
        (7, "int is no photo"),
        (np.zeros((5, 4, 7), dtype=np.uint8), "An array of uint8, 5 × 4 × 7, is no photo"),
        (np.zeros((4, 4, 3)) - 1, "An array of float64, 4 × 4 × 3, is no photo"),
        (np.zeros((0, 4, 3), dtype=np.uint8), "0 × 4 × 3, is no photo"),
        (b"", "the file is empty"),
    ],
)
def test_what_is_no_photo_is_refused(model_and_processor, photo, reason):
    with pytest.raises(PhotoError, match=reason):
        model_and_processor[1]([photo])


def test_one_photo_one_text_one_fact_stand_for_lists(model_and_processor, photos):
    _, processor = model_and_processor
    for single, listed in [
        (processor(photos[0]), processor([photos[0]])),
        (processor(text="hello"), processor(text=["hello"])),
        (processor(photos[0], facts="red"), processor([photos[0]], facts=["red"])),
    ]:
        assert set(single) == set(listed)
        assert all(torch.equal(single[name], listed[name]) for name in single)
    assert processor(text="hello")["input_ids"].shape[0] == 1


def test_pixels_are_of_any_mode(model_and_processor, photos):
    _, processor = model_and_processor
    grey = processor(photos[0].convert("L"))["pixel_values"]
    assert torch.equal(grey, processor(photos[0].convert("L").convert("RGB"))["pixel_values"])
    clear = photos[0].convert("RGBA")
    clear.putalpha(0)
    white = Image.new("RGB", clear.size, "white")
    assert torch.equal(processor(clear)["pixel_values"], processor(white)["pixel_values"])


def test_vocabulary_can_grow(model_and_processor, photos, tmp_path):
    model, processor = model_and_processor
    before = model.generate(**processor(photos)).tolist()
    rows = len(processor.tokenizer)
    assert processor.tokenizer.add_tokens(["wren"]) == 1
    table = model.resize_token_embeddings(rows + 1)
    with torch.no_grad():
        table.weight[-1] = 0
    assert model.get_input_embeddings() is table
    assert model.get_output_embeddings().weight is table.weight
    assert model.config.language_config.vocab_size == rows + 1
    assert model.generate(**processor(photos)).tolist() == before
    model.save_pretrained(tmp_path)
    processor.save_pretrained(tmp_path)
    describer = Describer.from_pretrained(tmp_path)
    assert describer.model.get_input_embeddings().weight.shape[0] == rows + 1
    assert [one.fit for one in describer.describe(photos[:1])] == [None]  # no tower for new words


def test_gradients_are_the_same_with_checkpointing(model_and_processor, photos):
    model, processor = model_and_processor
    inputs = processor(photos[:3], text=SENTENCES)
    model.train()
    model(**inputs).loss.backward()
    expected = {n: p.grad.clone() for n, p in model.named_parameters() if p.grad is not None}
    model.zero_grad()
    calls = []
    layer = model.language_model.model.decoder.layers[0].fc1
    layer.register_forward_hook(lambda *_: calls.append(1))
    model.activation_checkpointing_enable()
    model(**inputs).loss.backward()
    found = {n: p.grad for n, p in model.named_parameters() if p.grad is not None}
    assert len(calls) == 2  # once forward, once more for the gradients
    assert found.keys() == expected.keys()
    for name, value in expected.items():
        torch.testing.assert_close(found[name], value)


def test_the_trainer_of_transformers_trains_it(model_and_processor, photos, tmp_path):
    model, processor = model_and_processor
    rows = [
        {"photo": photo, "text": text} for photo, text in zip(photos, SENTENCES, strict=False)
    ] * 4
    before = model.projector.expand.weight.clone()
    arguments = TrainingArguments(
        str(tmp_path / "run"),
        per_device_train_batch_size=3,
        max_steps=6,
        learning_rate=1e-2,
        activation_checkpointing=True,
        remove_unused_columns=False,
        save_strategy="no",
        report_to=[],
        use_cpu=True,
        disable_tqdm=True,
        dataloader_pin_memory=False,
    )
    trainer = Trainer(
        model,
        arguments,
        train_dataset=rows,
        data_collator=lambda some: processor(
            [one["photo"] for one in some], text=[one["text"] for one in some]
        ),
    )
    trainer.train()
    assert trainer.state.log_history[-1]["train_loss"] > 0
    assert not torch.equal(model.projector.expand.weight, before)
    trainer.save_model(str(tmp_path / "saved"))
    processor.save_pretrained(tmp_path / "saved")
    described = Describer.from_pretrained(tmp_path / "saved", dtype=torch.float32)
    state = described.model.state_dict()
    assert all(torch.equal(value, state[name]) for name, value in model.state_dict().items())


def test_a_model_is_copied_and_pickled(model_and_processor, photos):
    model, processor = model_and_processor
    expected = model.generate(**processor(photos)).tolist()
    for other in (copy.deepcopy(model), pickle.loads(pickle.dumps(model))):
        assert other.generate(**processor(photos)).tolist() == expected


def test_a_describer_says_why_it_is_not(checkpoint):
    describer = Describer.from_pretrained(checkpoint)
    for refused in (copy.deepcopy, copy.copy, pickle.dumps):
        with pytest.raises(TypeError, match=r"Load another one with Describer\.from_pretrained"):
            refused(describer)


def test_a_describer_of_before_a_fork_does_not_hang(checkpoint, photos, monkeypatch):
    describer = Describer.from_pretrained(checkpoint)
    describer.describe(photos[:1])
    monkeypatch.setattr("os.getpid", lambda: -1)
    with pytest.raises(RuntimeError, match="Load it in each process"):
        describer.describe(photos[:1])


@pytest.fixture
def in_pieces(checkpoint, tmp_path):
    """The tiny checkpoint, its weights in several files."""
    model = ModaForCaptioning.from_pretrained(checkpoint, dtype=torch.float32)
    model.save_pretrained(tmp_path / "pieces", max_shard_size="50KB")
    ModaProcessor.from_pretrained(checkpoint).save_pretrained(tmp_path / "pieces")
    return tmp_path / "pieces"


@pytest.mark.parametrize("serving", [False, True])
def test_weights_may_be_in_pieces(checkpoint, in_pieces, photos, serving):
    assert len(weights_files(in_pieces)) > 2
    assert not (in_pieces / "model.safetensors").exists()
    assert check_checkpoint(in_pieces) == in_pieces
    assert parameter_count(in_pieces) == parameter_count(checkpoint)
    whole = Describer.from_pretrained(checkpoint, dtype=torch.float32)
    pieces = Describer.from_pretrained(in_pieces, dtype=torch.float32, serving=serving)
    assert [one.text for one in pieces.describe(photos)] == [
        one.text for one in whole.describe(photos)
    ]


def test_a_missing_piece_is_named_and_a_changed_one_shows(in_pieces):
    before = weights_sha256(in_pieces)
    piece = weights_files(in_pieces)[1]
    content = bytearray(piece.read_bytes())
    content[-1] ^= 1
    piece.write_bytes(content)
    assert weights_sha256(in_pieces) != before
    piece.unlink()
    with pytest.raises(CheckpointError, match=f"names files that are missing: {piece.name}"):
        Describer.from_pretrained(in_pieces)


def test_a_name_on_the_hub_is_a_checkpoint(hub, checkpoint, photos):
    hub.models["owner/moda"] = checkpoint
    describer = Describer.from_pretrained("owner/moda")
    assert describer.directory.name == COMMIT
    expected = Describer.from_pretrained(checkpoint).describe(photos)
    assert [one.text for one in describer.describe(photos)] == [one.text for one in expected]
    model = AutoModelForImageTextToText.from_pretrained("owner/moda", dtype=torch.float32)
    processor = ModaProcessor.from_pretrained("owner/moda")
    assert model.generate(**processor(photos[0])).shape[0] == 1


def test_a_name_that_the_hub_lacks_is_a_sentence(hub):
    with pytest.raises(CheckpointError, match="The hub has no model owner/absent"):
        Describer.from_pretrained("owner/absent")


def test_a_path_in_a_folder_that_exists_is_no_name_on_the_hub(hub, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "models").mkdir()
    with pytest.raises(CheckpointError, match="There is no checkpoint folder models/mine"):
        Describer.from_pretrained("models/mine")


TARGETS = r"(projector\.(expand|contract)|language_model\..*\.(q_proj|v_proj|fc1))"


def peft_folder(checkpoint, folder, **options):
    """An adapter that `peft` made of the tiny model and saved, and that model."""
    model = ModaForCaptioning.from_pretrained(checkpoint, dtype=torch.float32)
    settings = LoraConfig(**{"r": 4, "lora_alpha": 8, "target_modules": TARGETS} | options)
    torch.manual_seed(0)
    with warnings.catch_warnings():  # those of a version of peft about one of transformers
        warnings.simplefilter("ignore")
        wrapped = get_peft_model(model, settings)
    for name, parameter in wrapped.named_parameters():
        if ".lora_B." in name:
            torch.nn.init.normal_(parameter, std=0.5)
    wrapped.save_pretrained(folder)
    return wrapped.eval()


@pytest.mark.parametrize("options", [{}, {"use_rslora": True}, {"rank_pattern": {"fc1": 2}}])
def test_a_folder_of_peft_is_an_adapter(checkpoint, photos, tmp_path, options):
    trained = peft_folder(checkpoint, tmp_path / "adapter", **options)
    describer = Describer.from_pretrained(checkpoint, dtype=torch.float32)
    without = [one.text for one in describer.describe(photos)]
    describer.load_adapter(tmp_path / "adapter", "style")
    options = DescribeOptions(adapter="style", max_new_tokens=12)
    found = [one.text for one in describer.describe(photos, options=options)]
    tokens = trained.generate(**describer.processor(photos), max_new_tokens=12)
    expected = describer.processor.batch_decode(tokens, skip_special_tokens=True)
    for text, whole in zip(found, expected, strict=True):
        assert text
        assert whole.strip().startswith(text)  # without its last word, which may be cut
        assert len(whole.strip()) - len(text) < 25
    assert all(not text.startswith(begun) for text, begun in zip(without, found, strict=True))
    assert [one.text for one in describer.describe(photos)] == without


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"use_dora": True}, "`use_dora` is True"),
        ({"bias": "all"}, "`bias` is 'all'"),
        ({"target_modules": r"encoder\.visual_projection"}, "but the encoder stays as it is"),
    ],
)
def test_what_a_folder_of_peft_may_not_do_is_said(checkpoint, tmp_path, options, reason):
    peft_folder(checkpoint, tmp_path / "adapter", **options)
    describer = Describer.from_pretrained(checkpoint)
    with pytest.raises(CheckpointError, match=reason):
        describer.load_adapter(tmp_path / "adapter", "style")
