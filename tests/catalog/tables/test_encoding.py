"""The code page of a short text is found by its letters."""

import pytest

from catalog.tables.delimited import delimited_rows
from catalog.tables.encoding import encoding_of
from catalog.tables.formats.plain import MappedFormat, mapping_guess
from catalog.tables.formats.values import text_of_html
from tests.catalog.tables.oddities import oddities

TEXTS = {
    "cp1250": [
        "řada, żółta",
        "Dámské šaty",
        "Košile pánská, modrá, řada",
        "żółta sukienka",
        "Spódnica dżinsowa żółta",
        "női póló piros",
        "Férfi ing, kék, hosszú ujjú",
        "rochie roşie",
        "haljina ljubičasta čipka",
        "tričko žluté",
    ],
    "cp1254": ["Kışlık", "Kadın kışlık mont", "Gömlek kırmızı", "şapka", "Yeşil elbise"],
    "cp1252": [
        "Größe",
        "Jacke grün",
        "rød kjole",
        "Blå skjorte",
        "robe d'été légère",
        "camisa de algodón",
        "Pantalón niño",
        "Maçã",
        "smörgås",
        "hør bukser",
        "Café – 100 €",
        "Kjóll svartur úr bómull",
        "maglia più",
        "T-shirt ‘basic’",
        "GRÜN",
        "Ärmel",
        "naïve",
        "3 × 4 cm",
        "½ zip",
    ],
    "cp1253": ["Φόρεμα", "Παντελόνι μαύρο", "Φόρεμα κόκκινο"],
    "cp1251": ["Платье красное", "Куртка", "Шапка", "синий"],
    "koi8-r": ["Платье красное", "Куртка"],
    "cp1255": ["שמלה אדומה"],
    "cp1256": ["فستان أحمر"],
    "cp1257": ["žąsų pūkų striukė", "Vīriešu krekls", "sieviešu kleita īsa"],
    "gb18030": ["男装 T恤", "红色连衣裙", "女装 衬衫"],
    "big5": ["紅色連衣裙", "男裝 襯衫"],
    "shift_jis": ["赤いドレス", "メンズ シャツ"],
    "euc_kr": ["빨간 드레스", "여성 셔츠"],
}


@pytest.mark.parametrize(
    ("codec", "text"), [(codec, text) for codec, texts in TEXTS.items() for text in texts]
)
def test_a_short_text_is_read_as_it_was_written(tmp_path, codec, text):
    path = tmp_path / "table.csv"
    path.write_bytes(f"sku,title\nA,{text}\n".encode(codec))
    assert path.read_bytes().decode(encoding_of(path)) == f"sku,title\nA,{text}\n"


@pytest.mark.parametrize("oddity", list(oddities(200)), ids=lambda oddity: oddity.name)
def test_two_hundred_odd_files_are_read_whole(tmp_path, oddity):
    """Encodings × delimiters × quoting × order × headers in twelve languages × lengths × HTML."""
    path = tmp_path / "table.csv"
    path.write_bytes(oddity.content)
    header, *rows = list(delimited_rows(path))
    assert [row.reason for row in rows] == ["", ""]
    assert sorted(header.cells) == sorted(oddity.mapping)
    format_ = MappedFormat(oddity.mapping)
    layout = format_.layout(header.cells)
    first, second = (format_.read(layout, [row.cells]) for row in rows)
    assert (first.sku, first.facts["title"]) == ("A/1", oddity.title)
    assert (second.sku, second.facts) == ("A-1", {"title": f"{oddity.title} 2"})
    assert first.facts["standard"] == text_of_html(oddity.body)
    guess = mapping_guess(header.cells)
    assert guess[next(name for name, fact in oddity.mapping.items() if fact == "sku")] == "sku"
