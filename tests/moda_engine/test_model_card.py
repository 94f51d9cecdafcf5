from moda_engine.model_card import model_card_text


def part(name, licence, **further):
    return {"name": name, "revision": None, "sha256": "ab", "licence": licence, **further}


def licence(identifier, **further):
    stated = {"identifier": identifier, "name": None, "link": None, "non_commercial": False}
    return {**stated, **further}


def card(*licences, record=None):
    slots = ("encoder", "language_model")
    parts = {slot: part(slot, stated) for slot, stated in zip(slots, licences, strict=False)}
    return model_card_text({"parts": parts}, record or {})


def test_one_licence_is_the_cards_own():
    assert card(licence("mit"), licence("mit")).startswith("---\nlicense: mit\nlibrary_name:")


def test_two_licences_are_both_named():
    head = "---\nlicense: other\nlicense_name: apache-2.0-and-mit\n"
    assert card(licence("mit"), licence("apache-2.0")).startswith(head)


def test_one_non_commercial_part_makes_the_whole_so():
    text = card(licence("mit"), licence("other", name="opt", non_commercial=True))
    assert text.startswith("---\nlicense: other\nlicense_name: non-commercial\n")
    assert "**Not for commercial use.** The licence of language_model" in text
    assert "| other (opt) |" in text


def test_a_licence_that_is_not_stated_is_a_warning():
    text = card(licence("mit"), None)
    assert "license_name: mit-and-unknown" in text
    assert "The licence of language_model is not stated beside it" in text


def test_the_revision_or_the_local_folder():
    text = model_card_text({"parts": {"encoder": part("a/b", None, revision="c0ffee")}}, {})
    assert "| image encoder | a/b | c0ffee | `ab` | not stated |" in text
    assert "| a local folder |" in card(None)


def test_no_parts_no_licence():
    text = model_card_text({"parts": None}, {})
    assert text.startswith("---\nlibrary_name: transformers\n")
    assert "Where the parts came from is not recorded." in text


def test_what_training_recorded():
    assert "None yet: the projector is new" in card(licence("mit"))
    text = card(licence("mit"), record={"recipe": {"name": "seed"}, "curve": []})
    assert "By the recipe `seed`; recipe and curve are in `training.json`." in text


def test_others_words_stay_plain_text():
    text = card(licence("a|b\n<script>", name="`x`", link="https://a.b"))
    assert '\nlicense: "a|b\\n<script>"\n' in text
    assert "| a/b (script) ('x'), https://a.b |" in text
