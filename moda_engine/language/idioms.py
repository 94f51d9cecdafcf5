"""Phrases that hold a word of `vocabulary` or `synonyms` and do not mean it: read as nothing.

The reader knows no brands and tells no names from words ("Olive Street" is olive); the few names
here are those of shoes, bands and figures that shops print most. A word inside a longer word
("bluebell", "boyfriend") needs no entry.
"""

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
