"""What a person may name: tables by content, folders, and ZIP files that cannot be trusted."""

import io
import stat
import struct
import time
import zipfile

import pytest
from openpyxl import Workbook

from catalog.exceptions import ImportRefused, PhotoRefused
from catalog.tables import archive as archives
from catalog.tables.source import Source, TableKind
from tests.catalog.tables.samples import GOOGLE_TSV, GOOGLE_XML
from tests.factories import photo_bytes

TABLE = "sku,title\n1,a\n"


def rows_of(path):
    with Source(path) as source:
        return source.kind, [(list(row.cells), row.reason) for row in source.rows()]


def put_zip(path, members):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in members:
            file.writestr(name, content)
    return path


def workbook(path, *rows):
    book = Workbook()
    for row in rows:
        book.active.append(row)
    book.save(path)
    return path


# Tables


def test_a_workbook_gives_text_as_people_see_it(tmp_path):
    path = workbook(
        tmp_path / "t.xlsx", ["sku", "title", "n"], [12, "=1+1", 1.5], ["007", None, True], []
    )
    kind, rows = rows_of(path)
    assert kind == TableKind.WORKBOOK
    # A formula without a saved value is empty: openpyxl saved none.
    assert rows == [
        (["sku", "title", "n"], ""),
        (["12", "", "1.5"], ""),
        (["007", "", "TRUE"], ""),
    ]


def test_a_workbook_is_known_by_its_content(tmp_path):
    path = workbook(tmp_path / "t.xlsx", ["sku"], ["1"])
    assert rows_of(path.rename(tmp_path / "t.csv"))[0] == TableKind.WORKBOOK


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("a.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"x" * 100, "old or password-protected"),
        ("a.csv", b"", "a.csv is empty."),
        ("a.csv", b"\r\n \n", "a.csv is empty."),
        ("a.pdf", b"%PDF-1.7 ...", "is no table, ZIP file or folder of photos"),
        ("a.zip", b"PK\x03\x04 and no more", "is not a readable ZIP file"),
        ("a.xml", b"<rss><channel></channel></rss>", "holds no <item> and no <entry>"),
        ("a.xml", b"<rss><channel><item><id>1</id>", "it is broken at line 1"),
        (
            "a.xml",
            b'<!DOCTYPE r [<!ENTITY a "aaaa">]><rss><item><id>&a;</id></item></rss>',
            "defines entities",
        ),
    ],
)
def test_what_is_no_table_is_refused_with_a_sentence(tmp_path, name, content, sentence):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(ImportRefused, match=sentence):
        rows_of(path)


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("t.csv", '[\n  {"sku": "1"}]', "is JSON, not a table: export it as CSV or XLSX."),
        ("t.csv", '\ufeff{"sku": "1"}\n{"sku": "2"}\n', "is JSON, not a table"),
        ("t.xls", "<table><tr><td>sku</td></tr></table>", r"is a web page \(HTML\), not a table: "),
        ("t.xls", '<!DOCTYPE html>\n<html lang="en">', r"is a web page \(HTML\)"),
        ("t.xml", "<?xml version='1.0'?><!-- a --><html/>", r"is a web page \(HTML\)"),
        (
            "t.xls",
            '<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?><ss:Workbook/>',
            "is an Excel 2003 XML file: save it as .xlsx or CSV.",
        ),
    ],
)
def test_what_is_no_table_is_named_for_what_it_is(tmp_path, name, content, reason):
    (tmp_path / name).write_text(content)
    with pytest.raises(ImportRefused, match=rf"{name} {reason}"):
        rows_of(tmp_path / name)


def test_a_table_that_begins_with_brackets_is_a_table(tmp_path):
    (tmp_path / "t.csv").write_text("[sku],{title}\n1,<b>a</b>\n")
    assert rows_of(tmp_path / "t.csv")[1][1] == (["1", "<b>a</b>"], "")


def test_what_comes_before_the_first_element_is_read_in_a_moment(tmp_path):
    (tmp_path / "t.csv").write_text("<?x?>" * 800 + "\nsku\n1\n")
    start = time.perf_counter()
    rows_of(tmp_path / "t.csv")
    assert time.perf_counter() - start < 5


def test_elements_are_counted_for_each_item_of_a_feed(tmp_path):
    item = "<item>" + "".join(f"<e{n}>x</e{n}>" for n in range(6)) + "</item>"
    path = tmp_path / "feed.xml"
    path.write_text(f"<rss><channel>{item * 400}</channel></rss>")
    assert len(rows_of(path)[1]) == 401

    path.write_text(f"<rss><channel><item>{'<a/>' * 2_000}</item></channel></rss>")
    with pytest.raises(ImportRefused, match="one item has more than 2,000 elements"):
        rows_of(path)


def test_a_feed_gives_a_column_for_each_element(tmp_path):
    path = tmp_path / "feed.xml"
    path.write_text(GOOGLE_XML)
    kind, rows = rows_of(path)
    assert kind == TableKind.FEED
    header = rows[0][0]
    first = dict(zip(header, rows[1][0], strict=True))
    assert first["additional_image_link"] == (
        "https://shop.example.com/1b.jpg,https://shop.example.com/1c.jpg"
    )
    assert first["shipping"] == "DE:::4.90 EUR"
    assert first["description"] == "A <b>red</b> dress."
    assert dict(zip(header, rows[2][0], strict=True))["title"] == "Cap & more"
    assert len(rows) == 3


def test_tabs_are_found(tmp_path):
    path = tmp_path / "feed.txt"
    path.write_text(GOOGLE_TSV)
    assert [len(cells) for cells, _ in rows_of(path)[1]] == [17, 17, 17]


# Folders


def test_a_folder_may_hold_a_table_beside_its_photos(tmp_path):
    (tmp_path / "products.csv").write_text(TABLE)
    (tmp_path / "1.jpg").write_bytes(photo_bytes())
    with Source(tmp_path) as source:
        assert source.kind == TableKind.DELIMITED
        assert source.photo_read("1.jpg", limit=1_000_000) == photo_bytes()


def test_two_tables_in_a_folder_are_one_too_many(tmp_path):
    (tmp_path / "a.csv").write_text(TABLE)
    (tmp_path / "b.csv").write_text(TABLE)
    with pytest.raises(ImportRefused, match=r"several tables \(a.csv, b.csv\)"):
        Source(tmp_path)


@pytest.mark.parametrize("name", ["../secret.jpg", "/etc/passwd", "link.jpg", "", "deep/../../x"])
def test_photos_come_from_the_folder_alone(tmp_path, name):
    folder = tmp_path / "folder"
    folder.mkdir()
    (tmp_path / "secret.jpg").write_bytes(photo_bytes())
    (folder / "link.jpg").symlink_to(tmp_path / "secret.jpg")
    (folder / "a.csv").write_text(TABLE)
    with Source(folder) as source, pytest.raises(PhotoRefused):
        source.photo_read(name, limit=1_000_000)


# ZIP files


def test_a_zip_file_of_photos_and_one_of_a_table_with_photos(tmp_path):
    photo = photo_bytes()
    photos = put_zip(
        tmp_path / "p.zip",
        [("in/B_1.jpg", photo), ("in/B.jpg", photo), ("__MACOSX/._B.jpg", b"x"), ("in/", b"")],
    )
    kind, rows = rows_of(photos)
    assert kind == TableKind.NAMES
    assert [cells[0] for cells, _ in rows] == ["file_name", "in/B.jpg", "in/B_1.jpg"]

    table = put_zip(tmp_path / "t.zip", [("shop/t.csv", TABLE), ("shop/pics/1.jpg", photo)])
    with Source(table) as source:
        assert source.kind == TableKind.DELIMITED
        assert [list(row.cells) for row in source.rows()] == [["sku", "title"], ["1", "a"]]
        # The table names its photos without the folder that all was packed in.
        assert source.photo_read("pics/1.jpg", limit=1_000_000) == photo


def test_members_that_point_outside_are_named_and_the_rest_goes_on(tmp_path):
    link = zipfile.ZipInfo("link.jpg")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    path = put_zip(
        tmp_path / "p.zip",
        [
            ("../../etc/cron.d/x.jpg", b"x"),
            ("/abs.jpg", b"x"),
            ("C:\\x.jpg", b"x"),
            ("..\\y.jpg", b"x"),
            (link, "/etc/passwd"),
            ("good.jpg", photo_bytes()),
        ],
    )
    _, rows = rows_of(path)
    assert rows[1][0][0] == "good.jpg"
    outside = "Its name points outside the ZIP file."
    assert {cells[0]: reason for cells, reason in rows[2:]} == {
        "../../etc/cron.d/x.jpg": outside,
        "/abs.jpg": outside,
        "C:\\x.jpg": outside,
        "..\\y.jpg": outside,
        "link.jpg": "It is a link, not a file.",
    }
    with Source(path) as source, pytest.raises(PhotoRefused, match="points outside"):
        source.photo_read("../../etc/cron.d/x.jpg", limit=10)


def test_an_encrypted_member_is_named(tmp_path):
    path = put_zip(tmp_path / "p.zip", [("a.jpg", photo_bytes()), ("b.jpg", photo_bytes())])
    content = bytearray(path.read_bytes())
    central = content.rindex(b"PK\x01\x02")
    content[central + 8] |= 1  # the flag of encryption, of the last member
    path.write_bytes(content)
    _, rows = rows_of(path)
    assert rows[-1] == (["b.jpg"], "It is encrypted: pack it without a password.")
    assert rows[1][0][0] == "a.jpg"


def test_a_bomb_is_refused_before_it_is_unpacked(tmp_path):
    path = put_zip(tmp_path / "bomb.zip", [("a.jpg", b"\0" * 400_000_000)])
    assert path.stat().st_size < 1_000_000
    with pytest.raises(ImportRefused, match="as ZIP bombs do"):
        Source(path)


def test_a_member_that_lies_about_its_size_is_read_no_further_than_the_limit(tmp_path):
    path = put_zip(tmp_path / "p.zip", [("a.jpg", b"\0" * 3_000_000)])
    content = bytearray(path.read_bytes())
    for header, offset in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        at = content.rindex(header) + offset
        content[at : at + 4] = struct.pack("<I", 1_000)
    path.write_bytes(content)
    with Source(path) as source, pytest.raises(PhotoRefused, match="it is damaged"):
        source.photo_read("a.jpg", limit=2_000_000)


def test_too_many_members_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(archives, "MOST_MEMBERS", 10)
    path = put_zip(tmp_path / "p.zip", [(f"{number}.jpg", b"x") for number in range(11)])
    with pytest.raises(ImportRefused, match="holds 11 files; up to 10 are allowed"):
        Source(path)


def test_a_hundred_thousand_entries_are_refused_in_a_moment(tmp_path):
    path = tmp_path / "p.zip"
    with zipfile.ZipFile(path, "w") as file:
        for number in range(100_000):
            file.writestr(f"{number}.jpg", b"")
    with pytest.raises(ImportRefused, match="holds 100,000 files"):
        Source(path)


def test_a_zip_file_without_anything_to_import_says_so(tmp_path):
    path = put_zip(tmp_path / "p.zip", [("readme.md", b"x")])
    with pytest.raises(ImportRefused, match="holds no photos and no table"):
        Source(path)


def test_a_nested_zip_is_not_opened(tmp_path):
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as file:
        file.writestr("a.csv", TABLE)
    path = put_zip(tmp_path / "p.zip", [("inner.zip", inner.getvalue())])
    with pytest.raises(ImportRefused, match="holds no photos and no table"):
        Source(path)
