"""Which products are complete for a channel, and what the others lack; the database judges."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q, QuerySet

from catalog.category_tree import CategoryTree
from catalog.completeness import Requirement, channel_requirements, is_complete, is_met
from catalog.models import Channel, Product

#: Stands for any requirement in an address.
ANY = "any"


@dataclass(frozen=True, slots=True)
class Share:
    """Products, and how many of them are complete."""

    total: int
    complete: int

    @property
    def percent(self) -> int:
        """Rounded down, so that 100 means all."""
        return 100 * self.complete // self.total if self.total else 0

    @property
    def tenth(self) -> int:
        """0 to 10, for the colour of a cell of the heat map."""
        return self.percent // 10


@dataclass(frozen=True, slots=True)
class Gap:
    """A requirement, and how many products lack it; `address` is what the grid's filter takes."""

    requirement: Requirement
    products: int
    address: str


@dataclass(frozen=True, slots=True)
class Report:
    """All channels: a share and the gaps of each, and shares by category path, "" for none."""

    totals: list[Share]
    gaps: list[list[Gap]]
    categories: dict[str, list[Share]]


def completeness_report(channels: Sequence[Channel]) -> Report:
    """Judge all products for all channels, in one pass over them; gaps most frequent first."""
    needed = [channel_requirements(channel) for channel in channels]
    met: dict[Q, str] = {}
    names = [
        [met.setdefault(is_met(one, channel), f"met_{len(met)}") for one in requirements]
        for channel, requirements in zip(channels, needed, strict=True)
    ]
    rows = list(
        Product.objects.order_by()
        .annotate(**{name: condition for condition, name in met.items()})
        .values("category", *met.values())
        .annotate(products=Count("pk"))
    )
    tree = CategoryTree()
    by_category: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        by_category[tree.path(row["category"])].append(row)
    return Report(
        totals=[_share(rows, own) for own in names],
        gaps=[
            _gaps(rows, channel, requirements, own)
            for channel, requirements, own in zip(channels, needed, names, strict=True)
        ],
        categories={
            path: [_share(by_category[path], own) for own in names]
            for path in sorted(by_category, key=str.casefold)
        },
    )


def _share(rows: Sequence[Mapping[str, Any]], names: Sequence[str]) -> Share:
    complete = sum(row["products"] for row in rows if all(row[name] for name in names))
    return Share(sum(row["products"] for row in rows), complete)


def _gaps(
    rows: Sequence[Mapping[str, Any]],
    channel: Channel,
    requirements: Sequence[Requirement],
    names: Sequence[str],
) -> list[Gap]:
    counts = [sum(row["products"] for row in rows if not row[name]) for name in names]
    gaps = [
        Gap(requirement, count, f"{channel.pk}:{requirement.key}")
        for requirement, count in zip(requirements, counts, strict=True)
        if count
    ]
    return sorted(gaps, key=lambda gap: -gap.products)


def product_gaps(product: Product) -> list[tuple[Channel, list[str]]]:
    """Each channel with what this product lacks for it, in words."""
    found = []
    for channel in Channel.objects.all():
        needed = channel_requirements(channel)
        met = {f"met_{number}": is_met(one, channel) for number, one in enumerate(needed)}
        row = Product.objects.filter(pk=product.pk).annotate(**met).values(*met).first() or {}
        lacking = [one.label for one, name in zip(needed, met, strict=True) if not row.get(name)]
        found.append((channel, lacking))
    return found


def products_lacking(products: QuerySet[Product], address: str) -> QuerySet[Product]:
    """Those that lack `CHANNEL:REQUIREMENT`, or anything for `CHANNEL:any`; none for another."""
    number, _colon, key = address.partition(":")
    channel = Channel.objects.filter(pk=int(number)).first() if number.isdecimal() else None
    if channel is None:
        return products.none()
    if key == ANY:
        return products.filter(~is_complete(channel))
    for requirement in channel_requirements(channel):
        if requirement.key == key:
            return products.filter(~Q(is_met(requirement, channel)))
    return products.none()


def gaps_offered() -> list[tuple[str, list[tuple[str, str]]]]:
    """Choices for a filter: each channel with anything, and with each of its requirements."""
    return [
        (
            channel.name,
            [
                (f"{channel.pk}:{ANY}", f"{channel.name}: …"),
                *(
                    (f"{channel.pk}:{one.key}", f"{channel.name}: {one.label}")
                    for one in channel_requirements(channel)
                ),
            ],
        )
        for channel in Channel.objects.all()
    ]
