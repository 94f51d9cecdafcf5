"""Which approved captions a model may learn from, and why the others are left out.

The preview and the run decide by the same function. Python reads the captions in chunks; those of
a hundred thousand products take seconds.
"""

import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any, TypeVar

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery

from catalog.choices import DescriptionState, ExampleUse, LeftOut
from catalog.claims import told_facts
from catalog.models import Description, Forgetting, Product, ProductImage, TrainingCaption
from catalog.models.description import IN_MACHINE_WORDS

#: The columns of a caption, by name, as the database gives them.
CaptionRow = dict[str, Any]
Row = TypeVar("Row", Description, TrainingCaption)

CHUNK = 2_000
#: A category with fewer captions can be neither learned nor judged.
CATEGORY_MINIMUM = 3
#: A longer caption, in characters, is left out; no model of this size reads more.
LONGEST = 1_500
#: One photo in so many is held out. Its hash decides, so all runs hold out the same photos, and no
#: version has learned what it or its descendants are judged by.
HELD_OUT_OF = 10


@dataclass(frozen=True, slots=True)
class Caption:
    """One approved text with its photo. `author_id` is who wrote or approved it."""

    product_id: int
    sku: str
    category: str
    text: str
    facts: str
    image_id: int
    photo_sha256: str
    description_id: int | None = None
    caption_id: int | None = None
    author_id: int | None = None
    use: str = ExampleUse.TRAINING


@dataclass(frozen=True, slots=True)
class Choice:
    """The captions of a run, and how many were left out for each reason."""

    captions: list[Caption]
    left_out: Counter[LeftOut]


def captions_choose(
    *, products: QuerySet[Product] | None, language: str, scope: str = ""
) -> Choice:
    """The captions of `products` (None for all) in `language`; of one brand, if `scope` names it.

    Each is for training or held out. All captions of one photo have the same use.
    """
    left_out: Counter[LeftOut] = Counter()
    different = _once(_candidates(products, language, scope, left_out), left_out)
    usable = _in_one_script(list(different), left_out)
    counts = Counter(caption.category for caption in usable)
    enough = [one for one in usable if counts[one.category] >= CATEGORY_MINIMUM]
    left_out[LeftOut.TOO_FEW] += len(usable) - len(enough)
    return Choice(_with_uses(enough), +left_out)


def _candidates(
    products: QuerySet[Product] | None, language: str, scope: str, left_out: Counter[LeftOut]
) -> Iterator[Caption]:
    """Approved texts and imported captions that nothing of their own excludes."""
    for row in (*_approved(products, language, scope), *_imported(products, language, scope)):
        reason = _refusal(row)
        if reason is not None:
            left_out[reason] += 1
            continue
        yield Caption(
            product_id=row["product_id"],
            sku=row["product__sku"],
            category=row["product__category__name"] or "",
            text=row["words"].strip(),
            facts=told_facts(row["brief"], row["facts"]) if "facts" in row else "",
            image_id=row["photo_id"],
            photo_sha256=row["photo_sha256"],
            description_id=row["pk"] if "facts" in row else None,
            caption_id=None if "facts" in row else row["pk"],
            author_id=row.get("reviewed_by_id") or row.get("created_by_id"),
        )


def _refusal(row: CaptionRow) -> LeftOut | None:
    """Why one text, whatever the others are, cannot be learned."""
    if row["is_forgotten"]:
        return LeftOut.FORGOTTEN
    if row["photo_id"] is None:
        return LeftOut.PHOTO_GONE
    if row.get("unseen"):
        return LeftOut.MACHINE_UNSEEN
    return LeftOut.TOO_LONG if len(str(row["words"])) > LONGEST else None


def _approved(
    products: QuerySet[Product] | None, language: str, scope: str
) -> Iterator[CaptionRow]:
    forgotten = Forgetting.objects.filter(
        Q(product=OuterRef("product"))
        | Q(author__isnull=False, author=OuterRef("created_by"))
        | Q(author__isnull=False, author=OuterRef("reviewed_by"))
    )
    machine = Description.objects.filter(IN_MACHINE_WORDS, pk=OuterRef("pk"), reviewed_by=None)
    rows = _of(Description.objects.all(), products, language, scope)
    rows = rows.filter(state=DescriptionState.APPROVED)
    return _rows(
        rows.annotate(is_forgotten=Exists(forgotten), unseen=Exists(machine)),
        "standard", "facts", "brief", "created_by_id", "reviewed_by_id", "unseen",
    )  # fmt: skip


def _imported(
    products: QuerySet[Product] | None, language: str, scope: str
) -> Iterator[CaptionRow]:
    forgotten = Forgetting.objects.filter(product=OuterRef("product"))
    rows = _of(TrainingCaption.objects.all(), products, language, scope)
    return _rows(rows.annotate(is_forgotten=Exists(forgotten)), "text")


def _of(
    rows: QuerySet[Row], products: QuerySet[Product] | None, language: str, scope: str
) -> QuerySet[Row]:
    rows = rows.filter(language=language)
    if products is not None:
        rows = rows.filter(product__in=products.order_by().values("pk"))
    kind, _, name = scope.partition(":")
    return rows.filter(product__brand=name) if kind == "brand" else rows


def _rows(rows: QuerySet[Any], words: str, *more: str) -> Iterator[CaptionRow]:
    photos = ProductImage.objects.filter(product=OuterRef("product")).order_by("position", "pk")
    named = rows.annotate(
        photo_id=Subquery(photos.values("pk")[:1]),
        photo_sha256=Subquery(photos.values("sha256")[:1]),
    ).order_by("pk")
    columns = (
        "pk", "product_id", "product__sku", "product__category__name", "photo_id",
        "photo_sha256", "is_forgotten", words, *more,
    )  # fmt: skip
    for row in named.values(*columns).iterator(chunk_size=CHUNK):
        row["words"] = row.pop(words)
        yield row


def _once(captions: Iterable[Caption], left_out: Counter[LeftOut]) -> Iterator[Caption]:
    """Without a caption whose photo and text another has, whatever the product."""
    seen: set[tuple[str, str]] = set()
    for caption in captions:
        key = (caption.photo_sha256, caption.text)
        if key in seen:
            left_out[LeftOut.IDENTICAL] += 1
        else:
            seen.add(key)
            yield caption


def _in_one_script(captions: list[Caption], left_out: Counter[LeftOut]) -> list[Caption]:
    """Those in the most frequent script; a model of one language learns nothing from others."""
    scripts = [_script(caption.text) for caption in captions]
    if not scripts:
        return []
    ((usual, _),) = Counter(scripts).most_common(1)
    kept = [one for one, script in zip(captions, scripts, strict=True) if script == usual]
    left_out[LeftOut.OTHER_SCRIPT] += len(captions) - len(kept)
    return kept


def _script(text: str) -> str:
    """LATIN, GREEK, CJK …: the first word of the Unicode names of most of its letters."""
    names = (unicodedata.name(letter, "").split(" ")[0] for letter in text if letter.isalpha())
    common = Counter(names).most_common(1)
    return common[0][0] if common else ""


def _with_uses(captions: list[Caption]) -> list[Caption]:
    """One photo in ten held out, and at least one where there are two."""
    photos = sorted({caption.photo_sha256 for caption in captions}, key=_lot)
    held_out = {photo for photo in photos if _lot(photo) % HELD_OUT_OF == 0}
    if not held_out and len(photos) > 1:
        held_out = {photos[0]}
    return [
        replace(one, use=ExampleUse.HELD_OUT) if one.photo_sha256 in held_out else one
        for one in captions
    ]


def _lot(photo_sha256: str) -> int:
    """A number that depends on the photo alone."""
    return int(sha256(f"held out {photo_sha256}".encode()).hexdigest()[:8], 16)
