from lab.starter.label_space import LabelSpace
from moda_engine.language.labels import ItemLabels


def test_rare_labels_and_labels_without_words_are_missing():
    labels = [
        *[ItemLabels("Skirts", "Red")] * 4,
        *[ItemLabels("Tops", "Blue", details={"neck": "V-Neck"})] * 4,
        ItemLabels("Dresses", "Red"),
        *[ItemLabels("Free Gifts", "Red")] * 4,
    ]
    space = LabelSpace.from_labels(labels, at_least=4)
    assert space.classes["product_type"] == ("Skirts", "Tops")
    assert space.classes["neck"] == ("V-Neck",)
    assert space.classes["gender"] == ()
    targets = space.targets(labels)
    assert targets["product_type"].tolist() == [0] * 4 + [1] * 4 + [-100] * 5
    assert targets["neck"].tolist() == [-100] * 4 + [0] * 4 + [-100] * 5
