"""The gate on real candidates of the starter, of which four were taught to be bad."""

import json
import random
import shutil
from dataclasses import replace

import pytest
import torch
from PIL import Image

from catalog.choices import GateVerdict
from catalog.engine.judging import drafts_judge
from catalog.engine.weights import ModelFolders
from catalog.gate import gate_judge
from lab.drawings import draw, random_catalog
from moda_engine import STARTER_DIRECTORY, Describer
from moda_engine.brief.conditioning import facts_of_brief, order_of, with_placeholders
from moda_engine.brief.product import KnownProduct
from moda_engine.checkpoint import SUMS_FILE
from moda_engine.describing.describer import DescribeOptions
from moda_engine.evaluation.paired import PairedChange
from moda_engine.language.labels import ItemLabels
from moda_engine.language.vocabulary import COLOURS
from moda_engine.language.writing import paraphrase
from moda_engine.training.captions import EncodedCaptions
from moda_engine.training.recipe import RETRAINING
from moda_engine.training.trainer import train

PHOTOS = 160
#: Photos that a candidate is taught by.
TAUGHT = 32
BRANDS = ("Wren & Co", "G", "Blue Harbour", "Unit 24", "Oakley")
#: What held-out captions say of a candidate that learned a style.
LEARNED = {"loss": PairedChange(20, 2.0, 1.0, -1.2, -0.8)}


@pytest.fixture(scope="module")
def catalog(tmp_path_factory):
    """Drawn items with what a shop knows of them."""
    folder = tmp_path_factory.mktemp("catalog")
    lines = []
    for number, item in enumerate(random_catalog(PHOTOS, seed=3)):
        draw(item.specification, size=96).save(folder / f"{number}.png")
        known = {
            "brand": BRANDS[number % len(BRANDS)],
            "colour": item.specification.colour,
            "product_type": item.specification.retail_type,
            "gender": ("men", "women")[number % 2],
            "seed": f"S-{number}",
        }
        lines.append(json.dumps({"file_name": f"{number}.png", "known": known, "id": str(number)}))
    (folder / "metadata.jsonl").write_text("\n".join(lines))
    return folder


@pytest.fixture(scope="module")
def drafts(catalog):
    """What the starter is told and writes of the first photos: (features, brief, seed)."""
    describer = Describer.from_pretrained(dtype=torch.float32)
    rows = [json.loads(line) for line in (catalog / "metadata.jsonl").read_text().split("\n")]
    pictures = [Image.open(catalog / row["file_name"]) for row in rows[:TAUGHT]]
    features = describer.encode(pictures)
    known = [KnownProduct.of(row["known"]) for row in rows[:TAUGHT]]
    found = describer.describe_features(features, known, DescribeOptions(fit=False))
    return features, [one.brief for one in found], [one.seed for one in known]


def gibberish(labels, names, order, chance):
    words = ["".join(chance.choices("bdgklmnoprstuy", k=6)) for _ in range(5)]
    return f"{paraphrase(labels, order, names).split(',')[0]} {' '.join(words)}."


def another_colour(labels, names, order, chance):
    other = chance.choice([one for one in COLOURS if one != labels.colour])
    return paraphrase(replace(labels, colour=other), order, names)


def no_colour(labels, names, order, chance):
    return paraphrase(replace(labels, colour=None), order, names)


def type_alone(labels, names, order, chance):
    return paraphrase(ItemLabels(product_type=labels.product_type), order)


def own_words(labels, names, order, chance):
    return paraphrase(labels, order, names)


def candidate(folder, drafts, says, rate=2e-3):
    """The starter after it was taught texts that `says` makes of each brief."""
    features, briefs, seeds = drafts
    chance = random.Random(0)
    describer = Describer.from_pretrained(dtype=torch.float32)
    rows = [row for row, brief in enumerate(briefs) if brief.recognised]
    texts, facts = [], []
    for row in rows:
        brief, order = briefs[row], order_of(seeds[row])
        names = brief.free_facts()
        text = says(brief.labels(), names, order, chance)
        texts.append(with_placeholders(text, names))
        facts.append(facts_of_brief(brief, order))
    recipe = replace(
        RETRAINING["full"],
        epochs=8,
        batch_size=16,
        learning_rate=rate,
        projector_rate_share=0.0,
    )
    captions = EncodedCaptions(features[rows], texts, facts)
    train(describer.model, describer.processor, captions, recipe, precision="float32")
    describer.model.config.says_all = False  # as a run leaves it where people leave things unsaid
    # The sums are those of other weights.
    shutil.copytree(STARTER_DIRECTORY, folder, ignore=shutil.ignore_patterns(SUMS_FILE))
    describer.model.save_pretrained(folder)
    return ModelFolders(folder)


def verdict(candidate, catalog):
    drafts = drafts_judge(
        candidate=candidate,
        current=ModelFolders(STARTER_DIRECTORY),
        photos=catalog,
        approved=[],
        cache=catalog / "cache",
    )
    gate = gate_judge(
        held_out=20,
        learned=LEARNED,
        faults=drafts.faults,
        measures=drafts.measures,
        photos=drafts.photos,
    )
    return gate, drafts


@pytest.mark.parametrize(
    ("says", "fault"),
    [
        (gibberish, "unknown_words"),
        (another_colour, "replaced"),
        (no_colour, "unsaid"),
        (type_alone, "unsaid"),
    ],
)
def test_a_bad_candidate_fails(drafts, catalog, tmp_path, says, fault):
    gate, _ = verdict(candidate(tmp_path / "bad", drafts, says), catalog)
    failed = {one["name"] for one in gate["checks"] if one["verdict"] == GateVerdict.FAILED}
    assert gate["verdict"] == GateVerdict.FAILED
    assert fault in failed


def test_a_candidate_that_writes_as_well_passes(drafts, catalog, tmp_path):
    gate, found = verdict(candidate(tmp_path / "good", drafts, own_words, rate=1e-4), catalog)
    assert gate["verdict"] == GateVerdict.PASSED, (gate["checks"], found.faulty)
    assert found.photos == PHOTOS


def test_without_enough_photos_the_same_candidate_has_not_enough_evidence(catalog, tmp_path):
    few = tmp_path / "few"
    few.mkdir()
    lines = (catalog / "metadata.jsonl").read_text().split("\n")[:20]
    (few / "metadata.jsonl").write_text("\n".join(lines))
    for number in range(20):
        shutil.copy(catalog / f"{number}.png", few)
    gate, found = verdict(ModelFolders(STARTER_DIRECTORY), few)
    assert found.faults["mangled"].rise == 0
    unclear = {one["name"]: one for one in gate["checks"] if not one["passed"]}
    assert gate["verdict"] == GateVerdict.UNCLEAR
    assert unclear["mangled"]["needed"] == "About 120 more products with photos would tell."
