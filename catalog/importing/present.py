"""Products of the catalog as facts that can be compared with those of a file."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.db.models import Exists, F, OuterRef, QuerySet

from catalog.category_tree import CategoryTree
from catalog.choices import DescriptionState, ImportPhotoState, RowState
from catalog.importing.shelves import further_present
from catalog.importing.translations import attribute_text, translations_present
from catalog.importing.variants import variants_present
from catalog.models import Description, ImportPhoto, ImportRow, Product, TrainingCaption
from catalog.models.description import (
    ALT_TEXT_LENGTH,
    META_DESCRIPTION_LENGTH,
    PAGE_TITLE_LENGTH,
    TEXT_LENGTH,
)
from catalog.tables.record import (
    ATTRIBUTE,
    CATEGORY_SEPARATOR,
    TEXT_FACTS,
    in_language,
    language_and_fact,
)
from catalog.tables.shelves import CATEGORY, shelves_of, shelves_text
from catalog.tables.variants import VARIANTS

#: The facts that are plain columns of `Product`.
COLUMNS = ("title", "brand", "colour", "gender", "state")
#: Characters that the catalog has room for, by fact.
_LENGTHS = {
    "title": 200,
    "brand": 120,
    "colour": 60,
    "alt_text": ALT_TEXT_LENGTH,
    "standard": TEXT_LENGTH,
    "detailed": TEXT_LENGTH,
    "page_title": PAGE_TITLE_LENGTH,
    "bullets": TEXT_LENGTH,
    "meta_title": PAGE_TITLE_LENGTH,
    "meta_description": META_DESCRIPTION_LENGTH,
}
_CATEGORY_LENGTH = 120
_ATTRIBUTE_LENGTH = 5_000


@dataclass(slots=True)
class PresentTexts:
    """The texts of a product in one language."""

    #: The approved description, if there is one.
    approved_id: int | None = None
    texts: dict[str, str] = field(default_factory=dict)
    #: Texts that the product has already as a draft, an approved text or a caption.
    other_texts: set[str] = field(default_factory=set)


@dataclass(slots=True)
class PresentProduct:
    """One product and its non-empty `facts` by name, those of further languages as `de:title`."""

    pk: int
    sku: str
    facts: dict[str, str]
    #: The texts by language; those of the file's own language are under an empty name.
    written: dict[str, PresentTexts] = field(default_factory=dict)

    def texts_in(self, language: str) -> PresentTexts:
        """The texts in a language, which may be none."""
        return self.written.get(language) or PresentTexts()

    @property
    def texts(self) -> dict[str, str]:
        """The approved texts by fact, those of further languages as `de:standard`."""
        return {
            in_language(name, language): text
            for language, one in self.written.items()
            for name, text in one.texts.items()
        }


def present_products(
    products: QuerySet[Product], tree: CategoryTree, *, language: str, with_texts: bool
) -> dict[str, PresentProduct]:
    """The products by SKU, in four queries. `with_texts` costs two more.

    Texts in `language` have no language in their names.
    """
    found = {}
    rows = products.order_by().values_list("pk", "sku", "category_id", "attributes", *COLUMNS)
    for pk, sku, category_id, attributes, *columns in rows:
        facts = {name: value for name, value in zip(COLUMNS, columns, strict=True) if value}
        if path := tree.path(category_id):
            facts[CATEGORY] = path
        for name, value in attributes.items():
            if text := attribute_text(value):
                facts[f"{ATTRIBUTE}{name}"] = text
        found[sku] = PresentProduct(pk, sku, facts)
    keys = [product.pk for product in found.values()]
    variants, further = variants_present(keys), further_present(keys, tree)
    translations = translations_present(keys)
    for product in found.values():
        product.facts |= translations.get(product.pk, {})
        if product.pk in further:
            paths = [product.facts.get(CATEGORY, ""), *further[product.pk]]
            product.facts[CATEGORY] = shelves_text(paths)
        if product.pk in variants:
            product.facts[VARIANTS] = variants[product.pk]
    if with_texts:
        _add_texts({product.pk: product for product in found.values()}, language)
    return found


def facts_fit(facts: Mapping[str, str]) -> tuple[dict[str, str], list[str]]:
    """The facts in lengths that the catalog has room for, and a sentence for each shortened one.

    The file's own cells keep the whole value, so an export gives it back.
    """
    fitting: dict[str, str] = {}
    flags = []
    for name, value in facts.items():
        _, fact = language_and_fact(name)
        if fact == VARIANTS:
            fitting[name] = value
        elif fact == CATEGORY:
            fitting[name] = shelves_text(map(_path_cut, shelves_of(value)))
        else:
            fitting[name] = _cut(value, _LENGTHS.get(fact, _ATTRIBUTE_LENGTH))
        if fitting[name] != value:
            flags.append(
                f"{fact_label(name)}: Shortened from {len(value):,} to {len(fitting[name]):,} "
                "characters; exports have the whole of it."
            )
    return fitting, flags


def _path_cut(path: str) -> str:
    names = path.split(CATEGORY_SEPARATOR)
    return CATEGORY_SEPARATOR.join(_cut(one, _CATEGORY_LENGTH) for one in names)


def _cut(text: str, longest: int) -> str:
    if len(text) <= longest:
        return text
    cut = text[: longest - 1]
    words = cut.rsplit(None, 1)[0]
    return (words if len(words) > longest // 2 else cut).rstrip() + "…"


def fact_label(name: str) -> str:
    """The fact in the words of a message."""
    labels = {"standard": "description", "detailed": "detailed description"}
    language, fact = language_and_fact(name)
    label = labels.get(fact, fact.removeprefix(ATTRIBUTE).replace("_", " "))
    return f"{label} ({language})" if language else label


def _add_texts(products: dict[int, PresentProduct], language: str) -> None:
    def place(product_id: int, spoken: str) -> PresentTexts:
        key = "" if spoken == language else spoken
        return products[product_id].written.setdefault(key, PresentTexts())

    rows = Description.objects.filter(
        product__in=list(products),
        state__in=(DescriptionState.DRAFT, DescriptionState.APPROVED),
    ).values_list("product_id", "language", "pk", "state", *TEXT_FACTS)
    for product_id, spoken, pk, state, *texts in rows.order_by():
        one = place(product_id, spoken)
        one.other_texts.add(texts[0])
        if state == DescriptionState.APPROVED:
            one.approved_id = pk
            one.texts = dict(zip(TEXT_FACTS, texts, strict=True))
    captions = TrainingCaption.objects.filter(product__in=list(products))
    for product_id, spoken, text in captions.values_list("product_id", "language", "text"):
        place(product_id, spoken).other_texts.add(text)


def unchanged_since(fingerprints: dict[str, str]) -> set[str]:
    """The SKUs whose last import had the same fingerprint, and whose product is unedited since.

    Unedited means: the product has the time of change that the import noted. Rows with an
    unfinished or refused photo are left out, because the photo may be there by now.
    """
    owed = ImportPhoto.objects.filter(row=OuterRef("pk")).exclude(
        state__in=(ImportPhotoState.STORED, ImportPhotoState.KNOWN)
    )
    rows = ImportRow.objects.filter(
        ~Exists(owed),
        sku__in=list(fingerprints),
        state=RowState.APPLIED,
        product_stamp=F("product__updated_at"),
    ).values_list("sku", "fingerprint")
    return {sku for sku, fingerprint in rows if fingerprint == fingerprints[sku]}
