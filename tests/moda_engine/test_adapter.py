import json
import pickle
import subprocess
import sys

import pytest
import torch
from safetensors.torch import load_file

from moda_engine import DescribeOptions, Describer, ModaForCaptioning
from moda_engine.adapter import LEARNED, adapter_add, adapter_rank, adapter_write
from moda_engine.checkpoint import (
    ADAPTER_WEIGHTS_FILE,
    SUMS_FILE,
    checkpoint_write,
    weights_sha256,
)
from moda_engine.exceptions import CheckpointError
from moda_engine.inference import writer
from tests.moda_engine.tiny import add_heads, tiny_config, tiny_model


@pytest.fixture
def adapters(tmp_path, checkpoint):
    """Two adapters of the tiny checkpoint, each with random weights of its own."""
    folders = []
    for seed in (1, 2):
        model = Describer.from_pretrained(checkpoint).model
        adapter_add(model, seed)
        torch.manual_seed(seed)
        for name, parameter in model.named_parameters():
            if ".lora_B." in name:
                torch.nn.init.normal_(parameter, std=0.5)
        folders.append(tmp_path / f"adapter-{seed}")
        adapter_write(folders[-1], model, {"base": weights_sha256(checkpoint)})
    return folders


def texts(describer, photos, adapter=None):
    return [
        one.text for one in describer.describe(photos, options=DescribeOptions(adapter=adapter))
    ]


def test_a_new_adapter_changes_nothing_and_alone_learns(checkpoint, photos):
    describer = Describer.from_pretrained(checkpoint)
    before = texts(describer, photos)
    adapter_add(describer.model, seed=0)
    assert texts(describer, photos, LEARNED) == before
    learned = [name for name, one in describer.model.named_parameters() if one.requires_grad]
    assert learned
    assert all(".lora_" in name for name in learned)
    assert any(name.startswith("projector.") for name in learned)


def test_a_word_that_the_checkpoint_never_wrote_can_be_learned(checkpoint, photos, monkeypatch):
    """By the layer that chooses words: the loop of our own and transformers' write it alike."""
    describer = Describer.from_pretrained(checkpoint)
    before = texts(describer, photos)
    adapter_add(describer.model, seed=0)
    head = describer.model.get_output_embeddings()
    torch.nn.init.normal_(head.lora_B[LEARNED].weight, std=0.5)
    after = texts(describer, photos, LEARNED)
    assert set(after).isdisjoint(before)
    assert texts(describer, photos) == before
    monkeypatch.setattr(writer, "decoder_of", lambda model, linear: None)
    plain = Describer(describer.model, describer.processor)
    assert texts(plain, photos, LEARNED) == after


@pytest.mark.parametrize(
    ("layers", "width", "rank"),
    [(12, 64, 64), (72, 768, 18), (400, 8192, 1)],  # 8 MB, or the least and the most there is
)
def test_the_rank_is_the_most_that_eight_megabytes_allow(layers, width, rank):
    weights = [torch.empty(width, width, device="meta")] * layers
    assert adapter_rank(weights) == rank


def test_several_adapters_take_turns_in_one_describer(checkpoint, photos, adapters):
    alone = []
    for folder in adapters:
        describer = Describer.from_pretrained(checkpoint)
        describer.load_adapter(folder, "only")
        alone.append(texts(describer, photos, "only"))
    plain = texts(Describer.from_pretrained(checkpoint), photos)
    assert plain != alone[0] != alone[1] != plain
    describer = Describer.from_pretrained(checkpoint)
    for name, folder in zip("ab", adapters, strict=True):
        describer.load_adapter(folder, name)
    for adapter, expected in (("a", alone[0]), (None, plain), ("b", alone[1]), ("a", alone[0])):
        assert texts(describer, photos, adapter) == expected


def test_an_adapter_of_another_checkpoint_is_refused(checkpoint, adapters):
    config = adapters[0] / "adapter_config.json"
    config.write_text(json.dumps(json.loads(config.read_text()) | {"base_sha256": "0" * 64}))
    with pytest.raises(CheckpointError, match="trained on the checkpoint 000000000000"):
        Describer.from_pretrained(checkpoint).load_adapter(adapters[0], "a")


def test_a_pickle_in_disguise_is_refused(checkpoint, adapters):
    (adapters[0] / SUMS_FILE).unlink()  # whoever disguises a pickle leaves no sum of another file
    (adapters[0] / ADAPTER_WEIGHTS_FILE).write_bytes(pickle.dumps({"a": 1}))
    with pytest.raises(CheckpointError, match="damaged or no safetensors"):
        Describer.from_pretrained(checkpoint).load_adapter(adapters[0], "a")


def test_an_adapter_with_a_layer_too_many_is_refused(checkpoint, adapters):
    config = adapters[0] / "adapter_config.json"
    stated = json.loads(config.read_text())
    stated["target_modules"].append("projector.third")
    config.write_text(json.dumps(stated))
    with pytest.raises(CheckpointError, match=r"projector\.third is in one of them alone"):
        Describer.from_pretrained(checkpoint).load_adapter(adapters[0], "a")


def test_describing_without_an_adapter_imports_no_peft(checkpoint):
    code = (
        "import sys; from moda_engine import Describer; from PIL import Image; "
        f"Describer.from_pretrained({str(checkpoint)!r}).describe([Image.new('RGB', (9, 9))]); "
        "assert 'peft' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_an_adapter_of_many_layers_keeps_matrices_alone_under_their_full_names(tmp_path):
    """`peft` shortens the names of twenty layers and more, and then keeps embeddings too."""
    _, processor = tiny_model()
    config = tiny_config(len(processor.tokenizer))
    config.language_config.num_hidden_layers = 4
    torch.manual_seed(0)
    model = ModaForCaptioning(config)
    model.generation_config = tiny_model()[0].generation_config
    add_heads(model)
    checkpoint_write(tmp_path / "deep", model=model, processor=processor, record={})
    learner = Describer.from_pretrained(tmp_path / "deep").model
    adapter_add(learner, seed=1)
    torch.nn.init.normal_(learner.get_output_embeddings().lora_B[LEARNED].weight, std=0.5)
    base = weights_sha256(tmp_path / "deep")
    adapter_write(tmp_path / "adapter", learner, {"base": base})

    matrices = load_file(tmp_path / "adapter" / ADAPTER_WEIGHTS_FILE)
    layers = {name.rpartition(".lora_")[0] for name in matrices}
    stated = json.loads((tmp_path / "adapter" / "adapter_config.json").read_text())
    assert stated["target_modules"] == sorted(layers)
    assert len(layers) == 4 * 6 + 3  # of the layers, the projector's two, and that of the words
    assert not [name for name in matrices if name.startswith(("encoder.", "heads."))]
    describer = Describer.from_pretrained(tmp_path / "deep")
    describer.load_adapter(tmp_path / "adapter", "words")
    loaded = describer.model.get_output_embeddings().lora_B["words"].weight
    assert torch.equal(loaded.float(), matrices["language_model.lm_head.lora_B.weight"].float())
