"""How far a "not" reaches."""

from collections.abc import Sequence

from moda_engine.language import turns
from moda_engine.language.lexicon import Element, element_at, kinds
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
