"""What is wrong with a text, by its words and its brief: no photo, no label, no approved text.

So faults are counted on any photo of a catalog, of whatever model wrote.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import pairwise

from moda_engine.brief.check import claims_of, unsaid
from moda_engine.brief.claims import Brief
from moda_engine.brief.conditioning import unfilled
from moda_engine.brief.plain_text import without_brand
from moda_engine.describing.description import Description
from moda_engine.language.labels import stated_labels
from moda_engine.language.lexicon import known_words, tokens
from moda_engine.language.reading import mentions
from moda_engine.language.vocabulary import PRODUCT_TYPES
from moda_engine.language.writing import STYLE_COUNT, detailed, paraphrase

#: - `mangled`: nothing, a word behind itself, a word four times over, or a placeholder.
#: - `unknown_words`: a word that is in no dictionary and in no fact.
#: - `unsaid`: the catalog told it, people say it, and the text does not.
#: - `contradicted`: the text states what the brief denies, or is silent on.
#: - `no_noun`: no word says what the item is.
#: - `replaced`: what the model wrote could not stand; the writer's sentence is there instead.
FAULTS = ("mangled", "unknown_words", "unsaid", "contradicted", "no_noun", "replaced")
_MOST_OF_ONE_WORD = 3
#: Approved texts that leave a kind unsaid, at least, before that is the shop's way.
_LEAST_UNSAID = 3


def faults_of(
    description: Description, words: Collection[str], optional: Collection[str] = ()
) -> frozenset[str]:
    """The `FAULTS` of a description's standard text; none of a photo that shows no item.

    Args:
        words: that are known, in lower case; see `words_of_briefs` and `words_in`.
        optional: kinds that people mostly leave unsaid; see `left_unsaid`.
    """
    text, brief = description.text, description.brief
    if not description.recognised:
        return frozenset()
    missing = {claim.kind for claim in unsaid(text, brief) if claim.source == "catalog"}
    claims = claims_of(text, brief)
    found = {
        "mangled": _is_mangled(without_brand(text, brief.free_facts().brand or "")),
        "unknown_words": not words_in(text) <= {*words, *words_in(_names(brief))},
        "unsaid": bool(missing - set(optional)),
        "contradicted": any(one.verdict in ("contradicted", "unsupported") for one in claims),
        "no_noun": "product_type" not in optional and not _has_noun(text, brief),
        "replaced": description.replaced,
    }
    return frozenset(name for name, is_so in found.items() if is_so)


def words_in(text: str) -> set[str]:
    """The words of `text`, in lower case, without accents and numbers."""
    return {part for part in _parts(text) if part.isalpha()}


def words_of_briefs(briefs: Iterable[Brief]) -> set[str]:
    """The dictionary: all that the reader knows, and all that the writer says of the briefs."""
    found = set(known_words())
    for brief in briefs:
        if brief.labels().product_type not in PRODUCT_TYPES:
            continue
        labels, names = brief.labels(), brief.free_facts()
        for style in range(STYLE_COUNT):
            found |= words_in(paraphrase(labels, style, names))
        found |= words_in(detailed(labels, 0, names) + " " + detailed(labels, 1, names))
    return found


def left_unsaid(texts: Sequence[str], briefs: Sequence[Brief]) -> frozenset[str]:
    """The kinds that approved `texts` leave unsaid more often than they say them.

    Args:
        briefs: of the same photos.
    """
    told: Counter[str] = Counter()
    left: Counter[str] = Counter()
    for text, brief in zip(texts, briefs, strict=True):
        missing = {claim.kind for claim in unsaid(text, brief)} - stated_labels(text).keys()
        told.update(claim.kind for claim in brief.claims)
        left.update(missing)
    return frozenset(
        kind for kind, count in left.items() if count >= _LEAST_UNSAID and 2 * count > told[kind]
    )


def _is_mangled(text: str) -> bool:
    parts = [token.text for token in tokens(text)]
    words = [part for part in parts if part.isalnum()]
    repeated = any(one == other and one.isalnum() for one, other in pairwise(parts))
    often = any(count > _MOST_OF_ONE_WORD for count in Counter(words).values())
    return not words or repeated or often or unfilled(text)


def _parts(text: str) -> Iterator[str]:
    """Its words, cut at apostrophes: "men's" is known as "men"."""
    for token in tokens(text):
        yield token.text.partition("'")[0]


def _names(brief: Brief) -> str:
    """All that the brief holds, as one text."""
    return " ".join([brief.facts_text(), *(claim.value for claim in brief.claims)])


def _has_noun(text: str, brief: Brief) -> bool:
    if any(one.kind == "product_type" for one in mentions(text)) or _says_shoes(text):
        return True
    claim = brief.claim("product_type")
    return claim is not None and bool(words_in(claim.value) & words_in(text))


def _says_shoes(text: str) -> bool:
    return bool(words_in(text) & {"shoe", "shoes"})
