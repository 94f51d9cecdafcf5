import json

import torch

from moda_engine import Describer
from moda_engine.training.base_set import load_base_set
from moda_engine.training.captions import CaptionSequences, EncodedCaptions
from moda_engine.training.embedding_cache import EmbeddingCache
from moda_engine.training.encoding import photo_hash
from moda_engine.training.loss import CaptionLoss


def silent(imagefolder):
    """The photos without a word about them, but for the first."""
    metadata = imagefolder / "metadata.jsonl"
    records = [json.loads(line) for line in metadata.read_text().splitlines()]
    of_all = {"category": "Apparel", "sub_category": "Skirts"}
    kept = [records[0], *({"file_name": one["file_name"]} | of_all for one in records[1:])]
    metadata.write_text("".join(json.dumps(one) + "\n" for one in kept))
    return imagefolder


def loaded(imagefolder, describer, **more):
    options = {"count": 4, "seed": 0} | more
    return load_base_set(silent(imagefolder), describer, EmbeddingCache("a"), **options)


def test_a_photo_without_text_gets_what_the_model_writes(imagefolder, checkpoint):
    describer = Describer.from_pretrained(checkpoint)
    found = loaded(imagefolder, describer)
    photos = {photo_hash(path): path for path in (imagefolder / "images").iterdir()}
    for key, text, known in zip(
        found.photo_hashes, found.captions.texts, found.captions.likelihoods, strict=True
    ):
        if text == "Red skirt 0.":
            assert known is None
        else:
            assert text == describer.describe([photos[key]])[0].text
            assert torch.allclose(known.shares.sum(-1), torch.tensor(1.0))
    assert len(found) == 4


def test_photos_with_a_caption_of_their_own_are_left_out(imagefolder, checkpoint):
    taught = photo_hash(imagefolder / "images" / "1.png")
    found = loaded(imagefolder, Describer.from_pretrained(checkpoint), apart_from=[taught])
    assert len(found) == 3
    assert taught not in found.photo_hashes


def test_what_the_model_knew_has_no_gradient(imagefolder, checkpoint):
    """Its own likelihoods are where the loss is least: nothing moves, but for what was cut off."""
    describer = Describer.from_pretrained(checkpoint)
    captions = loaded(imagefolder, describer).captions
    rows = [row for row, known in enumerate(captions.likelihoods) if known]
    own = EncodedCaptions(
        captions.features[rows],
        [captions.texts[row] for row in rows],
        None,
        [captions.likelihoods[row] for row in rows],
    )
    hard = EncodedCaptions(own.features, own.texts)
    loss = CaptionLoss(describer.model, torch.float32).eval()
    sizes = []
    for one in (own, hard):
        describer.model.zero_grad()
        loss(**CaptionSequences(describer.processor, one).batch(range(len(rows)))).sum().backward()
        sizes.append(describer.model.projector.expand.weight.grad.norm().item())
    assert sizes[0] < sizes[1] / 3


def test_what_was_taken_back_is_left_out_and_others_drawn(imagefolder, checkpoint):
    """Of four photos three are wanted; the one with a text of its own is not asked about."""
    describer = Describer.from_pretrained(checkpoint)
    every = loaded(imagefolder, describer).captions
    silent_rows = [row for row, known in enumerate(every.likelihoods) if known]
    unwanted = every.texts[silent_rows[0]]
    asked = []

    def is_taken_back(category, text):
        asked.append(category)
        return text == unwanted

    kept = loaded(imagefolder, describer, count=3, is_taken_back=is_taken_back).captions
    assert len(set(every.texts)) == 4
    assert sorted(kept.texts) == sorted(set(every.texts) - {unwanted})
    assert asked == ["Apparel/Skirts"] * 3
