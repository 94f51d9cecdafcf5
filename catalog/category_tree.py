"""Categories by path, such as `Apparel > Topwear`: found, and created where they are new."""

from collections import Counter
from collections.abc import Sequence
from hashlib import sha256

from django.utils.text import slugify

from catalog.models import Category
from catalog.tables.record import CATEGORY_SEPARATOR

_SLUG_LENGTH = 140
_NAME_LENGTH = 120


class CategoryTree:
    """All categories in memory: a shop has hundreds. Load one for each run of a step."""

    def __init__(self) -> None:
        rows = list(Category.objects.values_list("pk", "name", "slug", "parent_id"))
        self._by_slug = {slug: pk for pk, _, slug, _ in rows}
        self._by_name: dict[tuple[int | None, str], int] = {
            (parent, _folded(name)): pk for pk, name, _, parent in rows
        }
        self._names = {pk: name for pk, name, _, _ in rows}
        self._parents: dict[int, int | None] = {pk: parent for pk, _, _, parent in rows}
        self._paths: dict[int, str] = {}
        self._uses = Counter(name.casefold() for name in self._names.values())
        self._found: dict[str, int | None] = {}

    def path(self, category_id: int | None) -> str:
        """The names from the root down; empty for no category."""
        if category_id is None or category_id not in self._names:
            return ""
        if category_id not in self._paths:
            self._paths[category_id] = CATEGORY_SEPARATOR.join(self.names(category_id))
        return self._paths[category_id]

    def names(self, category_id: int) -> list[str]:
        """The names from the root down, of a category that exists."""
        names: list[str] = []
        seen: set[int] = set()
        at: int | None = category_id
        while at is not None and at not in seen:
            seen.add(at)
            names.append(self._names[at])
            at = self._parents[at]
        return names[::-1]

    def label(self, category_id: int) -> str:
        """The name, or the whole path where another category has the name as well."""
        name = self._names.get(category_id, "")
        return name if self._uses[name.casefold()] < 2 else self.path(category_id)

    def paths(self) -> dict[int, str]:
        """The paths of all categories by id, in alphabetical order."""
        named = {pk: self.path(pk) for pk in self._names}
        return dict(sorted(named.items(), key=lambda item: item[1].casefold()))

    def find(self, path: str) -> int | None:
        """The category of a path, or None if it does not exist. A former name finds it too."""
        if path not in self._found:
            self._found[path] = self._find(path)
        return self._found[path]

    def _find(self, path: str) -> int | None:
        parts = path.split(CATEGORY_SEPARATOR) if path else []
        at: int | None = None
        for number, name in enumerate(parts, 1):
            at = self._child(at, name, _slug(parts[:number]))
            if at is None:
                return None
        return at

    def _child(self, parent: int | None, name: str, slug: str) -> int | None:
        """The category of a name below `parent`: by its name, or by the slug of a former name."""
        known = self._by_name.get((parent, _folded(name[:_NAME_LENGTH])))
        if known is not None:
            return known
        known = self._by_slug.get(slug)
        if known is None:
            return None
        # Two names may have one slug. It is a former name, or a former place, only if the present
        # path has another slug.
        return None if _slug(self.names(known)) == slug else known

    def make(self, path: str) -> tuple[int, list[int]]:
        """The category of a path, created if it is new, and the ids of all that were created."""
        made: list[int] = []
        parts = path.split(CATEGORY_SEPARATOR)
        parent: int | None = None
        for number, name in enumerate(parts, 1):
            slug = _slug(parts[:number])
            known = self._child(parent, name, slug)
            if known is None:
                known, new = self._create(parent, name[:_NAME_LENGTH], slug)
                made += [known] if new else []
            parent = known
        return parent or 0, made  # a path has at least one part

    def _create(self, parent: int | None, name: str, slug: str) -> tuple[int, bool]:
        """A new category, or the one that another import has just made; and whether it is new."""
        if slug in self._by_slug:
            slug = _shortened(slug, f"{parent} {name}")
        category, new = Category.objects.get_or_create(
            slug=slug, defaults={"name": name, "parent_id": parent}
        )
        known = category.pk
        self._by_slug[slug] = known
        self._names[known], self._parents[known] = category.name, category.parent_id
        self._by_name[category.parent_id, _folded(category.name)] = known
        self._uses[category.name.casefold()] += 1
        self._found.clear()
        return known, new


def _folded(name: str) -> str:
    """A name as it is compared: without regard to case and to kinds of blanks."""
    return " ".join(name.split()).casefold()


def _slug(names: Sequence[str]) -> str:
    """The slug of a path: its names in their own script, with dashes."""
    text = "-".join(names)
    slug = slugify(text, allow_unicode=True)
    last = slugify(names[-1], allow_unicode=True)
    if not last:
        return _shortened(slug or "category", text)
    return slug if len(slug) <= _SLUG_LENGTH else _shortened(slug, text)


def _shortened(slug: str, text: str) -> str:
    digest = sha256(text.encode()).hexdigest()[:8]
    return f"{slug[: _SLUG_LENGTH - 9]}-{digest}"
