"""Measures the texts of a page: true, whole, within their slots, and no two alike.

    python -m benchmarks.copy [--data DIR] [--photos N] [--prose FILE] [--model DIR] [--json]

The texts of photos with their titles told. What they claim is read by the patterns below, which
share no word list with the engine: wearers, colours, sleeves, necks and patterns, against the
record's own labels. *Told facts* are brand, fabric and fit as the shop spells them. *Faults* are
counted over all texts: repeated words, cut sentences, texts over their limit. With `--prose` no run
of eight words of merchandisers' texts may come out again.
"""

import argparse
import gzip
import json
import re
import resource
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import torch

from benchmarks.report import Measure, print_measures
from moda_engine import STARTER_DIRECTORY, DescribeOptions, Describer, Description
from moda_engine.brief.product import KnownProduct
from moda_engine.imagefolder import read_imagefolder_records

SLOTS = ("title", "detailed", "bullets", "meta_title", "meta_description", "alt_text")
#: Characters at most, as `docs/copy.md` promises them.
LIMITS = {"title": 60, "meta_title": 60, "meta_description": 155, "alt_text": 125}
PROSE_SLOTS = ("standard", "detailed", "meta_description", "alt_text")
#: Pattern of a text → what the record has to say: column, and a pattern of its value.
CLAIMS: tuple[tuple[str, str, str], ...] = (
    (r"\b(?:for men|men's)\b(?! and)", "gender", r"^Men$|^Unisex$"),
    (r"\b(?:for women|women's)\b", "gender", r"^Women$|^Unisex$"),
    (r"\b(?:for boys|boys')", "gender", r"^Boys$|^Men$"),
    (r"\b(?:for girls|girls')", "gender", r"^Girls$|^Women$"),
    (r"\bblack\b", "colour", r"Black|Charcoal"),
    (r"\bwhite\b", "colour", r"White|Cream"),
    (r"\bred\b", "colour", r"Red|Maroon|Rust|Burgundy"),
    (r"\b(?:navy )?blue\b", "colour", r"Blue|Teal|Navy"),
    (r"\bgreen\b", "colour", r"Green|Olive|Teal"),
    (r"\byellow\b", "colour", r"Yellow|Mustard|Gold"),
    (r"\bpink\b", "colour", r"Pink|Peach|Magenta|Mauve"),
    (r"\bpurple\b", "colour", r"Purple|Lavender|Mauve"),
    (r"\bbrown\b", "colour", r"Brown|Tan|Bronze|Copper|Rust"),
    (r"\bshort sleeves\b", "Sleeve Length", r"Short"),
    (r"\blong sleeves\b", "Sleeve Length", r"Long"),
    (r"\bsleeveless\b", "Sleeve Length", r"Sleeveless|No Sleeves"),
    (r"\bround neck\b", "Neck", r"Round"),
    (r"\bv-neck\b", "Neck", r"V"),
    (r"\bstriped?\b", "Pattern", r"Strip"),
    (r"\bchecked\b", "Pattern", r"Check"),
    (r"\bprint(?:ed)?\b", "Pattern", r"Print|Graphic|Self|Embroid"),
)
FREE = {"brand": "brand", "fabric": "Fabric", "fit": "Fit"}


@dataclass(frozen=True)
class Page:
    """A record and the texts that were written of it, by slot."""

    record: Mapping[str, Any]
    found: Description

    @property
    def texts(self) -> dict[str, str]:
        """All texts by slot; bullets have a line each."""
        return {"standard": self.found.text, **{slot: getattr(self.found, slot) for slot in SLOTS}}


def pages_of(describer: Describer, folder: Path, count: int) -> tuple[list[Page], float]:
    """The pages of the first photos, titles told, and how many a second."""
    records, _refused = read_imagefolder_records(folder)
    records = records[:count]
    known = [product_of(record.fields) for record in records]
    options = DescribeOptions(slots=SLOTS, fit=False)
    begun = time.perf_counter()
    found = describer.describe([record.path for record in records], known, options)
    pace = len(records) / (time.perf_counter() - begun)
    pages = [Page(dict(record.fields), one) for record, one in zip(records, found, strict=True)]
    return [page for page in pages if page.found.text], pace


def product_of(record: Mapping[str, Any]) -> KnownProduct:
    """What a shop knows of the record: all but its prose."""
    given = {name: value for name, value in record.items() if name != "description"}
    return KnownProduct.of({**given, "seed": str(record.get("id", ""))})


def false_claims(page: Page) -> list[str]:
    """The patterns of the page's texts that its record denies; silence denies nothing."""
    attributes = page.record.get("attributes") or {}
    text = _without(" ".join(page.texts.values()), str(page.record.get("brand", ""))).lower()
    return [
        pattern
        for pattern, column, wanted in CLAIMS
        if (said := page.record.get(column) or attributes.get(column)) not in (None, "", "NA")
        and re.search(pattern, text)
        and not re.search(wanted, str(said))
        and not re.search(wanted, str(page.record.get("title", "")))
    ]


def faults(slot: str, text: str, brand: str) -> list[str]:
    """What a copy-editor would send back at once."""
    found = []
    words = _without(text, brand).lower().replace("\n", " / ").split()
    if any(one == other and one.isalpha() for one, other in pairwise(words)):
        found.append("repeated word")
    if slot in PROSE_SLOTS and not text.endswith((".", "!", "?")):
        found.append("cut sentence")
    if len(text) > LIMITS.get(slot, sys.maxsize) or (slot == "detailed" and len(words) > 90):
        found.append("too long")
    if slot == "bullets" and any(len(line.split()) > 8 for line in text.splitlines()):
        found.append("too long a point")
    return found


def told_facts(page: Page) -> Iterator[bool]:
    """Of each name that the brief holds, whether the paragraph says it letter by letter."""
    free = page.found.brief.free_facts()
    for kind in FREE:
        if name := getattr(free, kind):
            yield name in page.found.detailed or name.capitalize() in page.found.detailed


def truth_measures(pages: Sequence[Page]) -> list[Measure]:
    """How much is true, said and whole."""
    true = [not false_claims(page) for page in pages]
    said = [one for page in pages for one in told_facts(page)]
    found = [
        fault
        for page in pages
        for slot, text in page.texts.items()
        for fault in faults(slot, text, str(page.record.get("brand", "")))
    ]
    return [
        Measure("pages without a false claim", sum(true) / len(true), "share", least=0.97),
        Measure("told facts in the paragraph", sum(said) / len(said), "share", least=0.98),
        Measure("faults in all texts", len(found), "texts", most=0),
        Measure("texts read for faults", len(pages) * (len(SLOTS) + 1), "texts"),
    ]


def variety_measures(pages: Sequence[Page]) -> list[Measure]:
    """How alike the paragraphs are."""
    texts = [page.found.detailed.lower().split() for page in pages]
    fours = [run for words in texts for run in _runs(words, 4)]
    eights = Counter(run for words in texts for run in set(_runs(words, 8)))
    begin = Counter(tuple(words[:3]) for words in texts)
    count = len(texts)
    return [
        Measure("distinct runs of four words", len(set(fours)) / len(fours), "share", least=0.6),
        Measure("most common beginning", max(begin.values()) / count, "share", most=0.03),
        Measure("most common run of eight words", max(eights.values()) / count, "share", most=0.02),
        Measure("words of a paragraph", sum(map(len, texts)) / count, "words"),
    ]


def prose_measures(pages: Sequence[Page], file: Path) -> list[Measure]:
    """How many runs of eight words of merchandisers' texts came out again."""
    written = {
        run
        for page in pages
        for text in page.texts.values()
        for run in _runs(re.findall(r"[\w'-]+", text.lower()), 8)
    }
    known: set[tuple[str, ...]] = set()
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        for line in lines:
            prose = json.loads(line).get("description") or ""
            known |= written & set(_runs(re.findall(r"[\w'-]+", prose.lower()), 8))
    return [Measure("runs of eight words of others", len(known), "runs", most=0)]


def speed_measures(describer: Describer, pages: Sequence[Page], pace: float) -> list[Measure]:
    """How fast, and in how much memory."""
    product = product_of(pages[0].record)
    photo = torch.zeros(describer.model.config.feature_size)[None]
    begun = time.perf_counter()
    describer.describe_features(photo, [product], DescribeOptions(slots=SLOTS, fit=False))
    waited = time.perf_counter() - begun
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    return [
        Measure("photos a second", pace, "photos/s", least=3.0),
        Measure("one photo, encoded", waited, "s", most=2.0),
        Measure("memory at most", peak, "GB", most=1.2),
    ]


def _runs(words: Sequence[str], length: int) -> list[tuple[str, ...]]:
    return [tuple(words[at : at + length]) for at in range(len(words) - length + 1)]


def _without(text: str, brand: str) -> str:
    return text.replace(brand, "#") if brand else text


def main() -> None:
    arguments = _arguments()
    torch.set_num_threads(2)
    describer = Describer.from_pretrained(arguments.model, text_tower=False)
    pages, pace = pages_of(describer, arguments.data, arguments.photos)
    measures = [
        *truth_measures(pages),
        *variety_measures(pages),
        *(prose_measures(pages, arguments.prose) if arguments.prose else []),
        *speed_measures(describer, pages, pace),
    ]
    context = {"pages": len(pages), "set": arguments.data.name}
    print_measures("copy", measures, as_json=arguments.json, context=context)
    sys.exit(not all(measure.holds for measure in measures))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.copy",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    data = Path("../shared/data/catalog-extra/review")
    parser.add_argument("--data", type=Path, default=data, metavar="DIR", help="an imagefolder")
    parser.add_argument("--photos", type=int, default=500, metavar="N", help="default: 500")
    parser.add_argument("--prose", type=Path, metavar="FILE", help="product-text.jsonl.gz")
    parser.add_argument("--model", type=Path, default=STARTER_DIRECTORY, metavar="DIR")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    return parser.parse_args()


if __name__ == "__main__":
    main()
