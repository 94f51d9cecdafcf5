"""The words that turn the meaning of those around them. All are read as phrases, longest first."""

#: What follows is not so: "not blue", "anything but blue".
NEGATORS = frozenset(
    {
        *("not", "no", "non", "never", "neither", "nor", "without", "minus", "lacks", "lacking"),
        *("isn't", "aren't", "wasn't", "weren't", "ain't", "doesn't", "don't", "didn't", "won't"),
        *("hasn't", "haven't", "can't", "cannot", "couldn't", "wouldn't", "shouldn't", "nothing"),
        *("anything but", "everything but", "rather than", "instead of", "far from", "free of"),
        *("free from", "other than", "except", "unlike", "devoid of", "no longer", "hardly"),
    }
)
#: Those that deny a noun, which the next preposition ends: "without a logo for sport".
NOUN_NEGATORS = frozenset(
    {"no", "without", "minus", "lacks", "lacking", "free of", "free from", "devoid of"}
)
#: A denial ends here: "not blue but green", "unlike this blue skirt".
CONTRASTS = frozenset(
    {
        *("but", "yet", "however", "instead", "although", "though", "while", "because", "so"),
        *("just", "only", "simply", "this", "these", "our"),
    }
)
#: Once something was denied, these begin another phrase: "no collar on a blue shirt".
PHRASE_STARTS = frozenset(
    {
        *("for", "on", "in", "with", "from", "by", "at", "to", "of", "around", "above", "below"),
        *("over", "under", "inside", "featuring", "including"),
        *("it", "it's", "they", "they're", "he", "she", "you", "we", "that", "which"),
        *("is", "are", "has", "have", "its", "your", "my", "their"),
    }
)
#: A list goes on behind these: "not blue, green or red".
ALTERNATIVES = frozenset({"or", "nor"})
ARTICLES = frozenset({"a", "an", "the", "any"})
SENTENCE_ENDS = frozenset({".", ";", ":", "!", "?", "(", ")", "—", "|"})

#: "Pair it with blue jeans": a verb of PAIRINGS, then one of ACCOMPANIMENTS.
PAIRINGS = frozenset(
    {
        *("pair", "pairs", "paired", "team", "teams", "teamed", "match", "matches", "goes"),
        *("wear", "worn", "style", "styled", "combine", "combines", "layer", "layers", "layered"),
        *("throw", "slip", "complete", "accessorise"),
    }
)
ACCOMPANIMENTS = frozenset({"with", "over", "under", "underneath", "beneath", "atop", "alongside"})
#: What follows is another item, or another make of this one, at once.
OTHERS = frozenset(
    {
        *(
            "go with",
            "great with",
            "good with",
            "perfect with",
            "best with",
            "well with",
            "lovely with",
        ),
        *("complements", "complement", "also available in", "also in", "also comes in"),
        *("other colours", "other colors"),
    }
)

#: What follows is likened to the item, and counts only if nothing else is said: "like a shirt".
COMPARISONS = frozenset({"like", "than", "as", "resembles", "reminiscent of", "inspired by"})
DEMONSTRATIVES = frozenset({"this", "these"})
#: The talk is of the item again: "For fans of blue this is red".
RETURNS = DEMONSTRATIVES | {"it", "is", "are"}
#: A noun behind these is part or purpose of the item: "a watch with a belt", "a belt for jeans".
ATTACHMENTS = frozenset({"with", "featuring", "including", "for", "on", "over", "under", "inside"})
#: ... but not behind these: "looking for a shirt".
SEEKING = frozenset(
    {"look", "looking", "go", "going", "shop", "shopping", "search", "searching", "opt", "ask"}
)

#: A noun before one of these only says which: "watch strap", "shirt collar".
HEAD_NOUNS = frozenset(
    {
        *("strap", "straps", "loop", "loops", "pocket", "pockets", "collar", "collars", "buckle"),
        *("buckles", "toe", "toes", "sleeve", "sleeves", "print", "prints", "motif", "motifs"),
        *(
            "pattern",
            "graphic",
            "style",
            "styled",
            "inspired",
            "box",
            "bag",
            "bags",
            "rack",
            "case",
        ),
        *("dial", "face", "laces", "polish", "hem", "cuff", "cuffs", "holder", "hanger", "fabric"),
        *("material", "tray", "stand", "sole", "soles", "lining", "length", "weight", "game"),
        *("jersey", "season", "team", "club", "lover", "lovers", "fan", "fans", "shaped", "detail"),
        *("shoes", "shoe", "tree", "hook", "pin", "piece", "coat", "suit"),
    }
)
#: Tied by a hyphen, these take a word back: "stripe-free", "rust-proof", "peach-scented".
UNDOING = frozenset(
    {"free", "less", "proof", "resistant", "friendly", "scented", "flavoured", "flavored", "based"}
)

#: All of them, for the lexicon: that a longer phrase is one, and no word of it anything else.
TURNING_PHRASES: frozenset[str] = (
    NEGATORS
    | CONTRASTS
    | PHRASE_STARTS
    | ALTERNATIVES
    | ARTICLES
    | ACCOMPANIMENTS
    | OTHERS
    | COMPARISONS
    | ATTACHMENTS
    | frozenset({"and"})
)
