import json

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
