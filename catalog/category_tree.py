"""Categories by path, such as `Apparel > Topwear`: found, and created where they are new."""

from collections import Counter
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
        """The category of a path, or None if it does not exist."""
        if path not in self._found:
            self._found[path] = self._by_slug.get(_slugs(path)[-1]) if path else None
        return self._found[path]

    def make(self, path: str) -> tuple[int, list[int]]:
        """The category of a path, created if it is new, and the ids of all that were created."""
        made: list[int] = []
        parent: int | None = None
        for name, slug in zip(path.split(CATEGORY_SEPARATOR), _slugs(path), strict=True):
            known = self._by_slug.get(slug)
            if known is None:
                category, new = Category.objects.get_or_create(
                    slug=slug, defaults={"name": name[:_NAME_LENGTH], "parent_id": parent}
                )
                known = category.pk
                self._by_slug[slug], self._names[known] = known, category.name
                self._parents[known] = category.parent_id
                self._uses[category.name.casefold()] += 1
                self._found.clear()
                made += [known] if new else []
            parent = known
        return parent or 0, made  # a path has at least one part


def _slugs(path: str) -> list[str]:
    """A slug for each part: the parent's, a dash, the name; a digest if no letter is ASCII."""
    slugs: list[str] = []
    for name in path.split(CATEGORY_SEPARATOR):
        text = f"{slugs[-1]}-{name}" if slugs else name
        slug = slugify(text)
        if not slug or slug == (slugs[-1] if slugs else ""):
            slug = f"{slugs[-1] if slugs else 'category'}-{_digest(text)}"
        if len(slug) > _SLUG_LENGTH:
            slug = f"{slug[: _SLUG_LENGTH - 9]}-{_digest(text)}"
        slugs.append(slug)
    return slugs


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()[:8]
