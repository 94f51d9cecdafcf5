"""The forty products that a newcomer sees in the demo shop."""

from dataclasses import dataclass

from moda_engine.drawings.specification import DrawingSpecification


@dataclass(frozen=True)
class DemoProduct:
    """One product of the demo shop. Brands are invented; titles leave the colour unsaid."""

    sku: str
    title: str
    brand: str
    category: str
    specification: DrawingSpecification


_CATEGORIES = {
    "Tshirts": "Tops", "Shirts": "Tops", "Sweaters": "Knitwear", "Jackets": "Outerwear",
    "Dresses": "Dresses", "Skirts": "Bottoms", "Trousers": "Bottoms", "Jeans": "Bottoms",
    "Shorts": "Bottoms", "Sports Shoes": "Footwear", "Boots": "Footwear", "Sandals": "Footwear",
    "Handbags": "Bags", "Backpacks": "Bags", "Caps": "Accessories",
}

_Row = tuple[str, str, str, str, str, str | None, str]

# Title, brand, product type, colour, pattern, second colour, details as "name=label" pairs.
_ROWS: tuple[_Row, ...] = (
    ("Harbour crew T-shirt", "Northlane", "Tshirts", "Navy Blue", "Striped", "White",
     "sleeve_length=Short Sleeves;neck=Round Neck"),
    ("Everyday V-neck T-shirt", "Wren & Co", "Tshirts", "White", "Solid", None,
     "sleeve_length=Short Sleeves;neck=V-Neck"),
    ("Clubhouse polo", "Northlane", "Tshirts", "Green", "Solid", None,
     "sleeve_length=Short Sleeves;neck=Polo Neck"),
    ("Studio long-sleeved T-shirt", "Fathom", "Tshirts", "Grey", "Solid", None,
     "sleeve_length=Long Sleeves;neck=Round Neck"),
    ("Oxford work shirt", "Alder Row", "Shirts", "Blue", "Solid", None,
     "sleeve_length=Long Sleeves;collar=Spread Collar;closure=Buttoned;pocket=Chest Pocket"),
    ("Lumber Saturday shirt", "Alder Row", "Shirts", "Red", "Checked", "Black",
     "sleeve_length=Long Sleeves;collar=Spread Collar;closure=Buttoned;pocket=Chest Pocket"),
    ("Ticking short-sleeved shirt", "Wren & Co", "Shirts", "White", "Striped", "Navy Blue",
     "sleeve_length=Short Sleeves;collar=Spread Collar;closure=Buttoned;pocket=No Pocket"),
    ("Collarless linen shirt", "Marlow Thread", "Shirts", "Beige", "Solid", None,
     "sleeve_length=Long Sleeves;collar=Mandarin Collar;closure=Buttoned;pocket=No Pocket"),
    ("Garden party dress", "Wren & Co", "Dresses", "Yellow", "Dotted", "White",
     "sleeve_length=Sleeveless;neck=Round Neck;length=Knee Length;waist=Belted"),
    ("Evening column dress", "Odette Vale", "Dresses", "Black", "Solid", None,
     "sleeve_length=Long Sleeves;neck=V-Neck;length=Maxi;waist=Seamed"),
    ("Terrace tea dress", "Odette Vale", "Dresses", "Red", "Dotted", "White",
     "sleeve_length=Short Sleeves;neck=V-Neck;length=Knee Length;waist=Seamed"),
    ("Seaside sundress", "Wren & Co", "Dresses", "Blue", "Striped", "White",
     "sleeve_length=Sleeveless;neck=V-Neck;length=Maxi;waist=Belted"),
    ("Courtyard mini dress", "Odette Vale", "Dresses", "Pink", "Solid", None,
     "sleeve_length=Short Sleeves;neck=Round Neck;length=Mini;waist=Seamed"),
    ("Pleated tennis skirt", "Fathom", "Skirts", "White", "Solid", None,
     "length=Mini;shape=Pleated"),
    ("Highland pencil skirt", "Alder Row", "Skirts", "Green", "Checked", "Navy Blue",
     "length=Knee Length;shape=Pencil"),
    ("Meadow maxi skirt", "Marlow Thread", "Skirts", "Purple", "Solid", None,
     "length=Maxi;shape=A-Line"),
    ("Weekend swing skirt", "Odette Vale", "Skirts", "Navy Blue", "Dotted", "White",
     "length=Knee Length;shape=A-Line"),
    ("Tailored office trousers", "Alder Row", "Trousers", "Grey", "Checked", "Black",
     "fit=Straight;front=Creased"),
    ("Field chinos", "Northlane", "Trousers", "Beige", "Solid", None,
     "fit=Slim;front=Flat Front"),
    ("Wide-leg linen trousers", "Marlow Thread", "Trousers", "Brown", "Solid", None,
     "fit=Wide;front=Creased"),
    ("Five-pocket straight jeans", "Northlane", "Jeans", "Navy Blue", "Solid", None,
     "fit=Straight;closure=Buttoned"),
    ("Beachcomber shorts", "Fathom", "Shorts", "Orange", "Solid", None,
     "fit=Loose;closure=Drawstring"),
    ("Deck shorts", "Northlane", "Shorts", "Blue", "Striped", "White",
     "fit=Regular;closure=Drawstring"),
    ("Fisherman cable jumper", "Skerry Knit", "Sweaters", "Beige", "Solid", None,
     "sleeve_length=Long Sleeves;neck=Round Neck;knit=Cable"),
    ("Sailor's jumper", "Skerry Knit", "Sweaters", "White", "Striped", "Navy Blue",
     "sleeve_length=Long Sleeves;neck=Round Neck;knit=Plain"),
    ("Ribbed roll-neck jumper", "Skerry Knit", "Sweaters", "Maroon", "Solid", None,
     "sleeve_length=Long Sleeves;neck=Turtle Neck;knit=Ribbed"),
    ("Pier hooded jacket", "Fathom", "Jackets", "Yellow", "Solid", None,
     "sleeve_length=Long Sleeves;collar=Hooded;closure=Zip"),
    ("Workshop jacket", "Alder Row", "Jackets", "Brown", "Solid", None,
     "sleeve_length=Long Sleeves;collar=Shirt Collar;closure=Buttoned"),
    ("Night rider jacket", "Fathom", "Jackets", "Black", "Solid", None,
     "sleeve_length=Long Sleeves;collar=Stand Collar;closure=Zip"),
    ("Tempo running shoe", "Fathom", "Sports Shoes", "Blue", "Solid", None,
     "ankle=Low Top;closure=Lace-Up"),
    ("Court high-top", "Fathom", "Sports Shoes", "Red", "Solid", None,
     "ankle=High Top;closure=Lace-Up"),
    ("Trail lace-up boot", "Holt & Hide", "Boots", "Brown", "Solid", None,
     "height=Ankle;closure=Lace-Up"),
    ("Riding boot", "Holt & Hide", "Boots", "Black", "Solid", None,
     "height=Knee High;closure=Zip"),
    ("Promenade buckled sandal", "Holt & Hide", "Sandals", "Maroon", "Solid", None,
     "straps=Ankle Strap"),
    ("Poolside slide", "Fathom", "Sandals", "Orange", "Solid", None, "straps=Slide"),
    ("Market tote", "Holt & Hide", "Handbags", "Pink", "Solid", None,
     "shape=Tote;closure=Open"),
    ("Notary satchel", "Holt & Hide", "Handbags", "Green", "Solid", None,
     "shape=Satchel;closure=Clasp"),
    ("Crescent shoulder bag", "Odette Vale", "Handbags", "Beige", "Solid", None,
     "shape=Hobo;closure=Zip"),
    ("Ridgeway backpack", "Northlane", "Backpacks", "Grey", "Solid", None, "closure=Zip"),
    ("Dugout cap", "Northlane", "Caps", "Navy Blue", "Solid", None,
     "peak=Curved Peak;panels=Contrast Peak"),
)


def demo_catalog() -> tuple[DemoProduct, ...]:
    """Return the demo products, always the same and in the same order."""
    return tuple(_product(number, row) for number, row in enumerate(_ROWS, start=1))


def _product(number: int, row: _Row) -> DemoProduct:
    title, brand, product_type, colour, pattern, second_colour, pairs = row
    details = dict(pair.split("=", 1) for pair in pairs.split(";"))
    return DemoProduct(
        sku=f"DEMO-{number:03d}",
        title=title,
        brand=brand,
        category=_CATEGORIES[product_type],
        specification=DrawingSpecification(
            product_type, colour, pattern, second_colour, details, seed=1000 + number
        ),
    )
