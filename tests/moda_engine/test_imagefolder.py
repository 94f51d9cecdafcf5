import json
import sys
import types

import pytest

from moda_engine.exceptions import DatasetError
from moda_engine.imagefolder import read_imagefolder_records, write_metadata


def test_records_in_order(imagefolder):
    records, refused = read_imagefolder_records(imagefolder)
    assert refused == []
    assert [record.line for record in records] == [1, 2, 3, 4]
    assert [record.text for record in records] == [f"Red skirt {n}." for n in range(4)]
    assert records[2].path == (imagefolder / "images" / "2.png").resolve()
    assert records[2].fields["colour"] == "Red"


def test_what_is_written_is_read_back_and_replaces_what_was_there(imagefolder):
    fields = [
        {"file_name": "images/1.png", "text": "Jupe «rouge»\u2028"},
        {"file_name": "images/0.png"},
    ]
    assert write_metadata(imagefolder, iter(fields)) == imagefolder / "metadata.jsonl"
    records, refused = read_imagefolder_records(imagefolder)
    assert ([record.fields for record in records], refused) == (fields, [])
    assert [path.name for path in imagefolder.iterdir()].count("metadata.jsonl") == 1
    assert not list(imagefolder.glob(".metadata*"))


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"{", "no JSON (Expecting property name"),
        (b"[" * 100_000, "no JSON"),
        (b"\xff\xfe", "not UTF-8."),
        (b"[]", "no file_name."),
        (b"null", "no file_name."),
        (b'{"text": "Red."}', "no file_name."),
        (b'{"file_name": "images/0.png", "text": "\\uD83d"}', "half a surrogate pair"),
        (b'{"file_name": 7}', "no file_name."),
        (b'{"file_name": ""}', " does not exist."),
        (b'{"file_name": "images"}', "images does not exist."),
        (b'{"file_name": "images/9.png"}', "images/9.png does not exist."),
        (b'{"file_name": "../secret.png"}', "../secret.png lies outside the folder."),
        (b'{"file_name": "/etc/passwd"}', "/etc/passwd lies outside the folder."),
        (b'{"file_name": "a\\u0000b.png"}', "is no file name (embedded null"),
        (b'{"file_name": "' + b"n" * 5_000 + b'"}', "is no file name"),
    ],
)
def test_a_line_that_is_no_record_is_named(imagefolder, line, reason):
    metadata = imagefolder / "metadata.jsonl"
    metadata.write_bytes(b"\n" + line + b"\n" + metadata.read_bytes())
    records, refused = read_imagefolder_records(imagefolder)
    assert [record.line for record in records] == [3, 4, 5, 6]
    assert [refusal.line for refusal in refused] == [2]
    assert str(refused[0]).startswith(f"{metadata}, line 2: ")
    assert reason in str(refused[0])


def test_a_link_out_of_the_folder_is_outside(imagefolder, tmp_path):
    (tmp_path / "secret.png").write_bytes((imagefolder / "images" / "0.png").read_bytes())
    (imagefolder / "link.png").symlink_to(tmp_path / "secret.png")
    (imagefolder / "metadata.jsonl").write_text('{"file_name": "link.png"}')
    records, refused = read_imagefolder_records(imagefolder)
    assert records == []
    assert [refusal.reason for refusal in refused] == ["link.png lies outside the folder."]


@pytest.mark.parametrize("text", ["", "  ", None, 7, ["Red."]])
def test_no_text_is_none(imagefolder, text):
    line = json.dumps({"file_name": "images/0.png", "text": text})
    (imagefolder / "metadata.jsonl").write_text(line)
    (record,), _ = read_imagefolder_records(imagefolder)
    assert record.text is None


def test_a_whole_surrogate_pair_is_a_character(imagefolder):
    line = r'{"file_name": "images/0.png", "text": "Red \ud83d\ude00"}'
    (imagefolder / "metadata.jsonl").write_text(line)
    (record,), refused = read_imagefolder_records(imagefolder)
    assert record.text == "Red 😀"
    assert refused == []


def test_a_line_ends_only_where_json_lines_do(imagefolder):
    line = json.dumps({"file_name": "images/0.png", "text": "Red\u2028skirt. "}, ensure_ascii=False)
    (imagefolder / "metadata.jsonl").write_bytes(b"\xef\xbb\xbf" + line.encode() + b"\r\n")
    (record,), refused = read_imagefolder_records(imagefolder)
    assert record.text == "Red\u2028skirt."
    assert refused == []


def test_a_folder_without_metadata(tmp_path):
    with pytest.raises(DatasetError, match=r"metadata.jsonl is missing: give a folder"):
        read_imagefolder_records(tmp_path)


def test_metadata_that_cannot_be_read(imagefolder):
    """A file that answers every read with an error, for root too."""
    (imagefolder / "metadata.jsonl").unlink()
    (imagefolder / "metadata.jsonl").symlink_to("/proc/self/mem")
    with pytest.raises(DatasetError, match=r"metadata.jsonl cannot be read: Input/output error"):
        read_imagefolder_records(imagefolder)


@pytest.fixture
def bare(imagefolder):
    """The photos without their metadata, in two sub-folders; and the metadata's fields."""
    (imagefolder / "metadata.jsonl").unlink()
    (imagefolder / "more").mkdir()
    (imagefolder / "images" / "3.png").rename(imagefolder / "more" / "3.png")
    return imagefolder


def texts_of(folder):
    records, refused = read_imagefolder_records(folder)
    assert refused == []
    return {record.path.name: record.text for record in records}


def test_a_table_of_metadata(bare):
    rows = [
        "\ufefffile_name,text,colour",
        'images/0.png,"Red, checked skirt.",Red',
        "images/1.png,Skirt.,",
    ]
    (bare / "metadata.csv").write_text("\n".join(rows), encoding="utf-8")
    records, refused = read_imagefolder_records(bare)
    assert refused == []
    assert [record.line for record in records] == [2, 3]
    assert [dict(record.fields) for record in records] == [
        {"file_name": "images/0.png", "text": "Red, checked skirt.", "colour": "Red"},
        {"file_name": "images/1.png", "text": "Skirt."},
    ]


def test_rows_of_a_table_are_refused_one_by_one(bare):
    (bare / "metadata.csv").write_text(
        "file_name,text\n,Skirt.\n../x.png,Hat.\nimages/0.png,Red.\n"
    )
    records, refused = read_imagefolder_records(bare)
    assert [record.text for record in records] == ["Red."]
    assert [str(one) for one in refused] == [
        f"{bare / 'metadata.csv'}, line 2: no file_name.",
        f"{bare / 'metadata.csv'}, line 3: ../x.png lies outside the folder.",
    ]


def test_a_table_that_is_no_text_is_a_sentence(bare):
    (bare / "metadata.csv").write_bytes(b"file_name,text\nimages/0.png,\xff\n")
    with pytest.raises(DatasetError, match=r"metadata.csv cannot be read: .* Save it as UTF-8"):
        read_imagefolder_records(bare)


def test_texts_beside_their_photos(bare):
    (bare / "images" / "0.txt").write_text("Red skirt.\n")
    (bare / "more" / "3.txt").write_text("Blue skirt.\n")
    (bare / "notes.txt").write_text("of no photo")
    assert texts_of(bare) == {"0.png": "Red skirt.", "3.png": "Blue skirt."}


def test_metadata_of_sub_folders(bare):
    for name, photo in (("images", "0.png"), ("more", "3.png")):
        write_metadata(bare / name, [{"file_name": photo, "text": f"Skirt of {name}."}])
    assert texts_of(bare) == {"0.png": "Skirt of images.", "3.png": "Skirt of more."}


def test_the_folders_own_metadata_come_first(bare):
    write_metadata(bare, [{"file_name": "images/0.png", "text": "Of the folder."}])
    write_metadata(bare / "more", [{"file_name": "3.png", "text": "Of a sub-folder."}])
    (bare / "images" / "1.txt").write_text("Beside.")
    assert texts_of(bare) == {"0.png": "Of the folder."}


def test_parquet_without_its_reader_says_what_to_do(bare, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)
    (bare / "metadata.parquet").write_bytes(b"PAR1")
    with pytest.raises(DatasetError, match=r"needs pyarrow \(`pip install pyarrow`\), or save it"):
        read_imagefolder_records(bare)


def test_parquet_is_read_where_its_reader_is(bare, monkeypatch):
    """By a stand-in for pyarrow, which is no part of what the tests install."""

    class Table:
        def to_pylist(self):
            return [{"file_name": "images/0.png", "text": "Red skirt.", "colour": None}]

    stand_in = types.ModuleType("pyarrow.parquet")
    stand_in.read_table = lambda path: Table()
    monkeypatch.setitem(sys.modules, "pyarrow", types.ModuleType("pyarrow"))
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", stand_in)
    (bare / "metadata.parquet").write_bytes(b"PAR1")
    assert texts_of(bare) == {"0.png": "Red skirt."}
