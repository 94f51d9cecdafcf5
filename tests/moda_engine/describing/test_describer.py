import json
import shutil

import pytest
import torch
from PIL import Image
from safetensors.torch import load_file, save_file

from moda_engine import DescribeOptions, Describer, ModaProcessor
from moda_engine.exceptions import CheckpointError, PhotoError
from moda_engine.inference.convolutions import ResidualVision
from tests.moda_engine.published import publish_opt


@pytest.fixture(scope="module")
def describer(checkpoint):
    return Describer.from_pretrained(checkpoint)


def test_the_same_words_alone_and_in_any_batch(describer, photos):
    facts = ["red", None, "brand Wren, fabric cotton", None, "blue"]
    together = describer.describe(photos, facts)
    alone = [
        describer.describe([photo], [fact])[0] for photo, fact in zip(photos, facts, strict=True)
    ]
    assert [item.text for item in together] == [item.text for item in alone]
    assert len({item.text for item in together}) > 1
    for left, right in zip(together, alone, strict=True):
        assert left.confidence == pytest.approx(right.confidence, rel=1e-4)


def test_facts_change_what_is_written(describer, photos):
    without = describer.describe(photos)
    given = describer.describe(photos, ["brand Wren & Co"] * 5)
    assert [item.text for item in without] != [item.text for item in given]


def test_confidence_is_the_probability_of_the_whole_text(describer, photos):
    model, processor = describer.model, describer.processor
    (description,) = describer.describe(photos[:1], options=DescribeOptions(max_new_tokens=4))
    pixels = processor(images=photos[:1])["pixel_values"]
    tokens = model.generate(pixel_values=pixels, max_new_tokens=4)
    logits = model(pixel_values=pixels, input_ids=tokens).logits[0, :-1]
    probabilities = logits.softmax(-1).gather(-1, tokens[0].unsqueeze(-1))
    assert description.confidence == pytest.approx(probabilities.prod().item(), rel=1e-3)


def noting(photos, taken):
    """A source of `photos` that notes in `taken` which were taken from it."""
    for photo in photos:
        taken.append(photo)
        yield photo, None


def test_a_batch_is_read_while_another_is_written(describer, photos):
    taken = []
    options = DescribeOptions(batch_size=2, max_new_tokens=1)
    stream = describer.describe_stream(noting(photos * 2, taken), options)
    counts = [len(taken) for _ in stream]
    assert counts == [4, 4, 6, 6, 8, 8, 10, 10, 10, 10]


def test_three_batches_are_begun_while_the_first_photo_takes_long(checkpoint, photos):
    describer = Describer.from_pretrained(checkpoint)
    settings = describer.model.generation_config
    pixels = describer.processor(images=photos[:2])["pixel_values"]
    long, short = describer.model.generate(pixel_values=pixels, max_new_tokens=40).tolist()
    early_end = next(token for token in short if token not in long)
    settings.eos_token_id = [settings.eos_token_id, early_end]
    taken = []
    options = DescribeOptions(batch_size=2, max_new_tokens=40)
    stream = describer.describe_stream(noting(photos[:1] + photos[1:2] * 20, taken), options)
    next(stream)
    # Three batches begun, and one read ahead of the model.
    assert len(taken) == 8
    assert len(list(stream)) == 20


def test_a_photo_that_cannot_be_read_fails_alone(describer, photos, tmp_path):
    cut = tmp_path / "cut.jpg"
    photos[0].save(cut)
    cut.write_bytes(cut.read_bytes()[:-300])
    good = describer.describe(photos)
    # Opened, but not read yet: that it is cut short shows when its pixels are wanted.
    with Image.open(cut) as unread:
        mixed = [*photos[:2], unread, tmp_path / "absent.jpg", *photos[2:]]
        for size in (1, 2, 16):
            pairs = [(photo, None) for photo in mixed]
            found = list(describer.describe_each(pairs, DescribeOptions(batch_size=size)))
            assert [one.text for one in found[:2] + found[4:]] == [one.text for one in good]
            assert isinstance(found[2], PhotoError)
            assert "cannot be read" in str(found[2])
            assert str(found[3]) == f"{tmp_path / 'absent.jpg'}: there is no such file."


def test_a_stream_gives_what_came_before_a_bad_photo(describer, photos, tmp_path):
    pairs = [(photos[0], None), (tmp_path / "absent.jpg", None), (photos[1], None)]
    stream = describer.describe_stream(iter(pairs))
    assert next(stream).text == describer.describe(photos[:1])[0].text
    with pytest.raises(PhotoError, match="there is no such file"):
        next(stream)


@pytest.mark.fused
def test_where_memory_is_short_photos_are_encoded_by_halves(checkpoint, photos, monkeypatch):
    describer = Describer.from_pretrained(checkpoint)
    expected = [one.text for one in describer.describe(photos)]
    encode, sizes = ResidualVision.features, []

    def poor(self, pixels):
        sizes.append(len(pixels))
        if len(pixels) > 2:
            raise RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate")
        return encode(self, pixels)

    monkeypatch.setattr(ResidualVision, "features", poor)
    assert [one.text for one in describer.describe(photos)] == expected
    assert sizes == [5, 2, 3, 1, 2]


def test_more_tokens_than_the_model_has_positions_are_cut(describer, photos):
    (found,) = describer.describe(photos[:1], options=DescribeOptions(max_new_tokens=5_000))
    assert found.text


def test_streams_with_different_adapters_or_none_may_take_turns(describer, photos):
    pairs = [(photo, None) for photo in photos * 2]
    one = describer.describe_stream(pairs, DescribeOptions(batch_size=2))
    other = describer.describe_stream(pairs[::-1], DescribeOptions(batch_size=3))
    turns = [(next(one).text, next(other).text) for _ in pairs]
    texts = [found.text for found in describer.describe(photos * 2)]
    assert turns == list(zip(texts, texts[::-1], strict=True))


def test_changed_weights_are_laid_out_again(checkpoint, photos):
    describer = Describer.from_pretrained(checkpoint)
    before = [one.text for one in describer.describe(photos)]
    with torch.no_grad():
        describer.model.language_model.model.decoder.layers[0].fc1.weight.mul_(-3)
    after = [one.text for one in describer.describe(photos)]
    assert after != before
    again = Describer(describer.model, describer.processor)
    assert [one.text for one in again.describe(photos)] == after


def test_no_photos_no_descriptions(describer):
    assert describer.describe([]) == []


def test_facts_must_match_the_photos(describer, photos):
    with pytest.raises(ValueError, match="2 photos but 1 facts"):
        describer.describe(photos[:2], ["red"])


def test_a_path_that_is_no_photo(describer, tmp_path):
    path = tmp_path / "note.jpg"
    path.write_text("not a photo")
    with pytest.raises(PhotoError, match=r"note.jpg: not a readable JPEG, PNG, WebP or AVIF"):
        describer.describe([path])
    with pytest.raises(PhotoError, match="there is no such file"):
        describer.describe([tmp_path / "absent.jpg"])


def test_half_precision_weights_compute_in_single(checkpoint, tmp_path):
    describer = Describer.from_pretrained(checkpoint)
    describer.model.half().save_pretrained(tmp_path / "half")
    describer.processor.save_pretrained(tmp_path / "half")
    assert Describer.from_pretrained(tmp_path / "half").model.dtype == torch.float32


@pytest.fixture
def copy(checkpoint, tmp_path):
    return shutil.copytree(checkpoint, tmp_path / "copy")


def test_no_such_folder(tmp_path):
    with pytest.raises(CheckpointError, match="There is no checkpoint folder"):
        Describer.from_pretrained(tmp_path / "absent")


@pytest.mark.parametrize("name", ["config.json", "model.safetensors", "tokenizer.json"])
def test_a_missing_file_is_named(copy, name):
    (copy / name).unlink()
    with pytest.raises(CheckpointError, match=f"{name} missing"):
        Describer.from_pretrained(copy)


def test_a_pickle_beside_a_missing_safetensors_is_not_read(copy):
    (copy / "model.safetensors").unlink()
    torch.save({"weight": torch.zeros(1)}, copy / "pytorch_model.bin")
    message = r"model.safetensors missing. pytorch_model.bin is not read here: .*moda_engine init"
    with pytest.raises(CheckpointError, match=message):
        Describer.from_pretrained(copy)


def test_truncated_weights(copy):
    weights = copy / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:1000])
    with pytest.raises(CheckpointError, match="its weights are damaged or cut short"):
        Describer.from_pretrained(copy)


def test_weights_that_lack_a_tensor(copy):
    path = copy / "model.safetensors"
    weights = load_file(path)
    del weights["projector.expand.bias"]
    save_file(weights, path, metadata={"format": "pt"})
    with pytest.raises(CheckpointError, match=r"lack 1 tensors, projector.expand.bias for one"):
        Describer.from_pretrained(copy)


def test_a_tokenizer_with_more_tokens_than_the_model_has_rows(copy):
    tokenizer = ModaProcessor.from_pretrained(copy).tokenizer
    rows = len(tokenizer)
    tokenizer.add_tokens(["one-more"])
    tokenizer.save_pretrained(copy)
    with pytest.raises(CheckpointError, match=f"ids up to {rows}, .* for {rows}, ids 0 to"):
        Describer.from_pretrained(copy)


def test_a_later_format_is_refused_before_its_weights_are_looked_at(copy):
    path = copy / "config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"format_version": 2}))
    for name in ("model.safetensors", "tokenizer.json"):
        (copy / name).unlink()
    with pytest.raises(CheckpointError, match="format 2; this program reads up to 1"):
        Describer.from_pretrained(copy)


def test_a_published_model_is_pointed_to_init(tmp_path):
    with pytest.raises(CheckpointError, match=r"of type 'opt', not 'moda'. .*moda_engine init"):
        Describer.from_pretrained(publish_opt(tmp_path / "opt"))


@pytest.mark.parametrize(
    ("change", "message"),
    [({"model_type": "bert"}, "a model of type 'bert'"), ({"format_version": 2}, "format 2")],
)
def test_another_model_or_a_later_format(copy, change, message):
    path = copy / "config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    with pytest.raises(CheckpointError, match=message):
        Describer.from_pretrained(copy)


def test_transparent_photos_are_seen_on_white(describer):
    clear = Image.new("RGBA", (40, 40), (0, 0, 0, 0))
    white = Image.new("RGB", (40, 40), "white")
    assert describer.describe([clear]) == describer.describe([white])
