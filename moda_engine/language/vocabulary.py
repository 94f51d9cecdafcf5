"""The words that a shop's labels stand for: what the writer writes, and the reader reads back.

Other people's words for the same labels are in `synonyms`. Labels are spelt as retailers export
them ("Tshirts"). A label that is not in a table is left out of what is written: a sentence never
holds a word that nobody chose.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Noun:
    """How a product type is named in a sentence."""

    text: str
    plural: bool = False
    #: The usage that the noun itself states: "casual shoes" need no further "casual".
    states_usage: str | None = None


PRODUCT_TYPES: dict[str, Noun] = {
    "Tshirts": Noun("T-shirt"),
    "Shirts": Noun("shirt"),
    "Tops": Noun("top"),
    "Tunics": Noun("tunic"),
    "Kurtas": Noun("kurta"),
    "Kurtis": Noun("kurti"),
    "Kurta Sets": Noun("kurta set"),
    "Sweaters": Noun("sweater"),
    "Sweatshirts": Noun("sweatshirt"),
    "Jackets": Noun("jacket"),
    "Blazers": Noun("blazer"),
    "Waistcoat": Noun("waistcoat"),
    "Shrug": Noun("shrug"),
    "Camisoles": Noun("camisole"),
    "Dresses": Noun("dress"),
    "Nightdress": Noun("nightdress"),
    "Rompers": Noun("romper"),
    "Sarees": Noun("saree"),
    "Lehenga Choli": Noun("lehenga choli"),
    "Dupatta": Noun("dupatta"),
    "Skirts": Noun("skirt"),
    "Trousers": Noun("trousers", plural=True),
    "Jeans": Noun("jeans", plural=True),
    "Track Pants": Noun("track pants", plural=True),
    "Lounge Pants": Noun("lounge pants", plural=True),
    "Lounge Shorts": Noun("lounge shorts", plural=True),
    "Capris": Noun("capris", plural=True),
    "Leggings": Noun("leggings", plural=True),
    "Tights": Noun("tights", plural=True),
    "Stockings": Noun("stockings", plural=True),
    "Salwar": Noun("salwar"),
    "Churidar": Noun("churidar"),
    "Patiala": Noun("patiala"),
    "Shorts": Noun("shorts", plural=True),
    "Tracksuits": Noun("tracksuit"),
    "Night suits": Noun("night suit"),
    "Clothing Set": Noun("clothing set"),
    "Swimwear": Noun("swimwear"),
    "Briefs": Noun("briefs", plural=True),
    "Trunk": Noun("trunks", plural=True),
    "Boxers": Noun("boxer shorts", plural=True),
    "Bra": Noun("bra"),
    "Innerwear Vests": Noun("vest"),
    "Socks": Noun("socks", plural=True),
    "Casual Shoes": Noun("casual shoes", plural=True, states_usage="Casual"),
    "Sports Shoes": Noun("sports shoes", plural=True, states_usage="Sports"),
    "Formal Shoes": Noun("formal shoes", plural=True, states_usage="Formal"),
    "Heels": Noun("heels", plural=True),
    "Flats": Noun("flats", plural=True),
    "Flip Flops": Noun("flip-flops", plural=True),
    "Sandals": Noun("sandals", plural=True),
    "Sports Sandals": Noun("sports sandals", plural=True, states_usage="Sports"),
    "Booties": Noun("booties", plural=True),
    "Boots": Noun("boots", plural=True),
    "Watches": Noun("watch"),
    "Handbags": Noun("handbag"),
    "Backpacks": Noun("backpack"),
    "Rucksacks": Noun("rucksack"),
    "Laptop Bag": Noun("laptop bag"),
    "Messenger Bag": Noun("messenger bag"),
    "Duffel Bag": Noun("duffel bag"),
    "Waist Pouch": Noun("waist pouch"),
    "Mobile Pouch": Noun("mobile pouch"),
    "Clutches": Noun("clutch"),
    "Wallets": Noun("wallet"),
    "Sunglasses": Noun("sunglasses", plural=True),
    "Belts": Noun("belt"),
    "Caps": Noun("cap"),
    "Hat": Noun("hat"),
    "Headband": Noun("headband"),
    "Ties": Noun("tie"),
    "Scarves": Noun("scarf"),
    "Stoles": Noun("stole"),
    "Mufflers": Noun("muffler"),
    "Gloves": Noun("gloves", plural=True),
    "Cufflinks": Noun("cufflinks", plural=True),
    "Umbrellas": Noun("umbrella"),
    "Earrings": Noun("earrings", plural=True),
    "Necklace and Chains": Noun("necklace"),
    "Pendant": Noun("pendant"),
    "Bracelet": Noun("bracelet"),
    "Bangle": Noun("bangle"),
    "Ring": Noun("ring"),
    "Jewellery Set": Noun("jewellery set"),
    "Perfume and Body Mist": Noun("perfume"),
    "Deodorant": Noun("deodorant"),
    "Fragrance Gift Set": Noun("fragrance gift set"),
    "Accessory Gift Set": Noun("gift set"),
    "Nail Polish": Noun("nail polish"),
    "Lipstick": Noun("lipstick"),
    "Lip Gloss": Noun("lip gloss"),
    "Kajal and Eyeliner": Noun("eyeliner"),
    "Footballs": Noun("football"),
    "Basketballs": Noun("basketball"),
    "Water Bottle": Noun("water bottle"),
    "Shoe Accessories": Noun("shoe accessory"),
}

_COLOUR_LABELS = [
    "Black",
    "White",
    "Grey",
    "Silver",
    "Steel",
    "Charcoal",
    "Blue",
    "Red",
    "Green",
    "Olive",
    "Yellow",
    "Mustard",
    "Gold",
    "Orange",
    "Peach",
    "Rust",
    "Pink",
    "Magenta",
    "Purple",
    "Lavender",
    "Mauve",
    "Brown",
    "Tan",
    "Khaki",
    "Beige",
    "Cream",
    "Copper",
    "Bronze",
    "Maroon",
    "Burgundy",
    "Teal",
    "Taupe",
    "Nude",
    "Skin",
    "Metallic",
]

#: Label of a colour -> how it is written.
COLOURS: dict[str, str] = {label: label.lower() for label in _COLOUR_LABELS} | {
    "Navy Blue": "navy blue",
    "Turquoise Blue": "turquoise blue",
    "Off White": "off-white",
    "Sea Green": "sea green",
    "Lime Green": "lime green",
    "Fluorescent Green": "fluorescent green",
    "Mushroom Brown": "mushroom brown",
    "Coffee Brown": "coffee brown",
    "Grey Melange": "grey melange",
    "Multi": "multicoloured",
}

#: Colours that people and labels mix up. A family is counted apart from the exact label.
COLOUR_FAMILIES: tuple[frozenset[str], ...] = tuple(
    frozenset(family)
    for family in (
        ("Black", "Charcoal"),
        ("White", "Off White", "Cream"),
        ("Grey", "Silver", "Steel", "Charcoal", "Grey Melange", "Metallic"),
        ("Blue", "Navy Blue", "Turquoise Blue", "Teal"),
        ("Red", "Maroon", "Burgundy", "Rust"),
        ("Green", "Olive", "Sea Green", "Lime Green", "Fluorescent Green", "Teal"),
        ("Yellow", "Mustard", "Gold"),
        ("Orange", "Peach", "Rust"),
        ("Pink", "Magenta", "Peach", "Mauve"),
        ("Purple", "Lavender", "Mauve"),
        ("Brown", "Tan", "Coffee Brown", "Mushroom Brown", "Copper", "Bronze", "Rust"),
        ("Beige", "Cream", "Skin", "Nude", "Taupe", "Khaki", "Tan", "Mushroom Brown"),
    )
)

GENDERS: dict[str, str] = {
    "Men": "men",
    "Women": "women",
    "Boys": "boys",
    "Girls": "girls",
    "Unisex": "men and women",
}

USAGES: dict[str, str] = {
    "Casual": "casual",
    "Sports": "sports",
    "Formal": "formal",
    "Ethnic": "ethnic",
    "Party": "party",
    "Travel": "travel",
    "Smart Casual": "smart casual",
}

#: Solid is not said: nobody calls a plain shirt plain.
PATTERNS: dict[str, str] = {
    "Printed": "printed",
    "Striped": "striped",
    "Checked": "checked",
    "Dotted": "dotted",
}

#: Kind of detail -> label -> words after "with". Two kinds never share a phrase.
DETAILS: dict[str, dict[str, str]] = {
    "sleeves": {
        "Short Sleeves": "short sleeves",
        "Long Sleeves": "long sleeves",
        "Three-Quarter Sleeves": "three-quarter sleeves",
        "Sleeveless": "no sleeves",
    },
    "neck": {
        "Round Neck": "a round neck",
        "V-Neck": "a V-neck",
        "Scoop Neck": "a scoop neck",
        "Boat Neck": "a boat neck",
        "Square Neck": "a square neck",
        "Polo Collar": "a polo collar",
        "Mandarin Collar": "a mandarin collar",
        "Spread Collar": "a spread collar",
        "Stand Collar": "a stand collar",
        "Turtle Neck": "a turtleneck",
        "Hooded": "a hood",
    },
    "toe": {"Open Toe": "open toes", "Pointed Toe": "pointed toes"},
    "fastening": {
        "Lace-Ups": "laces",
        "Velcro": "Velcro straps",
        "Ankle Loop": "an ankle loop",
        "Zip": "a zip",
        "Buttoned": "buttons",
    },
    "display": {"Analogue": "an analogue dial", "Digital": "a digital display"},
}

#: Product types that are worn on feet; their details are toe and fastening.
FOOTWEAR = frozenset(
    {"Casual Shoes", "Sports Shoes", "Formal Shoes", "Heels", "Flats", "Flip Flops", "Sandals"}
    | {"Sports Sandals", "Booties", "Boots"}
)

#: Product types with sleeves and a neck, or without sleeves.
_TOPS = frozenset(
    {"Tshirts", "Shirts", "Tops", "Tunics", "Kurtas", "Kurtis", "Kurta Sets", "Sweaters"}
    | {"Sweatshirts", "Jackets", "Blazers", "Waistcoat", "Shrug", "Camisoles", "Dresses"}
    | {"Nightdress", "Rompers", "Lehenga Choli", "Tracksuits", "Night suits", "Clothing Set"}
    | {"Swimwear", "Innerwear Vests"}
)
#: Tops that open in front. A placket is no fastening worth a word.
_OPEN_TOPS = frozenset(
    {"Sweaters", "Sweatshirts", "Jackets", "Blazers", "Waistcoat", "Tracksuits", "Rompers"}
)
#: Product types for the legs.
_BOTTOMS = frozenset(
    {"Skirts", "Trousers", "Jeans", "Track Pants", "Lounge Pants", "Lounge Shorts", "Capris"}
    | {"Shorts", "Salwar"}
)
#: Footwear whose toes a photo shows open or pointed.
_SHOWS_TOES = frozenset({"Heels", "Flats", "Sandals", "Flip Flops"})
#: Other things with a pattern, if they have one: cloth.
_PATTERNED = frozenset(
    {"Sarees", "Dupatta", "Leggings", "Tights", "Stockings", "Churidar", "Patiala", "Briefs"}
    | {"Trunk", "Boxers", "Bra", "Socks", "Ties", "Scarves", "Stoles", "Mufflers", "Umbrellas"}
    | {"Handbags", "Backpacks", "Rucksacks", "Clutches"}
)


def details_of_type(product_type: str | None) -> frozenset[str]:
    """The kinds of detail that an item of this type may have; all for an unknown type."""
    if product_type not in PRODUCT_TYPES:
        return frozenset(DETAILS)
    if product_type in FOOTWEAR:
        return frozenset({"toe", "fastening"})
    if product_type in _TOPS:
        return frozenset({"sleeves", "neck", "fastening"})
    if product_type in _BOTTOMS:
        return frozenset({"fastening"})
    return frozenset({"display"}) if product_type == "Watches" else frozenset()


#: Nobody wears these "for casual wear".
_NOT_WORN = frozenset(
    {
        "Perfume and Body Mist",
        "Deodorant",
        "Fragrance Gift Set",
        "Accessory Gift Set",
        "Nail Polish",
        "Lipstick",
        "Lip Gloss",
        "Kajal and Eyeliner",
    }
)


def kinds_seen_of_type(product_type: str | None) -> frozenset[str]:
    """The kinds of claim that a photo of an item of this type can show; all for an unknown type.

    The stripes of a shoe are no pattern, the placket of a shirt is no fastening worth a word, and
    nail polish is for no occasion.
    """
    kinds = {"product_type", "colour", "gender", "usage", "pattern"} | details_of_type(product_type)
    if product_type not in PRODUCT_TYPES:
        return frozenset(kinds)
    if product_type not in _TOPS | _BOTTOMS | _PATTERNED:
        kinds -= {"pattern"}
    if product_type in _TOPS - _OPEN_TOPS:
        kinds -= {"fastening"}
    if product_type in FOOTWEAR - _SHOWS_TOES:
        kinds -= {"toe"}
    if product_type in _NOT_WORN:
        kinds -= {"usage"}
    return frozenset(kinds)


def phrase(kind: str, label: str) -> str:
    """A label by itself, as the text tower is asked about it: "for boys", "a round neck"."""
    if kind == "product_type":
        return PRODUCT_TYPES[label].text
    if kind == "gender":
        return f"for {GENDERS[label]}"
    if kind == "usage":
        return f"for {USAGES[label]} wear"
    if kind == "pattern":
        return f"{PATTERNS.get(label, 'plain')} pattern"
    return COLOURS[label] if kind == "colour" else DETAILS[kind][label]


#: Kind -> the labels that exclude each other, for all kinds that a text may state.
ALTERNATIVES: dict[str, tuple[str, ...]] = {
    "product_type": tuple(PRODUCT_TYPES),
    "colour": tuple(COLOURS),
    "gender": tuple(GENDERS),
    "usage": tuple(USAGES),
    "pattern": ("Solid", *PATTERNS),
    **{kind: tuple(labels) for kind, labels in DETAILS.items()},
}
