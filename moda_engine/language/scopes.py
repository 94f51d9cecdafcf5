"""What a text states, and of what: one pass over its elements, with the words that turn them.

- **Denied** things are not stated ("not blue"); `Denial` says how far a "not" reaches.
- **Other items** neither ("pair it with blue jeans"): up to the end of the sentence, "for" or
  "this", and a dozen words at most, because prose may lack its full stops.
- **Likened** ("like", "than"), up to a comma or "this": counts if the text itself names no type.
- **Attached** nouns ("with a belt", "for jeans"): count if the text names no other.
- **A noun before a noun** only says which ("shirt dress", "watch strap"), as does one that a hyphen
  ties to the next word ("top-rated").
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from moda_engine.language import turns
from moda_engine.language.lexicon import SHOES, Element, Statement, element_at, kinds
from moda_engine.language.synonyms import PERSONS
from moda_engine.language.vocabulary import DETAILS

_WORDS_TO_DENIED = 4
_LIST_REACH = 8
_LIST_ENDS = turns.CONTRASTS | turns.PHRASE_STARTS | turns.SENTENCE_ENDS | {"and"}


class Denial:
    """Whether what stands at a position is denied, element by element.

    From a negator up to the end of the sentence, a contrast ("but"), a comma or "and". It goes on
    through a list that an "or" ends, and through an "and" between two words of one kind ("not
    black and white"). Once something was denied, the next phrase ends it too ("no collar on a
    shirt"). Twice denied is stated; a denial that meets nothing within four words is void.
    """

    def __init__(self, elements: Sequence[Element]) -> None:
        self._elements = elements
        self.end()

    def end(self) -> None:
        """Deny nothing, as at the beginning of a sentence."""
        self.active = False
        self._met_something = False
        self._idle_words = 0
        #: Of a noun ("without a logo"), or of the one word tied to it ("no-fuss").
        self._of_noun = self._of_tied_word = False

    def denies(self) -> bool:
        """Whether the statement that comes now is denied."""
        denied = self.active
        self._met_something = self._met_something or denied
        if self._of_tied_word:
            self.end()
        return denied

    def pass_word(self, position: int) -> None:
        """Let the word or mark at `position` begin, end or wear out a denial."""
        text = self._elements[position].text
        if text in turns.NEGATORS:
            twice = self.active and not self._met_something and text != "nor"
            self.end()
            self.active = not twice
            self._of_noun = text in turns.NOUN_NEGATORS
            self._of_tied_word = element_at(self._elements, position + 1).tied
        elif self.active and self._ends(position, text):
            self.end()

    def _ends(self, position: int, text: str) -> bool:
        if text == ",":
            return not self._list_goes_on(position)
        if text == "and":
            return not self._joins_denied(position)
        if text in turns.PHRASE_STARTS and self._met(text):
            return True
        self._idle_words += text not in turns.ARTICLES and not self._met_something
        worn_out = self._idle_words > _WORDS_TO_DENIED
        return text in turns.CONTRASTS or self._of_tied_word or worn_out

    def _met(self, text: str) -> bool:
        """Whether it has met what it denies, be it a word that means nothing to the reader."""
        unknown_noun = self._of_noun and self._idle_words > 0 and text != "of"
        return self._met_something or unknown_noun

    def _list_goes_on(self, position: int) -> bool:
        """Whether an "or" ends the list that the comma at `position` is in."""
        for element in self._elements[position + 1 : position + 1 + _LIST_REACH]:
            if element.text in turns.ALTERNATIVES:
                return True
            if element.text in _LIST_ENDS:
                return False
        return False

    def _joins_denied(self, position: int) -> bool:
        """Whether the "and" at `position` joins two words of one kind; details never are."""
        after = position + 1
        while element_at(self._elements, after).text in turns.ARTICLES:
            after += 1
        before_kinds = kinds(element_at(self._elements, position - 1)) - DETAILS.keys()
        return bool(before_kinds & kinds(element_at(self._elements, after)))


#: How many elements away the words of one turn may stand, and how far the turn reaches.
_AS_REACH = 4
_PAIRING_REACH = 8
_COMPANY_REACH = 12
_TYPE_KINDS = {"product_type", SHOES[0]}
_OF_WEARER = {"gender", "usage"}
_AFTER_HER = {"and", "or", "in", "with", "who", "by", "this", "on"}


@dataclass(frozen=True)
class Stated:
    """A statement, where it stands, and whether it is of what the item is like or comes with."""

    statement: Statement
    position: int
    likened: bool = False
    attached: bool = False


def stated(elements: Sequence[Element]) -> Iterator[Stated]:
    """The statements of `elements` that hold, in order."""
    scope = _Scope(elements)
    for position, element in enumerate(elements):
        if not element.statements:
            wearer = scope.wearer(position)
            if wearer:
                yield Stated(("gender", wearer), position, scope.likened)
            scope.pass_word(position)
        elif scope.holds(position):
            for statement in element.statements:
                is_type = statement[0] in _TYPE_KINDS
                if is_type and _says_which(elements, position):
                    continue
                if statement[0] == "gender" and element.tied:
                    continue  # "X-Men"
                yield Stated(statement, position, scope.likened, is_type and scope.attached)


def _says_which(elements: Sequence[Element], position: int) -> bool:
    """Whether the noun at `position` only says which kind of the next noun."""
    following = element_at(elements, position + 1)
    if kinds(following) & _TYPE_KINDS:
        return True
    tied = following.tied and not following.statements and following.text not in {"and", "or"}
    return tied or following.text.split()[0] in turns.HEAD_NOUNS


class _Scope:
    """Which turns are in force, element by element."""

    def __init__(self, elements: Sequence[Element]) -> None:
        self._elements = elements
        self._denial = Denial(elements)
        self._begin_sentence()

    def _begin_sentence(self) -> None:
        self._denial.end()
        self.likened = self.attached = self._for_someone = False
        #: Up to which position a verb may take another item, and statements are of that item.
        self._pairing_until = self._company_until = -1

    def holds(self, position: int) -> bool:
        """Whether the statements at `position` are of the item, and not denied."""
        element, following = self._elements[position], element_at(self._elements, position + 1)
        undone = following.tied and following.text in turns.UNDOING
        of_another = position <= self._company_until and not kinds(element) & _OF_WEARER
        return not (self._denial.denies() or undone or of_another)

    def wearer(self, position: int) -> str | None:
        """The gender that a word for one person stands for, behind "for"."""
        element, following = self._elements[position], element_at(self._elements, position + 1)
        if not self._for_someone or self._denial.active or element.tied:
            return None
        if element.text == "her" and following.text.isalpha() and following.text not in _AFTER_HER:
            return None  # "for her birthday"
        return PERSONS.get(element.text)

    def pass_word(self, position: int) -> None:
        """Let the word or mark at `position` turn what follows."""
        text = self._elements[position].text
        if text in turns.SENTENCE_ENDS:
            self._begin_sentence()
            return
        self._denial.pass_word(position)
        self._pass_company(position, text)
        if text == "," or text in turns.RETURNS:
            self.likened = self.attached = False
        if text == ",":
            self._for_someone = False
        if text in turns.COMPARISONS and not self._measures(position, text):
            self.likened = True
        if text in turns.ATTACHMENTS:
            before = element_at(self._elements, position - 1).text
            self.attached = not (text == "for" and before in turns.SEEKING)
            self._for_someone = text == "for"

    def _measures(self, position: int, text: str) -> bool:
        """Whether this is the first "as" of "as blue as the sea", which says that it is blue."""
        after = self._elements[position + 1 : position + 1 + _AS_REACH]
        return text == "as" and any(element.text == "as" for element in after)

    def _pass_company(self, position: int, text: str) -> None:
        """Begin or end what is said of another item."""
        if text in {",", "for"}:
            self._pairing_until = -1
        if text == "for" or text in turns.DEMONSTRATIVES:
            self._company_until = -1
        pairs = position <= self._pairing_until and text in turns.ACCOMPANIMENTS
        if pairs or text in turns.OTHERS:
            self._company_until = position + _COMPANY_REACH
        if text in turns.PAIRINGS and self._is_verb(position):
            self._pairing_until = position + _PAIRING_REACH

    def _is_verb(self, position: int) -> bool:
        """Whether a word of PAIRINGS is a verb, not a noun as in "casual wear" or "the match"."""
        before = element_at(self._elements, position - 1)
        return before.text not in turns.ARTICLES and "usage" not in kinds(before)
