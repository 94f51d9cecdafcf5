"""A product's categories as one fact: paths of names, the main one first."""

from collections.abc import Callable, Iterable, Mapping, Sequence

from catalog.tables.record import CATEGORY_SEPARATOR, SHELF_SEPARATOR

#: The name of the fact.
CATEGORY = "category"


def shelves_of(fact: str) -> list[str]:
    """The paths of a fact, the main one first; none for an empty fact."""
    return fact.split(SHELF_SEPARATOR) if fact else []


def shelves_text(paths: Iterable[str]) -> str:
    """The fact of some paths, each once."""
    return SHELF_SEPARATOR.join(dict.fromkeys(filter(None, paths)))


def deepest_first(paths: Iterable[str]) -> str:
    """The fact of a shop's list, which has no main path: the one with the most parts is it."""
    found = list(dict.fromkeys(filter(None, paths)))
    main = max(found, key=lambda path: path.count(CATEGORY_SEPARATOR), default="")
    return shelves_text([main, *found])


def shelves_written(
    written: Mapping[str, str], wanted: Sequence[str], fresh: Callable[[str], str]
) -> list[str]:
    """The cell's parts with the wanted paths, in the order that the cell has.

    `written` are the present parts by path. A new path takes the place of one that goes.
    """
    new = [fresh(path) for path in wanted if path not in written]
    parts = []
    for path, part in written.items():
        if path in wanted:
            parts.append(part)
        elif new:
            parts.append(new.pop(0))
    return list(dict.fromkeys([*parts, *new]))


def shelves_merged(
    before: str, after: str, former: str | None, *, several: bool, theirs: bool
) -> tuple[str, bool]:
    """What both sides make of the categories, and whether both changed the main one.

    `before` is the catalog's fact, `after` the file's, `former` that of the file's last import. A
    format that knows one path (not `several`) leaves the further ones alone. In a list without an
    order the catalog's main path stays the main one.
    """
    ours, given = shelves_of(before), shelves_of(after)
    base = shelves_of(former) if former is not None else None
    if not given:
        return ("" if base is None or base else before), False
    if not several:
        given, base = given[:1], base[:1] if base is not None else None
    main, conflict = _main(ours[:1], given, base, several=several, theirs=theirs)
    if not several:
        return shelves_text([*main, *ours[1:]]), conflict
    if base is None:
        return shelves_text([*main, *given]), conflict
    stays = [path for path in ours if path in given or path not in base]
    comes = [path for path in given if path not in base]
    return shelves_text([*main, *stays, *comes]), conflict


def _main(
    ours: list[str], given: list[str], base: list[str] | None, *, several: bool, theirs: bool
) -> tuple[list[str], bool]:
    """The main path, as a list of one or none, and whether both sides changed it."""
    if several and ours and ours[0] in given:
        return ours, False
    if base is None or (several and ours and ours[0] in base):  # the file has dropped it
        return given[:1], False
    if given[:1] == base[:1] or (several and set(given) <= set(base)):
        return ours, False
    conflict = ours not in (base[:1], given[:1])
    return (ours if conflict and not theirs else given[:1]), conflict
