import pytest
from huggingface_hub import constants

from moda_engine.exceptions import CheckpointError
from moda_engine.parts.published import Licence, PartRequest, find_part, hub_folder, stated_licence
from tests.moda_engine.hub import COMMIT, TAG
from tests.moda_engine.published import publish_llama, publish_opt

OPT_TERMS = "Meta's OPT licence, non-commercial"
CONFIG = '{"model_type": "opt"}'


@pytest.fixture
def published(tmp_path):
    """A folder with a configuration, both formats of weights, and what nobody needs."""
    folder = tmp_path / "published"
    folder.mkdir()
    (folder / "config.json").write_text(CONFIG)
    for name in ("model.safetensors", "pytorch_model.bin", "flax_model.msgpack", "code.py"):
        (folder / name).write_bytes(name.encode())
    return folder


def test_only_what_is_needed_is_fetched_and_the_commit_is_known(hub, published):
    hub.models["owner/name"] = published
    folder, commit = hub_folder("owner/name", None)
    assert commit == COMMIT
    assert (folder / "config.json").read_text() == CONFIG
    assert sorted(path.name for path in folder.iterdir()) == ["config.json", "model.safetensors"]
    assert sorted(hub.fetched) == ["config.json", "model.safetensors"]


def test_a_bin_is_fetched_where_there_is_nothing_else(hub, published):
    (published / "model.safetensors").unlink()
    hub.models["owner/name"] = published
    folder, _ = hub_folder("owner/name", TAG)
    assert (folder / "pytorch_model.bin").read_bytes() == b"pytorch_model.bin"


def test_what_was_fetched_once_needs_no_hub(hub, published):
    hub.models["owner/name"] = published
    first = hub_folder("owner/name", None)
    hub.stop()
    assert hub_folder("owner/name", None) == first
    assert len(hub.fetched) == 2


def test_a_part_from_the_hub_is_known_by_its_commit(hub, tmp_path):
    hub.models["facebook/opt-125m"] = publish_opt(tmp_path / "opt")
    part = find_part(PartRequest("facebook/opt-125m"))
    record = part.record()
    assert (record["name"], record["revision"]) == ("facebook/opt-125m", COMMIT)
    assert record["weights"] == ["pytorch_model.bin"]
    assert record["licence"]["non_commercial"] is True


def test_a_commit_can_be_named(hub, tmp_path):
    hub.models["owner/llama"] = publish_llama(tmp_path / "llama")
    part = find_part(PartRequest("owner/llama", revision=COMMIT))
    assert (part.revision, part.licence.identifier) == (COMMIT, "apache-2.0")


def test_an_unknown_model(hub):
    with pytest.raises(CheckpointError, match="The hub has no model owner/absent"):
        hub_folder("owner/absent", None)


def test_an_unknown_revision(hub, published):
    hub.models["owner/name"] = published
    with pytest.raises(CheckpointError, match="owner/name has no revision v9: give a branch"):
        hub_folder("owner/name", "v9")


def test_a_gated_model(hub):
    hub.gated.add("owner/gated")
    with pytest.raises(CheckpointError, match="owner/gated is gated: accept its terms"):
        hub_folder("owner/gated", None)


def test_a_hub_that_cannot_be_reached(hub, monkeypatch):
    hub.stop()
    with pytest.raises(CheckpointError) as refused:
        hub_folder("owner/name", "v1")
    message = str(refused.value)
    assert message.startswith(f"owner/name at v1 cannot be fetched from {hub.address}")
    assert "give a local folder" in message


def test_offline_by_the_hubs_own_switch(hub, monkeypatch):
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    with pytest.raises(CheckpointError, match="owner/name cannot be fetched"):
        hub_folder("owner/name", None)


def test_neither_folder_nor_name(hub):
    with pytest.raises(CheckpointError, match="is neither a folder nor the name of a model"):
        find_part(PartRequest("a/b/c"))


@pytest.mark.parametrize(
    ("card", "expected"),
    [
        ("---\nlicense: mit\n---\n", Licence("mit")),
        ("---\nlicense: [mit, apache-2.0]\n---\n", Licence("mit, apache-2.0")),
        (
            "---\nlicense: other\nlicense_name: gem\nlicense_link: https://a.b\n---\n",
            Licence("other", "gem", "https://a.b"),
        ),
        ("---\nlicense: other\ncommercial: false\n---\n", Licence("other", non_commercial=True)),
        ("---\nlicense: cc-by-nc-4.0\n---\n", Licence("cc-by-nc-4.0", non_commercial=True)),
        (
            "---\nlicense: other\nlicense_name: my-non-commercial\n---\n",
            Licence("other", "my-non-commercial", non_commercial=True),
        ),
        ("---\ntags: [opt]\n---\n", None),
        ("# No head\n", None),
        ("---\nlicense: [mit\n---\n", None),
    ],
)
def test_the_head_of_the_card(tmp_path, card, expected):
    (tmp_path / "README.md").write_text(card)
    assert stated_licence(tmp_path, "llama") == expected


def test_opt_is_non_commercial_even_without_its_card(tmp_path):
    expected = Licence("other", OPT_TERMS, non_commercial=True)
    assert stated_licence(tmp_path, "opt") == expected
    assert str(expected) == f"other ({OPT_TERMS}), non-commercial use only"
    (tmp_path / "README.md").write_text("---\nlicense: mit\n---\n")
    assert stated_licence(tmp_path, "opt") == Licence("mit")
