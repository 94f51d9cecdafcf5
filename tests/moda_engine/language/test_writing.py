import pytest

from moda_engine.language.labels import ItemLabels, labels_from_record
from moda_engine.language.writing import sentence


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        (
            ItemLabels(
                "Tshirts",
                "Navy Blue",
                "Boys",
                "Casual",
                "Solid",
                {"sleeves": "Short Sleeves", "neck": "Round Neck"},
            ),
            "Navy blue casual T-shirt for boys with short sleeves and a round neck.",
        ),
        (
            ItemLabels("Casual Shoes", "Black", "Men", "Casual", None, {"fastening": "Lace-Ups"}),
            "Black casual shoes for men with laces.",
        ),
        (
            ItemLabels("Sports Shoes", "White", "Women", "Casual"),
            "White sports shoes for women, for casual wear.",
        ),
        (
            ItemLabels("Shirts", "Blue", "Men", "Formal", "Striped"),
            "Blue striped formal shirt for men.",
        ),
        (ItemLabels("Backpacks", "Red", "Unisex"), "Red backpack for men and women."),
        (ItemLabels("Boots"), "Boots."),
        (ItemLabels("Caps", "Black/Off White"), "Black and off-white cap."),
        (ItemLabels("Skirts", "Bleu de France", None, "NA"), "Skirt."),
    ],
)
def test_sentence(labels, expected):
    assert sentence(labels) == expected


def test_a_type_without_words_is_refused():
    with pytest.raises(ValueError, match="Free Gifts"):
        sentence(ItemLabels("Free Gifts", "Red"))


def test_labels_from_a_record_drop_what_no_photo_shows():
    record = {
        "product_type": "Tops",
        "colour": "White",
        "gender": "Girls",
        "usage": "Casual",
        "category": "Apparel",
        "sub_category": "Topwear",
        "attributes": {
            "Pattern": "Solid",
            "Fabric": "Blended",
            "Sleeve Length": "No Sleeves",
            "Neck": "NA",
            "Wash Care": "Machine Wash",
        },
    }
    expected = ItemLabels("Tops", "White", "Girls", "Casual", "Solid", {"sleeves": "Sleeveless"})
    assert labels_from_record(record) == expected


def test_na_is_no_label_and_odd_attributes_are_dropped():
    record = {
        "product_type": "Tops",
        "colour": "NA",
        "gender": "",
        "usage": None,
        "attributes": {"Pattern": 7, "Neck": ["V-Neck"], "Sleeve Length": "Long Sleeves"},
    }
    expected = ItemLabels("Tops", details={"sleeves": "Long Sleeves"})
    assert labels_from_record(record) == expected


def test_footwear_has_no_sleeves():
    record = {
        "product_type": "Heels",
        "category": "Footwear",
        "sub_category": "Shoes",
        "attributes": {"Sleeve Length": "Short Sleeves", "Toe Shape": "Open Toe"},
    }
    assert labels_from_record(record).details == {"toe": "Open Toe"}
