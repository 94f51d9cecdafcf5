"""Words that turn the meaning of those around them, and idioms that mean nothing to the reader.

All are read as phrases, longest first. The reader knows no brands and tells no names from words
("Olive Street" is olive); the few names here are those of shoes, bands and figures that shops print
most. A word inside a longer word ("bluebell", "boyfriend") needs no entry.
"""

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


#: Things named after a colour, or that a colour is named after.
_THINGS = (
    *("orange juice", "orange peel", "orange blossom", "orange zest"),
    *("olive oil", "olive branch", "olive tree", "olive leaf"),
    *("cream cheese", "cream cake", "ice cream", "whipped cream", "face cream", "cream soda"),
    *("peach cobbler", "peach tree", "peach melba", "peach finish"),
    *("lavender field", "lavender fields", "lavender oil", "mustard seed", "mustard field"),
    *("lime juice", "green tea", "black tea", "black coffee", "red wine", "brown sugar"),
    *("gold standard", "gold medal", "golden rule", "golden hour", "golden retriever"),
    *("good as gold", "silver lining", "silver screen", "bronze medal", "stainless steel"),
    *("copper wire", "charcoal drawing", "blue whale", "blue moon", "blue chip", "blue sky"),
    *("red carpet", "red cross", "red hot", "green light", "green house", "white noise"),
    *("white lie", "black friday", "black market", "black hole", "grey area", "pink panther"),
    *("tan line", "tan lines", "black tie event", "black tie dinner", "black tie evening"),
    *("on skin", "the skin", "your skin", "against skin", "bare skin", "sensitive skin"),
    *(
        "skin friendly",
        "skin tight",
        "skin fit",
        "skin care",
        "dry skin",
        "oily skin",
        "second skin",
        "snake skin",
    ),
)

_NAMES = (
    *("red tape", "red chief", "red rose", "red bull", "pacific gold", "pink floyd"),
    *("pepe jeans", "kraus jeans", "ice watch", "mr men", "mad men", "beach boys"),
    *("backstreet boys", "spice girls", "powerpuff girls", "polo assn", "polo ralph lauren"),
)

#: Nouns of clothes used as verbs or as parts of other words.
_OTHER_USES = (
    *("dress up", "dress it up", "dress down", "dress it down", "dress code", "dress to impress"),
    *("top it off", "top off", "on top", "over the top", "top quality", "top notch", "top stitch"),
    *("top stitching", "high top", "high tops", "low top", "low tops", "top of the line"),
    *(
        "watch out",
        "watch the",
        "watch your",
        "watch this",
        "ring the changes",
        "stole the show",
        "hats off",
        "shrug off",
    ),
    *(
        "tie up",
        "ties up",
        "tie dye",
        "tie dyed",
        "tie waist",
        "tie detail",
        "ties at the",
        "tie at the",
    ),
    *("ties around", "head over heels", "key ring", "d ring", "o ring", "ring spun"),
    *("cap sleeves", "cap sleeve", "cap toe", "boot cut", "life jacket"),
    *("boy shorts", "boy cut", "man made", "boys will be boys"),
)

_PATTERNS_AND_DETAILS = (
    *("check out", "check it", "check our", "check this", "fine print", "hot spots"),
    *("solid gold", "solid wood", "solid silver", "plain weave", "plain sailing"),
    *("zip pocket", "zip pockets", "zipped pocket", "zipped pockets", "zipper pocket"),
    *("zipper pockets", "button down", "digital age"),
)

_USAGES = (*("sports a", "sports an", "sports the", "sports its", "good sport", "third party"),)

#: Words that would turn the sentence, in company where they do not.
_TURNS = (
    *(
        "not only",
        "not just",
        "not merely",
        "not simply",
        "nothing but",
        "nothing says",
        "nothing beats",
        "no one",
        "no doubt",
        "no show",
        "no wonder",
    ),
    *("no matter", "no less", "why not", "can't go wrong", "cannot go wrong", "as well as"),
    *("as well", "such as", "as always", "last but not least", "would like", "you'll like"),
    *("pair of", "pairs of", "match day", "tie the knot", "don't miss", "don't forget"),
    *("don't wait", "can't wait"),
)

IDIOMS: tuple[str, ...] = (
    *_THINGS,
    *_NAMES,
    *_OTHER_USES,
    *_PATTERNS_AND_DETAILS,
    *_USAGES,
    *_TURNS,
)
