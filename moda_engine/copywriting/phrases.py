"""What the page's writer says beside the facts: tones, occasions, and adjectives of taste.

Nothing here states anything of an item that could be true or false. Occasions are those of a usage
that the brief holds; adjectives are taste, and each is in `words/taste.txt`.
"""

#: Colours that go with most others.
QUIET_COLOURS = frozenset(
    {"black", "white", "grey", "charcoal", "navy blue", "beige", "cream", "off-white", "brown"}
    | {"tan", "khaki", "taupe", "olive", "silver", "steel", "grey melange", "coffee brown"}
)
QUIET = ("quiet", "calm", "understated", "timeless", "easy", "simple", "classic", "composed")
LOUD = ("lively", "fresh", "bold", "cheerful", "confident", "vivid", "striking", "playful")
#: Words for a colour that cannot stand behind "in".
ADJECTIVE_COLOURS = frozenset({"multicoloured", "metallic", "nude", "skin", "steel"})
#: Usage → adjectives of taste that suit it; the empty usage stands for all others.
TASTE: dict[str, tuple[str, ...]] = {
    "": ("easy", "simple", "neat", "timeless", "fresh", "lovely", "pleasant", "modern"),
    "casual": ("easy", "effortless", "fresh", "simple", "unfussy", "pleasant", "laid-back"),
    "sports": ("lively", "fresh", "sharp", "confident", "bold", "no-nonsense", "dynamic"),
    "formal": ("polished", "refined", "sharp", "neat", "poised", "elegant", "composed"),
    "ethnic": ("graceful", "elegant", "charming", "refined", "lovely", "timeless"),
    "party": ("striking", "bold", "elegant", "charming", "playful", "glamorous"),
    "travel": ("easy", "simple", "unfussy", "neat"),
    "smart casual": ("neat", "polished", "easy", "refined"),
}
#: Usage → what such an item is for, each a whole noun phrase.
OCCASIONS: dict[str, tuple[str, ...]] = {
    "casual": (
        "days off",
        "slow mornings",
        "lunch with friends",
        "strolls through town",
        "afternoons in the park",
        "evenings at home",
        "trips to the cinema",
        "a walk by the river",
        "late breakfasts",
        "a day in the city",
        "catching up with friends",
        "unplanned afternoons",
    ),
    "sports": (
        "training",
        "practice",
        "match days",
        "drills",
        "an active afternoon",
        "an early start",
        "a round with the team",
        "the next session",
    ),
    "formal": (
        "meetings",
        "interviews",
        "presentations",
        "ceremonies",
        "a day of appointments",
        "dinners with clients",
        "receptions",
        "a speech",
    ),
    "ethnic": (
        "family gatherings",
        "festive days",
        "celebrations",
        "ceremonies",
        "an evening with guests",
        "a visit to relatives",
    ),
    "party": ("celebrations", "birthdays", "dinner with friends", "late evenings", "dancing"),
    "travel": ("trips", "journeys", "a few days away", "the road", "airports"),
    "smart casual": ("dinners", "galleries", "Friday meetings", "first dates", "open evenings"),
}
#: Pattern → what it is called as a noun.
PATTERN_NOUNS = {
    "printed": "print",
    "striped": "striped design",
    "checked": "checked design",
    "dotted": "dotted design",
}
PATTERN_EFFECTS = (
    "adds character",
    "catches the eye",
    "keeps things interesting",
    "makes the difference",
    "lifts the whole look",
    "does the talking",
    "adds a playful note",
    "brings it to life",
    "has a charm of its own",
    "sets it apart",
)
#: Items that are carried or worn beside clothes: a wallet is for casual days, not casual wear.
NOT_CLOTHES = frozenset(
    {"Watches", "Handbags", "Backpacks", "Rucksacks", "Laptop Bag", "Messenger Bag", "Duffel Bag"}
    | {"Waist Pouch", "Mobile Pouch", "Clutches", "Wallets", "Sunglasses", "Belts", "Cufflinks"}
    | {"Earrings", "Necklace and Chains", "Pendant", "Bracelet", "Bangle", "Ring", "Umbrellas"}
    | {"Jewellery Set", "Perfume and Body Mist", "Deodorant", "Fragrance Gift Set", "Nail Polish"}
    | {"Accessory Gift Set", "Lipstick", "Lip Gloss", "Kajal and Eyeliner", "Footballs"}
    | {"Basketballs", "Water Bottle", "Shoe Accessories"}
)
#: Items that nobody wears or carries as part of an outfit.
NOT_WORN = frozenset(
    {"Perfume and Body Mist", "Deodorant", "Fragrance Gift Set", "Accessory Gift Set"}
    | {"Nail Polish", "Lipstick", "Lip Gloss", "Kajal and Eyeliner", "Footballs", "Basketballs"}
    | {"Water Bottle", "Shoe Accessories", "Umbrellas", "Mobile Pouch"}
)


def is_worn(product_type: str | None) -> bool:
    """Whether the item is part of what somebody wears."""
    return product_type not in NOT_WORN


#: Items that are worn beneath others, or at home.
_UNSEEN = frozenset(
    {"Briefs", "Trunk", "Boxers", "Bra", "Innerwear Vests", "Stockings", "Nightdress", "Socks"}
    | {"Night suits", "Lounge Pants", "Lounge Shorts", "Camisoles"}
)


def is_shown(product_type: str | None) -> bool:
    """Whether the item is a part of an outfit that others see."""
    return is_worn(product_type) and product_type not in _UNSEEN


def is_clothing(product_type: str | None) -> bool:
    """Whether the item is clothes or shoes."""
    return product_type not in NOT_CLOTHES
