"""Titles in eight languages are read into the labels of the English reader."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moda_engine.language import foreign
from moda_engine.language.foreign import VocabularyError, labels_in
from moda_engine.language.vocabulary import ALTERNATIVES, COLOURS, DETAILS

LANGUAGES = ("da", "de", "es", "fr", "it", "nl", "pl", "sv")
FILES = Path(foreign.__file__).with_name("vocabularies")
_TITLES = Path(__file__).with_name("foreign_titles.txt")


def titles() -> list[tuple[str, str, str]]:
    """(language, title, labels) of the file beside this one."""
    found, language = [], ""
    for line in _TITLES.read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            language = line.strip("[]")
        elif language:
            title, _, labels = line.partition("=>")
            found.append((language, title.strip(), labels.strip()))
    return found


@pytest.mark.parametrize(("language", "title", "labels"), titles())
def test_a_title_states_exactly_these_labels(language, title, labels):
    expected = {label.strip() for label in labels.split(",") if label.strip()}
    assert set(labels_in(title, language).values()) == expected


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_language_has_forty_titles(language):
    assert sum(of == language for of, _, _ in titles()) >= 40


@pytest.mark.parametrize(
    ("language", "text", "labels"),
    [
        # words that look like another one
        ("de", "Kleid", {"product_type": "Dresses"}),
        ("de", "Kleidung", {}),
        ("de", "Kleiderbügel", {}),
        ("de", "Rock", {"product_type": "Skirts"}),
        ("de", "Barock", {}),
        ("de", "Handtuch rot", {"colour": "Red"}),
        ("de", "Slip", {"product_type": "Briefs"}),
        ("de", "Shirtkleid", {"product_type": "Dresses"}),
        ("de", "T-Shirt-Kleid", {"product_type": "Dresses"}),
        ("de", "Kleid aus Spitze", {"product_type": "Dresses"}),
        ("es", "camisa", {"product_type": "Shirts"}),
        ("es", "camiseta", {"product_type": "Tshirts"}),
        ("es", "camisón", {"product_type": "Nightdress"}),
        ("es", "collar", {"product_type": "Necklace and Chains"}),
        ("es", "prenda de vestir", {}),
        ("fr", "robe", {"product_type": "Dresses"}),
        ("fr", "robe de chambre", {}),
        ("fr", "veste", {"product_type": "Jackets"}),
        ("fr", "gilet", {}),
        ("fr", "chemise pas chère bleue", {"product_type": "Shirts", "colour": "Blue"}),
        ("fr", "chemise pas bleue", {"product_type": "Shirts"}),
        ("fr", "pull", {"product_type": "Sweaters"}),
        ("fr", "baskets", {"product_type": "Casual Shoes", "usage": "Casual"}),
        ("fr", "chaussures de basket", {}),
        ("fr", "trench ceinturé", {}),
        ("fr", "haut de gamme", {}),
        ("fr", "jupe-culotte", {}),
        ("fr", "rouge à lèvres rose", {"product_type": "Lipstick", "colour": "Pink"}),
        ("it", "maglia", {}),
        ("it", "maglione", {"product_type": "Sweaters"}),
        ("it", "giacca", {"product_type": "Jackets"}),
        ("it", "gonna", {"product_type": "Skirts"}),
        ("it", "camicia da notte", {"product_type": "Nightdress"}),
        ("nl", "trui", {"product_type": "Sweaters"}),
        ("nl", "vest", {"product_type": "Sweaters"}),
        ("nl", "rok", {"product_type": "Skirts"}),
        ("da", "kjole", {"product_type": "Dresses"}),
        ("da", "vest", {"product_type": "Waistcoat"}),
        ("da", "slips", {"product_type": "Ties"}),
        ("sv", "rock", {}),
        ("sv", "kjol", {"product_type": "Skirts"}),
        ("sv", "polokrage", {"neck": "Turtle Neck"}),
        ("pl", "bluza", {"product_type": "Sweatshirts"}),
        ("pl", "bluzka", {"product_type": "Tops"}),
        ("pl", "pasek", {"product_type": "Belts"}),
        ("pl", "w paski", {"pattern": "Striped"}),
        # colours that are other words too
        ("de", "Rose", {"colour": "Pink"}),
        ("fr", "rose", {"colour": "Pink"}),
        ("fr", "or rose", {"colour": "Gold"}),
        ("es", "rosa", {"colour": "Pink"}),
        ("de", "bordeaux", {"colour": "Burgundy"}),
        ("fr", "bordeaux", {"colour": "Burgundy"}),
        ("fr", "orange", {"colour": "Orange"}),
        # brands
        ("de", "Red Wing", {}),
        ("de", "Camel Active Gürtel", {"product_type": "Belts"}),
        ("de", "Jack & Jones", {}),
        ("nl", "Jack Wolfskin broek", {"product_type": "Trousers"}),
        ("es", "Calvin Klein Jeans camisa", {"product_type": "Shirts"}),
        # "top" of quality, and of height
        ("de", "Top Qualität", {}),
        ("de", "Top-Verarbeitung", {}),
        ("de", "High-Top Sneaker", {"product_type": "Casual Shoes", "usage": "Casual"}),
        ("de", "Top", {"product_type": "Tops"}),
    ],
)
def test_false_friends_are_told_apart(language, text, labels):
    assert labels_in(text, language) == labels


@pytest.mark.parametrize(
    ("language", "text", "labels"),
    [
        ("de", "Herrenlederjacke", {"product_type": "Jackets", "gender": "Men"}),
        ("de", "HERREN\xadJACKE", {"product_type": "Jackets", "gender": "Men"}),
        ("de", "Damen‑Rock", {"product_type": "Skirts", "gender": "Women"}),
        ("de", "Reiß\xadverschluss", {"fastening": "Zip"}),
        ("de", "schwarzweiß", {"colour": "Black/White"}),
        # of two names of one colour the vaguer goes, as in English
        ("de", "Olivgrün", {"colour": "Olive"}),
        ("de", "Olivgrünhose", {"colour": "Olive", "product_type": "Trousers"}),
        ("de", "senfgelbes Shirt", {"colour": "Mustard", "product_type": "Tshirts"}),
        ("de", "anthrazitgrau", {"colour": "Charcoal"}),
        ("de", "rostbraune Rothose", {"colour": "Rust/Red", "product_type": "Trousers"}),
        ("de", "WEISSES HEMD", {"product_type": "Shirts", "colour": "White"}),
        ("de", "gruene Hose", {"product_type": "Trousers", "colour": "Green"}),
        ("de", "Jeansjacke", {"product_type": "Jackets"}),
        ("de", "Hemdtascheninhalt", {}),
        ("nl", "herenschoenen", {"gender": "Men"}),
        ("da", "damesko", {"gender": "Women"}),
        (
            "sv",
            "ljusgrå herrbyxor",
            {"colour": "Grey", "product_type": "Trousers", "gender": "Men"},
        ),
        ("fr", "robechemise", {}),  # only languages that write compounds in one word read them
    ],
)
def test_compounds_and_spellings_are_read_by_their_parts(language, text, labels):
    assert labels_in(text, language) == labels


@pytest.mark.parametrize(
    ("language", "text", "labels"),
    [
        ("de", "ohne Kapuze", {}),
        ("de", "ohne abnehmbare Kapuze", {}),
        ("de", "ohne Ärmel", {"sleeves": "Sleeveless"}),
        ("de", "ohne Kapuze, rot", {"colour": "Red"}),
        ("de", "ohne Bügel rot", {"colour": "Red"}),
        ("fr", "sans trucs bidules rouge", {"colour": "Red"}),
        ("de", "ohne Bügel. Rot", {"colour": "Red"}),
        ("fr", "sans capuche", {}),
        ("fr", "sans manches", {"sleeves": "Sleeveless"}),
        ("es", "sin capucha", {}),
        ("es", "sin mangas", {"sleeves": "Sleeveless"}),
        ("nl", "zonder capuchon", {}),
        ("nl", "zonder mouwen", {"sleeves": "Sleeveless"}),
        ("it", "senza cappuccio", {}),
        ("it", "senza maniche", {"sleeves": "Sleeveless"}),
        ("pl", "bez kaptura", {}),
        ("pl", "bez rękawów", {"sleeves": "Sleeveless"}),
        ("da", "uden hætte", {}),
        ("da", "uden ærmer", {"sleeves": "Sleeveless"}),
        ("sv", "utan huva", {}),
        ("sv", "utan ärmar", {"sleeves": "Sleeveless"}),
    ],
)
def test_a_denied_phrase_is_dropped_unless_it_is_listed_with_its_denial(language, text, labels):
    assert labels_in(text, language) == labels


@pytest.mark.parametrize(
    ("text", "labels"),
    [
        ("Hemd und Hose", {}),
        ("Hemd mit Krawatte", {"product_type": "Shirts"}),
        ("mit Krawatte", {"product_type": "Ties"}),
        ("rot, blau", {"colour": "Red/Blue"}),
        ("blau und nochmals blau", {"colour": "Blue"}),
        ("grün oliv", {"colour": "Olive"}),
        ("für Damen und Herren", {"gender": "Unisex"}),
        ("für Jungen und Mädchen", {"gender": "Unisex"}),
        ("Damen Mädchen", {}),
        ("Laufschuhe", {"product_type": "Sports Shoes", "usage": "Sports"}),
        ("", {}),
    ],
)
def test_two_labels_of_a_kind_are_none_and_two_colours_are_one(text, labels):
    assert labels_in(text, "de") == labels


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_language_has_words_for_nearly_everything(language):
    content = json.loads((FILES / f"{language}.json").read_text(encoding="utf-8"))
    filled = {kind: {label for label, words in content[kind].items() if words} for kind in content}
    assert filled["colour"] == set(COLOURS)
    assert len(filled["product_type"]) >= 75
    for kind in ("gender", "usage", "pattern", *DETAILS):
        assert filled[kind] == set(ALTERNATIVES[kind])
    assert sum(len(words) for kind in DETAILS for words in content[kind].values()) >= 70
    assert filled["other"] == {"denials", "attachments", "unlabelled"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_phrase_by_itself_is_read_as_its_label(language):
    content = json.loads((FILES / f"{language}.json").read_text(encoding="utf-8"))
    content.pop("other")
    misread = {
        phrase: labels_in(phrase, language)
        for kind, labels in content.items()
        for label, phrases in labels.items()
        for phrase in phrases
        if labels_in(phrase, language).get(kind) != label
    }
    assert misread == {}


def test_the_files_are_of_these_languages():
    assert sorted(path.stem for path in FILES.iterdir()) == list(LANGUAGES)


_PIECES = st.one_of(
    st.text(max_size=30),
    st.text(alphabet="\x00\ud800\u202eİßﬁ½男Я\u0301\u2028\xa0'’-–/&;:.\n\xad", max_size=10),
    st.sampled_from(
        ("ohne", "sans", "Herren", "jacke", "rot", "mit", "T-Shirt", "3/4", "herren" * 9)
    ),
)


@given(pieces=st.lists(_PIECES, max_size=8), language=st.sampled_from(LANGUAGES))
def test_any_text_is_read_into_known_labels(pieces, language):
    for text in ("".join(pieces), " ".join(pieces)):
        for kind, label in labels_in(text, language).items():
            assert label in ALTERNATIVES[kind] or set(label.split("/")) <= set(COLOURS)


def test_a_very_long_word_is_no_compound():
    assert labels_in("herren" * 10_000 + "jacke", "de") == {}


@pytest.fixture
def extra(tmp_path):
    def write(content, language="de"):
        text = content if isinstance(content, str) else json.dumps(content)
        (tmp_path / f"{language}.json").write_text(text, encoding="utf-8")
        return tmp_path

    return write


def test_a_shop_adds_and_overrules_phrases(extra):
    folder = extra(
        {"product_type": {"Jackets": ["Joppe"]}, "colour": {"Purple": ["petrol"]}}
        | {"other": {"unlabelled": ["rot"]}}
    )
    assert labels_in("Herrenjoppe in Petrol", "de", folder) == {
        "product_type": "Jackets",
        "gender": "Men",
        "colour": "Purple",
    }
    assert labels_in("rot schwarz", "de", folder) == {"colour": "Black"}
    assert labels_in("Joppe in Petrol", "de") == {"colour": "Teal"}


def test_a_shop_adds_a_language(extra):
    folder = extra({"product_type": {"Shirts": ["camisa"]}, "colour": {"Black": ["preta"]}}, "pt")
    assert labels_in("Camisa preta", "pt", folder) == {"product_type": "Shirts", "colour": "Black"}


def test_a_folder_without_the_language_changes_nothing(tmp_path):
    assert labels_in("rot", "de", tmp_path) == {"colour": "Red"}


@pytest.mark.parametrize("language", ["xx", "", "../de", "DE"])
def test_an_unknown_language_is_an_error_that_names_the_known(language):
    with pytest.raises(VocabularyError) as raised:
        labels_in("rot", language)
    assert str(raised.value) == (
        f"No vocabulary for {language!r}. Allowed: da, de, es, fr, it, nl, pl, sv."
    )


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({"color": {}}, ": 'color'. Allowed: product_type, colour, gender, "),
        ({"gender": {"Male": []}}, ": gender: 'Male'. Allowed: Men, Women, Boys, Girls, Unisex."),
        (
            {"colour": {"Red": ["Granat"], "Maroon": ["granat"]}},
            ": colour: Maroon: 'granat' stands under 'Red' too. Allowed: one label of a kind.",
        ),
        ({"colour": {"Red": "rot"}}, ": colour: Red. Allowed: a list of phrases."),
        ({"colour": {"Red": [1]}}, ": colour: Red: 1. Allowed: a text with a letter or digit."),
        ({"colour": {"Red": ["-"]}}, ": colour: Red: '-'. Allowed: a text with a letter or digit."),
        ({"colour": []}, ": colour. Allowed: a JSON object."),
        ([], ". Allowed: a JSON object."),
        ("{", ". Allowed: JSON in UTF-8."),
        pytest.param("[" * 100_000, ". Allowed: JSON in UTF-8.", id="nested too deeply"),
    ],
)
def test_a_faulty_file_is_named_with_its_key_and_what_is_allowed(extra, content, message):
    folder = extra(content)
    with pytest.raises(VocabularyError) as raised:
        labels_in("rot", "de", folder)
    assert str(raised.value).startswith(str(folder / "de.json"))
    assert message in str(raised.value)


def test_a_file_is_read_once(extra):
    folder = extra({"colour": {"Red": ["krebs"]}})
    assert labels_in("krebs", "de", folder) == {"colour": "Red"}
    (folder / "de.json").unlink()
    assert labels_in("krebs", "de", folder) == {"colour": "Red"}
