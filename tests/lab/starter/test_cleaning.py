import pytest

from lab.starter.cleaning import cleaned_labels


def record(prose, product_type="Tshirts", **attributes):
    return {
        "product_type": product_type,
        "category": "Apparel",
        "sub_category": "Topwear",
        "attributes": {name.replace("_", " "): value for name, value in attributes.items()},
        "description": prose,
    }


@pytest.mark.parametrize(
    ("given", "details", "pattern"),
    [
        (record("-", Neck="V-Neck"), {"neck": "V-Neck"}, None),
        (record("Has a round neck", Neck="Round Neck"), {"neck": "Round Neck"}, None),
        # The prose denies it: neither is taken.
        (record("Has a boat neck", Neck="Round Neck"), {}, None),
        (record("Has long sleeves"), {"sleeves": "Long Sleeves"}, None),
        (record("Long sleeves or short sleeves"), {}, None),
        # What follows is of washing and of the model.
        (record("A top. Model statistics The model wears long sleeves"), {}, None),
        (record("A zip in front"), {}, None),
        (record("A zip in front", "Jackets"), {"fastening": "Zip"}, None),
        (record("Has stripes"), {}, "Striped"),
        (record("Printed logo on the chest"), {}, None),
        (record("Has stripes", Pattern="Solid"), {}, None),
        (record("Printed logo on the chest", Pattern="Solid"), {}, "Solid"),
    ],
)
def test_prose_corrects_labels(given, details, pattern):
    labels = cleaned_labels(given)
    assert labels.details == details
    assert labels.pattern == pattern
