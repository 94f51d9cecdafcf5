"""A house style from few captions, with brands: 60 alone, and 73 edits among 140 approvals."""

from collections.abc import Sequence
from itertools import pairwise

from benchmarks.learning.bench import Bench, Figures, apart, in_category, share
from benchmarks.review_photos import Record, follows_house_style, has_words, house_style
from moda_engine import Describer
from moda_engine.brief.product import KnownProduct
from moda_engine.describing.describer import DescribeOptions
from moda_engine.describing.description import Description
from moda_engine.training.recipe import DEFAULT

FEW, EDITED, APPROVED = 60, 73, 140
#: Photos of the category, and of others, that measure.
MEASURED = 200
#: Figure → the least, or the most, that it must be.
AT_LEAST: dict[str, float] = {
    "followed_after_few": 0.9,
    "followed_after_edits": 0.9,
    "unchanged_elsewhere": 0.9,
}
AT_MOST: dict[str, float] = {"wrong_claims": 0.0, "repeated_words": 0.0}


def run(bench: Bench) -> Figures:
    """60 captions by the command's recipe; 73 edits among 140 approvals by the catalog's."""
    reviewed = [named(one) for one in bench.photos.reviewed if has_words(one)]
    measured = [named(one) for one in bench.photos.measured if has_words(one)]
    category = [one for one in reviewed if in_category(one)]
    kept = [one for one in reviewed if not in_category(one)][: APPROVED - EDITED]
    drafts = dict(zip((one["file_name"] for one in kept), described(bench, kept), strict=True))

    def said(record: Record) -> str:
        draft = drafts.get(record["file_name"])
        return draft.text if draft and draft.text else named_style(record)

    few = bench.train("few", category[:FEW], named_style, recipe=DEFAULT)
    approved = [*category[:EDITED], *kept]
    edits = bench.train("edits", approved, said, apart(bench.photos.reviewed, approved))
    inside = [one for one in measured if in_category(one)][:MEASURED]
    elsewhere = [one for one in measured if not in_category(one)][:MEASURED]
    found = [
        Describer.from_pretrained(model).describe(*told(bench, inside)) for model in (few, edits)
    ]
    before = described(bench, elsewhere)
    after = Describer.from_pretrained(edits).describe(*told(bench, elsewhere))
    texts = [one for written in (*found, after) for one in written]
    return {
        "measured": [len(inside), len(elsewhere)],
        "followed_after_few": followed(inside, found[0]),
        "followed_after_edits": followed(inside, found[1]),
        "unchanged_elsewhere": share(
            one.text == other.text for one, other in zip(before, after, strict=True)
        ),
        "wrong_claims": share(
            any(claim.verdict in ("contradicted", "unsupported") for claim in one.claims)
            for one in texts
        ),
        "repeated_words": share(_repeats(one.text) for one in texts),
    }


def named(record: Record) -> Record:
    """The record, with its brand as a fact."""
    return record | {"facts": f"brand: {record['brand']}"}


def named_style(record: Record) -> str:
    """The truth from the labels, in the reviewer's style: "Trainers, white. For men. By Wren."."""
    return f"{house_style(record)} By {record['brand']}."


def followed(records: Sequence[Record], written: Sequence[Description]) -> float:
    """The share of texts in the style that name the brand as the record spells it."""
    pairs = zip(records, written, strict=True)
    return share(_follows(one.text, record["brand"]) for record, one in pairs if one.text)


def _follows(text: str, brand: str) -> bool:
    style, end = text.removesuffix(f" By {brand}."), f" By {brand}."
    return text.endswith(end) and follows_house_style(style)


def told(
    bench: Bench, records: Sequence[Record]
) -> tuple[list[str], list[KnownProduct], DescribeOptions]:
    """The arguments of `Describer.describe` for the photos of `records`."""
    photos = [str(bench.photos.folder / one["file_name"]) for one in records]
    known = [KnownProduct(facts=one["facts"], seed=one["id"]) for one in records]
    return photos, known, DescribeOptions(fit=False)


def described(bench: Bench, records: Sequence[Record]) -> list[Description]:
    """What the bench's model says of the photos of `records`."""
    return Describer.from_pretrained(bench.model).describe(*told(bench, records))


def _repeats(text: str) -> bool:
    words = text.lower().split()
    return any(one == other for one, other in pairwise(words))
