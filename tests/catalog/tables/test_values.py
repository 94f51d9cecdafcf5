"""Text of HTML as a browser shows it, and titles with entities."""

import pytest

from catalog.tables.formats import FORMATS
from catalog.tables.formats.values import text_of_html, title_text


@pytest.mark.parametrize(
    ("source", "text"),
    [
        (
            "<table><tr><td>S</td><td>90 cm</td><tr><td>M</td><td>94 cm</td></table>",
            "S 90 cm\nM 94 cm",
        ),
        ("<tr><th>Size<th>Waist</tr>", "Size Waist"),
        ("<li>One<li>Two", "One\nTwo"),
        ("<p>A<p>B", "A\nB"),
        ("Soft<div>wool</div>", "Soft\nwool"),
        ("Soft&nbsp;cotton", "Soft cotton"),
        ("<b>Soft</b>&nbsp;<i>cott</i>on &amp; wool<br/>Warm", "Soft cotton & wool\nWarm"),
        ("<paragraph>Not</paragraph> a block", "Not a block"),
        ("5 < 6 & 7", "5 < 6 & 7"),
    ],
)
def test_html_reads_as_a_browser_shows_it(source, text):
    assert text_of_html(source) == text


@pytest.mark.parametrize(
    ("cell", "title"),
    [
        ("Shirts &amp; Co", "Shirts & Co"),
        ("5&quot; heel&nbsp;", '5" heel'),
        ("Wren&#8217;s &#x41;", "Wren’s A"),
        ("AT&T &copy &unknown;", "AT&T &copy &unknown;"),
    ],
)
def test_a_title_has_its_entities_as_characters(cell, title):
    assert title_text(cell) == title


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ('<p>[gallery ids="1,2" link=file]Fine [shortcode]shirt[/shortcode]</p>', "Fine shirt"),
        ("[vc_row][vc_column]Fine[/vc_column][/vc_row]", "Fine"),
        ("Cut [A] or [Slim fit], size [38]", "Cut [A] or [Slim fit], size [38]"),
    ],
)
def test_a_text_of_woocommerce_has_no_shortcodes(cell, text):
    shop = FORMATS["woocommerce"]
    layout = shop.layout(["ID", "Type", "SKU", "Name", "Published", "Short description"])
    row = ["1", "simple", "A", "Shirt &amp; [x]", "1", cell]
    facts = shop.read(layout, [row]).facts
    assert (facts["title"], facts["standard"]) == ("Shirt & [x]", text)
