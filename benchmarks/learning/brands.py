"""Names that pass through training whole, and a gate that passes no bad candidate."""

import random
import shutil
from collections.abc import Callable, Sequence
from dataclasses import replace

import torch

from benchmarks.learning.bench import Bench, Figures, apart, in_category
from benchmarks.learning.small import described, named_style, told
from benchmarks.review_photos import Record, has_words
from moda_engine import Describer
from moda_engine.brief.claims import Brief
from moda_engine.brief.conditioning import facts_of_brief, order_of, with_placeholders
from moda_engine.brief.plain_text import name_places
from moda_engine.checkpoint import SUMS_FILE
from moda_engine.describing.description import Description
from moda_engine.evaluation.faults import FAULTS, faults_of, words_in, words_of_briefs
from moda_engine.evaluation.paired import paired_change
from moda_engine.language.labels import ItemLabels
from moda_engine.language.vocabulary import COLOURS
from moda_engine.language.writing import paraphrase
from moda_engine.photos import open_photo
from moda_engine.training.captions import EncodedCaptions
from moda_engine.training.recipe import RETRAINING
from moda_engine.training.trainer import train

BRANDS = (
    *("Q", "Tarn 47", "8 Bells", "Low Tide", "Grey Heron", "Milk & Rye", "Wrenfold", "Ostrava"),
    *("Kelmont", "Bruun", "Aldecott", "Fjellby", "Zeppo", "Marlinde", "Tovic", "Yarrowby"),
    *("Hesketts", "Pellando", "Nordvik", "Quillon", "Saltree", "Umbriel", "Vantoor", "Brackwell"),
    *("Corvane", "Dunmarch", "Ellerby", "Gathern", "Ingelow", "Jorvell"),
)
EDITED, APPROVED, DRAFTS = 73, 140, 500
#: Photos that teach and that judge a bad candidate.
TAUGHT, JUDGED = 48, 150
#: As the catalog's gate has them.
RISE, REPLACED_RISE = 0.02, 0.05
#: Figure → the least, or the most, that it must be.
AT_LEAST: dict[str, float] = {"drafts": 500.0}
AT_MOST: dict[str, float] = {"mangled": 0.0, "bad_candidates_passed": 0.0}
Says = Callable[[Brief, int, random.Random], str]


def run(bench: Bench) -> Figures:
    """Drafts with 30 invented brands after 73 edits among 140 approvals; four bad candidates."""
    reviewed = _named([one for one in bench.photos.reviewed if has_words(one)])
    measured = _named([one for one in bench.photos.measured if has_words(one)])
    category = [one for one in reviewed if in_category(one)][:EDITED]
    kept = apart([one for one in reviewed if not in_category(one)], category)[: APPROVED - EDITED]
    before = dict(zip((one["file_name"] for one in kept), described(bench, kept), strict=True))

    def said(record: Record) -> str:
        draft = before.get(record["file_name"])
        return draft.text if draft and draft.text else named_style(record)

    approved = [*category, *kept]
    model = bench.train("brands", approved, said, apart(bench.photos.reviewed, approved))
    asked: Sequence[Record] = measured[:DRAFTS]
    found = zip(Describer.from_pretrained(model).describe(*told(bench, asked)), asked, strict=True)
    drafts, asked = zip(*((draft, one) for draft, one in found if draft.text), strict=True)
    known = words_of_briefs(one.brief for one in drafts)
    known = known.union(*(words_in(said(one)) for one in approved))
    passed = [says.__name__ for says in BAD if _passes(bench, says, measured)]
    return {
        "drafts": len(drafts),
        "mangled": sum(
            _is_mangled(draft, record["brand"], known)
            for draft, record in zip(drafts, asked, strict=True)
        ),
        "bad_candidates": len(BAD),
        "bad_candidates_passed": len(passed),
    }


def _named(records: Sequence[Record]) -> list[Record]:
    return [
        one | {"brand": brand, "facts": f"brand: {brand}"}
        for number, one in enumerate(records)
        for brand in [BRANDS[number % len(BRANDS)]]
    ]


def _is_mangled(draft: Description, brand: str, known: set[str]) -> bool:
    """Whether a draft does not name the brand as the catalog spells it, or has broken words."""
    faults = faults_of(draft, known) & {"mangled", "unknown_words"}
    named = [draft.text[start:end] for start, end in name_places(draft.text, brand)]
    return brand not in named or bool(faults)


def _gibberish(brief: Brief, order: int, chance: random.Random) -> str:
    words = ["".join(chance.choices("bdgklmnoprstuy", k=6)) for _ in range(5)]
    text = paraphrase(brief.labels(), order, brief.free_facts())
    return f"{text.split(',')[0]} {' '.join(words)}."


def _contradiction(brief: Brief, order: int, chance: random.Random) -> str:
    labels = brief.labels()
    other = chance.choice([one for one in COLOURS if one != labels.colour])
    return paraphrase(replace(labels, colour=other), order, brief.free_facts())


def _forgotten_colours(brief: Brief, order: int, chance: random.Random) -> str:
    return paraphrase(replace(brief.labels(), colour=None), order, brief.free_facts())


def _lost_facts(brief: Brief, order: int, chance: random.Random) -> str:
    return paraphrase(ItemLabels(product_type=brief.labels().product_type), order)


BAD: tuple[Says, ...] = (_gibberish, _contradiction, _forgotten_colours, _lost_facts)


def _passes(bench: Bench, says: Says, records: Sequence[Record]) -> bool:
    """Whether a candidate that was taught so has no fault more often than the gate allows."""
    known = [one | {"facts": f"{one['facts']}; colour: {one['colour']}"} for one in records]
    before = described(bench, known[:JUDGED])
    model = _taught(bench, says, known[JUDGED : JUDGED + TAUGHT])
    after = Describer.from_pretrained(model).describe(*told(bench, known[:JUDGED]))
    words = words_of_briefs(one.brief for one in before)
    faults = [[faults_of(one, words) for one in drafts] for drafts in (before, after)]
    for name in FAULTS:
        rates = [[float(name in one) for one in found] for found in faults]
        change = paired_change(*rates, counts_unseen=True)
        if change.high > (REPLACED_RISE if name == "replaced" else RISE):
            return False
    return True


def _taught(bench: Bench, says: Says, records: Sequence[Record]) -> str:
    """The bench's model after a few steps on what `says` makes of the briefs of some photos."""
    describer = Describer.from_pretrained(bench.model, dtype=torch.float32)
    paths, products, options = told(bench, records)
    features = describer.encode([open_photo(path) for path in paths])
    drafts = describer.describe_features(features, products, options)
    chance, texts, facts, rows = random.Random(0), [], [], []
    for row, (draft, product) in enumerate(zip(drafts, products, strict=True)):
        if draft.text:
            order = order_of(product.seed) or 0
            text = says(draft.brief, order, chance)
            texts.append(with_placeholders(text, draft.brief.free_facts()))
            facts.append(facts_of_brief(draft.brief, order))
            rows.append(row)
    recipe = replace(
        RETRAINING["full"], epochs=8, batch_size=16, learning_rate=2e-3, projector_rate_share=0.0
    )
    captions = EncodedCaptions(features[rows], texts, facts)
    train(describer.model, describer.processor, captions, recipe, precision="float32")
    describer.model.config.says_all = False
    folder = bench.work / f"bad{says.__name__}"
    # The sums are those of other weights.
    shutil.copytree(bench.model, folder, ignore=shutil.ignore_patterns(SUMS_FILE))
    describer.model.save_pretrained(folder)
    return str(folder)
