"""Rehearsal captions, and the phrases that edits rejected."""

import json

import torch

from moda_engine import Describer
from moda_engine.brief.conditioning import (
    PLACEHOLDERS,
    facts_of_brief,
    order_of,
    with_placeholders,
)
from moda_engine.brief.product import KnownProduct
from moda_engine.training.captions import CaptionSequences, EncodedCaptions
from moda_engine.training.features import EmbeddingCache, photo_hash
from moda_engine.training.loss import CaptionLoss
from moda_engine.training.rehearsal import RejectedPhrases, load_rehearsal_set
from tests.moda_engine.tiny import add_heads

NAMED = {f"{kind}: {placeholder}" for kind, placeholder in PLACEHOLDERS.items()}


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
    return load_rehearsal_set(silent(imagefolder), describer, EmbeddingCache("a"), **options)


def test_a_photo_without_text_gets_what_the_model_writes(imagefolder, checkpoint):
    describer = Describer.from_pretrained(checkpoint)
    found = loaded(imagefolder, describer)
    photos = {photo_hash(path): path for path in (imagefolder / "images").iterdir()}
    for key, text, known in zip(
        found.photo_hashes, found.captions.texts, found.captions.soft_labels, strict=True
    ):
        if text == "Red skirt 0.":
            assert known is None
        else:
            assert text == describer.describe([photos[key]])[0].text
            assert torch.allclose(known.probabilities.sum(-1), torch.tensor(1.0))
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
    rows = [row for row, known in enumerate(captions.soft_labels) if known]
    own = EncodedCaptions(
        captions.features[rows],
        [captions.texts[row] for row in rows],
        None,
        [captions.soft_labels[row] for row in rows],
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
    silent_rows = [row for row, known in enumerate(every.soft_labels) if known]
    unwanted = every.texts[silent_rows[0]]
    asked = []

    def is_rejected(category, text):
        asked.append(category)
        return text == unwanted

    kept = loaded(imagefolder, describer, count=3, is_rejected=is_rejected).captions
    assert len(set(every.texts)) == 4
    assert sorted(kept.texts) == sorted(set(every.texts) - {unwanted})
    assert asked == ["Apparel/Skirts"] * 3


def test_a_word_edited_away_is_rejected_in_its_category_alone():
    edits = [("Tops", "Navy blue top for women.", "Ink top for women.")] * 2
    rejected = RejectedPhrases(edits)
    assert rejected.occur_in("Tops", "Navy blue printed top.")
    assert not rejected.occur_in("Bags", "Navy blue printed top.")
    assert not rejected.occur_in("Tops", "Blue printed top for women.")


def test_the_same_words_in_another_order_are_taken_back():
    rejected = RejectedPhrases([("Shoes", "White trainers for men.", "Trainers, white. For men.")])
    assert rejected.occur_in("Shoes", "Black trainers for women.")
    assert not rejected.occur_in("Shoes", "Trainers, black. For women.")


def test_what_is_left_as_often_as_removed_is_still_the_models_to_say():
    wrong = ("Shirts", "Red shirt for men.", "Maroon shirt for men.")
    right = ("Shirts", "Red shirt for men.", "Red shirt for men.")
    assert RejectedPhrases([wrong, wrong, right]).occur_in("Shirts", "Red shirt for boys.")
    assert not RejectedPhrases([wrong, right]).occur_in("Shirts", "Red shirt for boys.")


def test_a_model_with_heads_rehearses_under_what_it_was_told(imagefolder, model_and_processor):
    model, processor = model_and_processor
    add_heads(model)
    describer = Describer(model, processor)
    found = loaded(imagefolder, describer)
    assert found.captions.soft_labels == [None] * 4
    photos = {photo_hash(path): path for path in (imagefolder / "images").iterdir()}
    rows = zip(found.photo_hashes, found.captions.texts, found.captions.facts, strict=True)
    told = []
    for key, text, facts in rows:
        if text == "Red skirt 0.":
            assert facts.startswith("type: skirt; colour: red")
            continue
        placeholders = [one.split(": ")[0] for one in facts.split("; ") if one in NAMED]
        names = "; ".join(f"{kind}: x{kind}" for kind in placeholders)
        [draft] = describer.describe([photos[key]], [KnownProduct(facts=names, seed=key)])
        assert facts == facts_of_brief(draft.brief, order_of(key))
        assert text == with_placeholders(draft.text, draft.brief.free_facts())
        told.append(placeholders)
    assert sorted(told) == [[], ["brand"], ["brand", "fabric"]]


def test_without_edits_nothing_is_rejected():
    assert not RejectedPhrases([]).occur_in("Shirts", "Red shirt for men.")
