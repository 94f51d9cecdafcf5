"""Word preferences, found in a hundred edits of shops whose reviewers edit as people do."""

import random
from collections import Counter
from collections.abc import Sequence

from benchmarks.learning.bench import Bench, Figures
from benchmarks.review_photos import Record, has_words
from moda_engine.brief.style import preferences, styled
from moda_engine.language.labels import ItemLabels, labels_from_record
from moda_engine.language.vocabulary import COLOURS
from moda_engine.language.writing import STYLE_COUNT, paraphrase

SHOPS, EDITS = 100, 100
#: What a shop may prefer: the words of drafts, and its own; "" is left out.
WISHES = {
    "sports shoes": "trainers",
    "casual shoes": "sneakers",
    "flip-flops": "thongs",
    "navy blue": "ink",
    "grey": "ash",
    "round neck": "crew neck",
    "short sleeves": "half sleeves",
    "handbag": "hand bag",
    "backpack": "rucksack",
    "laces": "",
    "ankle loop": "",
    "striped": "stripy",
    "checked": "plaid",
}
#: A wish that fewer of the hundred drafts could show is not counted: a slip or two hide it.
LEAST_SHOWN = 8
#: Edits that are slips: the reviewer forgets a wish, or corrects a colour that was right.
SLIPS = 0.05
#: Figure → the least, or the most, that it must be.
AT_LEAST: dict[str, float] = {"found": 0.95}
AT_MOST: dict[str, float] = {"false": 0.0}


def run(bench: Bench) -> Figures:
    """Share of the wishes of 100 shops that 100 edits each show, and preferences of nobody."""
    records = [one for one in bench.photos.reviewed if has_words(one)]
    counts: Counter[str] = Counter()
    for number in range(SHOPS):
        counts.update(_shop(records, random.Random(number)))
    return {
        "shops": SHOPS,
        "wishes": counts["wishes"],
        "found": counts["found"] / max(1, counts["wishes"]),
        "false": counts["false"],
    }


def _shop(records: Sequence[Record], chance: random.Random) -> Counter[str]:
    wishes = dict(chance.sample(list(WISHES.items()), 4))
    edits = []
    shown: Counter[str] = Counter()
    for record in chance.sample(records, EDITS):
        labels, brand = labels_from_record(record), str(record["brand"])
        draft = paraphrase(labels, chance.randrange(STYLE_COUNT))
        draft = f"{draft.rstrip('.')} by {brand}."
        shown.update(said for said in wishes if said in draft.lower())
        edits.append((draft, _edited(draft, labels, wishes, brand, chance), brand))
    possible = {said for said in wishes if shown[said] >= LEAST_SHOWN}
    found = {(one.said, one.wanted) for one in preferences(edits)}
    right = {(said, wanted) for said, wanted in found if wishes.get(said) == wanted}
    return Counter(
        wishes=len(possible),
        found=len({said for said, _ in right} & possible),
        false=len(found - right),
    )


def _edited(
    draft: str, labels: ItemLabels, wishes: dict[str, str], brand: str, chance: random.Random
) -> str:
    """What the reviewer approves: wishes; now and then another colour, a shorter text, a slip."""
    if chance.random() < SLIPS:
        return draft
    text = styled(draft, wishes, brand)
    for said in (said for said, wanted in wishes.items() if not wanted):
        for words in (f" with {said}", f" with an {said}", f" and {said}", f" and an {said}"):
            text = text.replace(words, "")
    colour = COLOURS.get(labels.colour or "")
    if colour and chance.random() < 0.1:
        text = text.replace(colour, chance.choice(list(COLOURS.values())))
    if chance.random() < 0.1:
        text = text.replace(f" by {brand}", "")
    return text
