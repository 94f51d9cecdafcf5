"""Whether a photo shows another item than the catalog names: a wrong photo, or a wrong title."""

from moda_engine.brief.claims import Brief, Seen

#: Probability from which on it does. Of 660 photos with their own title 10 are taken for another
#: item's, and of 509 with the title of an item of another family 435.
ANOTHER_ITEM_FROM = 0.7
#: Types that look alike, or that one photo shows together; a type may be in several.
TYPE_FAMILIES: tuple[frozenset[str], ...] = tuple(
    frozenset(family)
    for family in (
        {"Tshirts", "Tops", "Tunics", "Shirts", "Sweatshirts", "Sweaters", "Camisoles", "Kurtis"}
        | {"Innerwear Vests", "Shrug"},
        {"Jackets", "Sweatshirts", "Sweaters", "Blazers", "Waistcoat", "Shirts", "Shrug"},
        {"Tops", "Tunics", "Kurtas", "Kurtis", "Kurta Sets"},
        {"Dresses", "Tunics", "Kurtas", "Kurtis", "Nightdress", "Rompers", "Skirts"},
        {"Sarees", "Lehenga Choli", "Dupatta", "Kurta Sets"},
        {"Trousers", "Jeans", "Track Pants", "Lounge Pants", "Capris", "Leggings", "Tights"}
        | {"Stockings", "Salwar", "Churidar", "Patiala"},
        {"Shorts", "Lounge Shorts", "Capris", "Boxers", "Trunk", "Swimwear"},
        {"Briefs", "Trunk", "Boxers", "Bra", "Swimwear"},
        {"Tracksuits", "Night suits", "Clothing Set", "Kurta Sets", "Rompers"},
        {"Tracksuits", "Track Pants", "Jackets", "Sweatshirts"},
        {"Night suits", "Nightdress", "Lounge Pants", "Lounge Shorts", "Tshirts"},
        {"Casual Shoes", "Sports Shoes", "Formal Shoes", "Boots", "Booties", "Flats"},
        {"Heels", "Flats", "Flip Flops", "Sandals", "Sports Sandals", "Booties"},
        {"Handbags", "Backpacks", "Rucksacks", "Laptop Bag", "Messenger Bag", "Duffel Bag"}
        | {"Waist Pouch", "Mobile Pouch", "Clutches", "Wallets"},
        {"Caps", "Hat", "Headband"},
        {"Scarves", "Stoles", "Mufflers", "Dupatta"},
        {"Socks", "Stockings", "Leggings", "Tights"},
        {"Earrings", "Necklace and Chains", "Pendant", "Bracelet", "Bangle", "Ring"}
        | {"Jewellery Set"},
        {"Bracelet", "Bangle", "Watches"},
        {"Perfume and Body Mist", "Deodorant", "Fragrance Gift Set", "Accessory Gift Set"},
        {"Nail Polish", "Lipstick", "Lip Gloss", "Kajal and Eyeliner"},
        {"Footballs", "Basketballs"},
    )
)


def another_item(brief: Brief) -> Seen | None:
    """The type that the photo shows in the place of the known one; None where it may be that.

    Of alike types the photo alone seldom tells which, so their probabilities count for the known
    one; `probability` is that of all types that are not like it.
    """
    known = brief.claim("product_type")
    if known is None or known.source != "catalog":
        return None
    others = {
        label: probability
        for label, probability in brief.probabilities.get("product_type", {}).items()
        if not _alike(label, known.value)
    }
    total = sum(others.values())
    return Seen(max(others, key=others.__getitem__), total) if total >= ANOTHER_ITEM_FROM else None


def _alike(one: str, other: str) -> bool:
    return one == other or any(one in family and other in family for family in TYPE_FAMILIES)
