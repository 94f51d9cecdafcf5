"""Other people's words for the labels of `vocabulary`: read, never written.

Nouns are given in the singular where there is one; the lexicon adds plurals. `*` stands for one
word of no meaning to the reader ("long raglan sleeves"). A word that shops use for several labels
("purse", "oxfords") is in no table: nothing is stated.
"""

PRODUCT_TYPE_SYNONYMS: dict[str, tuple[str, ...]] = {
    "Tshirts": ("tshirt", "tee", "tee shirt"),
    "Tops": ("blouse",),
    "Sweaters": ("jumper", "pullover", "cardigan"),
    "Sweatshirts": ("sweat shirt",),
    "Jackets": ("parka", "anorak", "windbreaker", "windcheater"),
    "Dresses": ("frock", "gown", "sundress", "shirtdress", "minidress"),
    "Nightdress": ("night dress", "nightgown", "nightie"),
    "Rompers": ("romper suit",),
    "Sarees": ("sari",),
    "Lehenga Choli": ("lehenga",),
    "Trousers": ("pants", "chinos", "slacks"),
    "Jeans": ("jean",),
    "Track Pants": ("track pant", "trackpants", "joggers", "jogger pants"),
    "Capris": ("capri pants", "capri"),
    "Leggings": ("legging",),
    "Night suits": ("nightsuit", "pyjama set", "pajama set"),
    "Boxers": ("boxers",),
    "Swimwear": ("swimsuit", "swimming costume", "bikini"),
    "Innerwear Vests": ("innerwear vest",),
    "Socks": ("sock",),
    "Casual Shoes": ("sneaker", "loafer", "canvas shoes"),
    "Sports Shoes": ("sport shoes", "trainers", "running shoes", "running shoe"),
    "Formal Shoes": ("dress shoes", "dress shoe"),
    "Heels": ("heeled shoes", "stiletto", "pumps", "wedges", "court shoes"),
    "Flats": ("flat shoes", "ballerinas", "ballet pumps"),
    "Flip Flops": ("flip flop", "slippers"),
    "Sandals": ("sandal", "floaters"),
    "Sports Sandals": ("sports sandal", "sport sandals"),
    "Booties": ("bootie",),
    "Boots": ("boot",),
    "Watches": ("wristwatch", "wrist watch", "timepiece"),
    "Handbags": ("hand bag", "tote", "tote bag", "sling bag", "shoulder bag"),
    "Backpacks": ("back pack",),
    "Duffel Bag": ("duffle bag",),
    "Clutches": ("clutch bag",),
    "Caps": ("baseball cap",),
    "Ties": ("necktie", "bow tie"),
    "Gloves": ("glove",),
    "Cufflinks": ("cufflink", "cuff links"),
    "Earrings": ("earring",),
    "Necklace and Chains": ("neck chain",),
    "Jewellery Set": ("jewelry set",),
    "Perfume and Body Mist": ("body mist", "eau de parfum", "eau de toilette"),
    "Deodorant": ("deo",),
    "Accessory Gift Set": ("accessory gift set",),
    "Kajal and Eyeliner": ("kajal",),
}

COLOUR_SYNONYMS: dict[str, tuple[str, ...]] = {
    "Navy Blue": ("navy",),
    "Blue": ("azure", "cobalt", "indigo"),
    "Turquoise Blue": ("turquoise",),
    "Grey": ("gray",),
    "Grey Melange": ("gray melange", "melange grey", "heather grey"),
    "Gold": ("golden", "rose gold"),
    "Yellow": ("golden yellow",),
    "Brown": ("golden brown",),
    "Red": ("scarlet", "crimson"),
    "Pink": ("fuchsia",),
    "Purple": ("violet",),
    "Lavender": ("lilac",),
    "Khaki": ("khaki green", "khaki brown"),
    "Lime Green": ("lime",),
    "Fluorescent Green": ("neon green",),
    "Off White": ("ivory", "ecru"),
    "Multi": (
        "multicolor",
        "multicolored",
        "multicolour",
        "multi color",
        "multi colored",
        "multi colour",
        "multi coloured",
        "rainbow coloured",
    ),
}

GENDER_SYNONYMS: dict[str, tuple[str, ...]] = {
    "Men": ("men's", "mens", "man's", "menswear", "gents", "gent's", "gentlemen", "male", "guys"),
    "Women": ("women's", "womens", "woman's", "womenswear", "ladies", "lady's", "female"),
    "Boys": ("boy's", "kids boy"),
    "Girls": ("girl's", "kids girl"),
    "Unisex": ("unisex", "him and her", "her and him", "his and hers", "everyone"),
}

#: One person stands for all ("for the man who runs"), but only behind "for": "a print of a girl".
PERSONS: dict[str, str] = {
    "man": "Men",
    "gentleman": "Men",
    "him": "Men",
    "woman": "Women",
    "lady": "Women",
    "her": "Women",
    "boy": "Boys",
    "girl": "Girls",
}

USAGE_SYNONYMS: dict[str, tuple[str, ...]] = {
    "Casual": ("casuals", "informal", "leisure", "everyday", "weekend", "weekends", "day to day"),
    "Sports": ("sporty", "sport", "athletic", "sportswear", "activewear", "gym", "workout"),
    "Formal": ("formals", "office", "business", "for work", "to work", "from work", "at work"),
    "Ethnic": ("traditional",),
    "Party": ("partywear", "parties", "night out", "nights out"),
    "Travel": ("travelling", "traveling"),
    "Smart Casual": ("semi formal", "business casual"),
}

PATTERN_SYNONYMS: dict[str, tuple[str, ...]] = {
    "Solid": ("solid", "plain", "unpatterned"),
    "Printed": ("print", "prints", "graphic", "digital print", "digitally printed"),
    "Striped": ("stripe", "stripes", "stripy", "pinstriped", "pinstripe", "pinstripes"),
    "Checked": ("check", "checks", "chequered", "checkered", "plaid", "tartan", "gingham"),
    "Dotted": ("dots", "polka dot", "polka dots", "spotted", "spots"),
}

DETAIL_SYNONYMS: dict[str, dict[str, tuple[str, ...]]] = {
    "sleeves": {
        "Short Sleeves": (
            *("short sleeve", "short sleeved", "half sleeves", "half sleeve", "half sleeved"),
            *("short * sleeves", "half * sleeves"),
        ),
        "Long Sleeves": (
            *("long sleeve", "long sleeved", "full sleeves", "full sleeve", "full sleeved"),
            *("long * sleeves", "full * sleeves"),
        ),
        "Three-Quarter Sleeves": (
            *("three quarter sleeve", "three quarter sleeved", "three quarter length sleeves"),
            *("3/4 sleeves", "3/4 sleeve", "3/4th sleeves", "quarter sleeves"),
        ),
        "Sleeveless": ("sleeveless", "without sleeves"),
    },
    "neck": {
        "Round Neck": ("round necked", "round neckline", "crew neck", "crew necked", "crewneck"),
        "V-Neck": ("v necked", "v neckline", "vneck", "v shaped neck"),
        "Scoop Neck": ("scoop neckline", "scooped neck"),
        "Boat Neck": ("boat neckline", "bateau neck"),
        "Square Neck": ("square neckline",),
        "Polo Collar": ("polo neck",),
        "Mandarin Collar": ("chinese collar",),
        "Spread Collar": ("shirt collar", "button down collar"),
        "Stand Collar": ("stand up collar", "standing collar"),
        "Turtle Neck": ("turtle neck", "roll neck"),
        "Hooded": ("hooded",),
    },
    "toe": {
        "Open Toe": ("open toe", "open toed"),
        "Pointed Toe": ("pointed toe", "pointed toed", "pointy toes"),
    },
    "fastening": {
        "Lace-Ups": ("lace up", "lace ups", "laced up", "shoelaces"),
        "Velcro": ("velcro", "velcro strap"),
        "Ankle Loop": ("ankle loops",),
        "Zip": ("zips", "zipper", "zippered", "zipped", "zip up"),
        "Buttoned": (
            *("buttoned", "button up", "button front", "button placket"),
            *("button closure", "button fastening"),
        ),
    },
    "display": {
        "Analogue": ("analogue", "analog dial", "analog", "analogue display", "analog display"),
        "Digital": ("digital",),
    },
}

#: Words that state two things at once.
COMPOSITES: dict[str, tuple[tuple[str, str], ...]] = {
    phrase: (("product_type", label), ("neck", neck))
    for phrase, label, neck in (
        ("hoodie", "Sweatshirts", "Hooded"),
        ("hoody", "Sweatshirts", "Hooded"),
        ("polo", "Tshirts", "Polo Collar"),
        ("polo shirt", "Tshirts", "Polo Collar"),
        ("polo tee", "Tshirts", "Polo Collar"),
        ("polo t shirt", "Tshirts", "Polo Collar"),
        ("polo tshirt", "Tshirts", "Polo Collar"),
    )
}
