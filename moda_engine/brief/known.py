"""What the catalog knows of a product, as claims, each with the field that says so.

Fields are read in the order of `_FIELDS`: explicit facts count more than the title, the title more
than the category, and so on. A field that states two labels of one kind states none. The brand is
cut out before a text is read: "White" and "Red Tape" name no colour.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from moda_engine.brief.attributes import kind_of_attribute, with_sources
from moda_engine.brief.claims import FREE_KINDS, KINDS, Claim
from moda_engine.brief.names import fit_in
from moda_engine.brief.parts import names_no_type, own_words
from moda_engine.brief.plain_text import is_fact, plain_text, without_brand
from moda_engine.brief.product import MOST_VALUES, KnownProduct, text_of
from moda_engine.language.foreign import VocabularyError, labels_in
from moda_engine.language.labels import exact_label, known_facts, label_of_fact, stated_labels
from moda_engine.language.vocabulary import DETAILS, USAGES

_LONGEST_FREE_VALUE = 60
_MOST_WORDS_OF_FIT = 3
_MOST_COLOURS = 2
#: So many kinds a text must state in English to be read as English in a shop of another language:
#: "bra" is Swedish for good, and "hat" German for has.
_ENGLISH_KINDS = 2
#: What a category is named after tells no colour: "White Week", "Gold".
_NOT_IN_CATEGORY = frozenset({"colour"})
#: Prose praises what the item goes with; its colours and occasions are right in six of ten texts.
_NOT_IN_PROSE = frozenset({"colour", "usage"})
#: An explicit fact with no label of ours ("Pattern: Self Design") still rules out what prose says.
_RULED_OUT = frozenset({"pattern", *DETAILS})
_GENDERS = {"m": "Men", "f": "Women", "w": "Women", "u": "Unisex", "masculine": "Men"} | {
    "feminine": "Women"
}
_AGES = frozenset({"age_group", "age"})
#: "For boys and girls" is not for men and women; nor is "unisex" of a child's shirt.
_CHILDREN = re.compile(
    r"\b(kid|child|baby|babies|infant|toddler|newborn|junior|youth|boys|girl|kind|enfant|fille|"
    r"niñ|bambin|meisje|jongen|dzie|børn|pige|barn|flick|pojk|mädchen|jungen|bébé|bebé)",
    re.IGNORECASE,
)
_OF_CHILDREN = {"Men": "Boys", "Women": "Girls", "Boys": "Boys", "Girls": "Girls"}
_CHILD_WEARERS = frozenset({"Boys", "Girls"})


@dataclass(frozen=True)
class _Reader:
    """Reads the labels of a shop's texts."""

    language: str
    brand: str

    def labels(self, text: str, *, named: bool = False) -> dict[str, str]:
        """Kind → the one label that `text` states.

        The brand is cut out, but for the value of a `named` field: a colour column that says
        "White" means it, be the brand what it may.
        """
        if not text:
            return {}
        cleaned = plain_text(text)
        labels = _read(cleaned if named else without_brand(cleaned, self.brand), self.language)
        if labels.get("colour", "").count("/") >= _MOST_COLOURS:
            del labels["colour"]
        if labels.get("gender") == "Unisex" and _CHILDREN.search(cleaned):
            del labels["gender"]
        return labels

    def labels_of_path(self, path: Iterable[str]) -> dict[str, str]:
        """What the levels of a path state; the lowest counts most.

        A type counts if the levels below leave it one: of Watches > Straps nothing is a watch.
        """
        levels = [text for level in list(path)[:MOST_VALUES] if (text := plain_text(level))]
        found: dict[str, str] = {}
        for place in reversed(range(len(levels))):
            below = " ".join(levels[place:])
            for kind, label in self.labels(levels[place]).items():
                if kind != "product_type" or self.labels(below).get(kind) == label:
                    found.setdefault(kind, label)
        return found


def known_claims(product: KnownProduct) -> list[Claim]:
    """What the catalog says, a claim a kind, from the field that counts most; in order of `KINDS`.

    Never raises, and claims nothing that no field states.
    """
    product = with_sources(product)
    first: dict[str, Claim] = {}
    for claim in _statements(product):
        first.setdefault(claim.kind, claim)
    if shoes := _shoes(product, first):
        first["product_type"] = shoes
    return [first[kind] for kind in KINDS if kind in first and first[kind].value]


def _shoes(product: KnownProduct, claims: Mapping[str, Claim]) -> Claim | None:
    """The type of shoes that only another field tells the use of: "Black Shoes", Sports."""
    if "product_type" in claims or "usage" not in claims:
        return None
    reader = _Reader(product.language, _brand(product))
    usage = USAGES[claims["usage"].value]
    label = reader.labels(f"{usage}: {product.title}").get("product_type")
    return Claim("product_type", label, "catalog", 1.0, "title") if label else None


def stated_claims(product: KnownProduct) -> Iterator[Claim]:
    """All that the fields say, those that count most first; fields may contradict one another."""
    return (claim for claim in _statements(with_sources(product)) if claim.value)


def _statements(product: KnownProduct) -> Iterator[Claim]:
    """The same, and claims without a value: no field behind them counts for their kind."""
    reader = _Reader(product.language, _brand(product))
    of_children = _is_of_children(product)
    for read in _FIELDS:
        for name, kind, value in read(product, reader):
            held = _of_a_child(name, value) if kind == "gender" and of_children else value
            if held is not None:
                yield Claim(kind, held, "catalog", 1.0, name)


def _of_a_child(name: str, value: str) -> str | None:
    """The wearer of a child's item: "male" in a column is for boys, "men" in prose is nobody."""
    explicit = name in {"facts", "gender"} or name.startswith("attributes.")
    return _OF_CHILDREN.get(value) if explicit or value in _CHILD_WEARERS else None


_Stated = Iterator[tuple[str, str, str]]


def _from_facts(product: KnownProduct, reader: _Reader) -> _Stated:
    facts = known_facts(plain_text(product.facts))
    for kind, label in facts.labels.items():
        yield "facts", kind, label
    for kind in ("brand", "fabric", "fit"):
        if (value := getattr(facts.free, kind)) and is_fact(value):
            yield "facts", kind, value


def _from_columns(product: KnownProduct, reader: _Reader) -> _Stated:
    if brand := _free("brand", product.brand):
        yield "brand", "brand", brand
    of_type = reader.labels_of_path(product.product_type.split(">"))
    if product_type := exact_label("product_type", plain_text(product.product_type)):
        of_type["product_type"] = product_type
    yield from (("product_type", kind, label) for kind, label in of_type.items())
    of_colour = reader.labels(product.colour, named=True)
    if colour := exact_label("colour", plain_text(product.colour)):
        of_colour["colour"] = colour
    yield from _of_kinds("colour", of_colour, ("colour", "pattern"))
    if label := _gender(product.gender, reader):
        yield "gender", "gender", label


def _from_attributes(product: KnownProduct, reader: _Reader) -> _Stated:
    found: dict[str, dict[str, str]] = {}
    for name, text in _attributes(product):
        kind = kind_of_attribute(name)
        if kind not in KINDS or not is_fact(text):
            continue
        label = _value_of(kind, text, reader)
        if label or kind in _RULED_OUT:
            found.setdefault(kind, {}).setdefault(label or "", name)
    for kind, labels in found.items():
        values = [label for label in labels if label] or [""]
        one = len(values) == 1 or kind in FREE_KINDS
        if one or kind in _RULED_OUT:
            yield f"attributes.{labels[values[0]]}", kind, values[0] if one else ""


def _from_options(product: KnownProduct, reader: _Reader) -> _Stated:
    for name, values in list(product.options.items())[:MOST_VALUES]:
        kind = kind_of_attribute(name)
        given = [text for value in values[:MOST_VALUES] if is_fact(text := plain_text(value))]
        if kind == "size" and (sizes := [text for text in given if _free("size", text)]):
            yield f"options.{name}", kind, ", ".join(dict.fromkeys(sizes))
        elif kind == "colour" and len(given) == 1:  # of several, no one says which is on the photo
            yield from _of_kinds(
                f"options.{name}", reader.labels(given[0], named=True), ("colour", "pattern")
            )


def _from_title(product: KnownProduct, reader: _Reader) -> _Stated:
    labels = reader.labels(product.title)
    if names_no_type(product.title):  # its last word may be a singular: "Men Black Brief"
        labels = reader.labels(f"{product.title.rstrip(' .')}s") | labels
    yield from (("title", kind, label) for kind, label in labels.items())
    title = without_brand(plain_text(product.title), reader.brand)
    if fit := fit_in(title, labels.get("product_type")):
        yield "title", "fit", fit


def _from_category(product: KnownProduct, reader: _Reader) -> _Stated:
    for kind, label in reader.labels_of_path(product.category).items():
        if kind not in _NOT_IN_CATEGORY:
            yield "category", kind, label
    if fit := fit_in(" > ".join(map(plain_text, product.category[:MOST_VALUES]))):
        yield "category", "fit", fit


def _from_tags(product: KnownProduct, reader: _Reader) -> _Stated:
    found: dict[str, set[str]] = {}
    for tag in product.tags[:MOST_VALUES]:
        for kind, label in reader.labels(tag).items():
            found.setdefault(kind, set()).add(label)
    if fit := fit_in(", ".join(map(plain_text, product.tags[:MOST_VALUES]))):
        found["fit"] = {fit}
    for kind, labels in found.items():
        if len(labels) == 1:
            yield "tags", kind, labels.pop()


def _from_description(product: KnownProduct, reader: _Reader) -> _Stated:
    for kind, label in reader.labels(product.description).items():
        if kind not in _NOT_IN_PROSE:
            yield "description", kind, label


_FIELDS: tuple[Callable[[KnownProduct, _Reader], _Stated], ...] = (
    _from_facts,
    _from_columns,
    _from_attributes,
    _from_options,
    _from_title,
    _from_category,
    _from_tags,
    _from_description,
)


def _read(text: str, language: str) -> dict[str, str]:
    """In the shop's language, or in English where that says more."""
    english = {kind: label for kind, label in stated_labels(own_words(text)).items() if label}
    code = re.split(r"[-_]", language.strip().lower())[0]
    if code in ("", "en"):
        return english
    try:
        labels = labels_in(text, code)
    except VocabularyError:
        labels = {}
    says_more = len(english) >= _ENGLISH_KINDS and "product_type" in english
    return english if says_more and len(english) > len(labels) else labels


def _brand(product: KnownProduct) -> str:
    """The brand's name, wherever it stands."""
    given = [product.brand, known_facts(plain_text(product.facts)).free.brand or ""]
    given += [text for name, text in _attributes(product) if kind_of_attribute(name) == "brand"]
    return next((text for brand in given if (text := _free("brand", brand))), "")


def _gender(text: str, reader: _Reader) -> str | None:
    if not text:
        return None
    cleaned = plain_text(text)
    stated = reader.labels(f"for {cleaned}", named=True)
    return _GENDERS.get(cleaned.lower()) or stated.get("gender")


def _value_of(kind: str, text: str, reader: _Reader) -> str | None:
    if kind in FREE_KINDS:
        return _free(kind, text)
    if kind == "gender":
        return _gender(text, reader)
    label = exact_label(kind, plain_text(text)) or reader.labels(text, named=True).get(kind)
    if label is None and kind not in {"product_type", "colour"}:
        return label_of_fact(kind, text)  # "casual" as a usage, "laces" as a fastening
    return label


def _is_of_children(product: KnownProduct) -> bool:
    ages = [text for name, text in _attributes(product) if kind_of_attribute(name) in _AGES]
    return any(_CHILDREN.search(age) for age in ages)


def _free(kind: str, value: str) -> str | None:
    """`value` as spelt, if it is short enough to be one: not "The model wears a 38"."""
    text = " ".join(plain_text(value).split())
    too_long = len(text) > _LONGEST_FREE_VALUE
    if too_long or (kind == "fit" and len(text.split()) > _MOST_WORDS_OF_FIT):
        return None
    return text if is_fact(text) else None


def _attributes(product: KnownProduct) -> Iterator[tuple[str, str]]:
    for name, value in list(product.attributes.items())[:MOST_VALUES]:
        if isinstance(name, str) and (text := plain_text(text_of(value))):
            yield name, text


def _of_kinds(name: str, labels: Mapping[str, str], kinds: Iterable[str]) -> _Stated:
    yield from ((name, kind, labels[kind]) for kind in kinds if kind in labels)
