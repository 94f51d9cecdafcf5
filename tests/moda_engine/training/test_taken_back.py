from moda_engine.training.taken_back import TakenBack


def test_a_word_edited_away_is_taken_back_in_its_category_alone():
    edits = [("Tops", "Navy blue top for women.", "Ink top for women.")] * 2
    taken_back = TakenBack(edits)
    assert taken_back.says("Tops", "Navy blue printed top.")
    assert not taken_back.says("Bags", "Navy blue printed top.")
    assert not taken_back.says("Tops", "Blue printed top for women.")


def test_the_same_words_in_another_order_are_taken_back():
    taken_back = TakenBack([("Shoes", "White trainers for men.", "Trainers, white. For men.")])
    assert taken_back.says("Shoes", "Black trainers for women.")
    assert not taken_back.says("Shoes", "Trainers, black. For women.")


def test_what_is_left_as_often_as_removed_is_still_the_models_to_say():
    wrong = ("Shirts", "Red shirt for men.", "Maroon shirt for men.")
    right = ("Shirts", "Red shirt for men.", "Red shirt for men.")
    assert TakenBack([wrong, wrong, right]).says("Shirts", "Red shirt for boys.")
    assert not TakenBack([wrong, right]).says("Shirts", "Red shirt for boys.")


def test_a_draft_approved_in_another_order_of_the_writers_is_no_edit():
    shown = "A casual red shirt, made for men."
    taken_back = TakenBack([("Shirts", "Red casual shirt for men.", shown)])
    assert not taken_back.says("Shirts", "Red casual shirt for men.")


def test_without_edits_nothing_is_taken_back():
    assert not TakenBack([]).says("Shirts", "Red shirt for men.")
