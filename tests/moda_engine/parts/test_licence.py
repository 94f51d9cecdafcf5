import pytest

from moda_engine.parts.licence import Licence, stated_licence

OPT_TERMS = "Meta's OPT licence, non-commercial"


@pytest.mark.parametrize(
    ("card", "expected"),
    [
        ("---\nlicense: mit\n---\n", Licence("mit")),
        ("---\nlicense: [mit, apache-2.0]\n---\n", Licence("mit, apache-2.0")),
        (
            "---\nlicense: other\nlicense_name: gem\nlicense_link: https://a.b\n---\n",
            Licence("other", "gem", "https://a.b"),
        ),
        ("---\nlicense: other\ncommercial: false\n---\n", Licence("other", non_commercial=True)),
        ("---\nlicense: cc-by-nc-4.0\n---\n", Licence("cc-by-nc-4.0", non_commercial=True)),
        (
            "---\nlicense: other\nlicense_name: my-non-commercial\n---\n",
            Licence("other", "my-non-commercial", non_commercial=True),
        ),
        ("---\ntags: [opt]\n---\n", None),
        ("# No head\n", None),
        ("---\nlicense: [mit\n---\n", None),
    ],
)
def test_the_head_of_the_card(tmp_path, card, expected):
    (tmp_path / "README.md").write_text(card)
    assert stated_licence(tmp_path, "llama") == expected


def test_opt_is_non_commercial_even_without_its_card(tmp_path):
    expected = Licence("other", OPT_TERMS, non_commercial=True)
    assert stated_licence(tmp_path, "opt") == expected
    assert str(expected) == f"other ({OPT_TERMS}), non-commercial use only"
    (tmp_path / "README.md").write_text("---\nlicense: mit\n---\n")
    assert stated_licence(tmp_path, "opt") == Licence("mit")
