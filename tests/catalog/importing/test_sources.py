"""Sources that come by themselves: what is asked, what is taken in, and when they stop."""

import os
from base64 import b64encode
from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone

from catalog.choices import ImportSourceState, ImportState
from catalog.exceptions import FetchRefused, ImportRefused
from catalog.importing.photo_finish import photos_finish
from catalog.importing.running import import_run_one
from catalog.importing.source_services import (
    import_source_check,
    import_source_save,
    import_source_start,
)
from catalog.importing.sources import source_run_one, sources_settle
from catalog.models import ImportSource, Product, ProductImport
from catalog.transitions.import_source import import_source_stop
from catalog.workers.importing import imports_sweep

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]

CAP = b"sku,title\nA,Cap\n"


@pytest.fixture(autouse=True)
def here(settings, tmp_path):
    settings.FETCH_LOOPBACK = True
    settings.IMPORT_DIRECTORY = tmp_path / "imports"
    settings.IMPORT_DIRECTORY.mkdir()


def ok(body, *headers):
    lines = [b"HTTP/1.1 200 OK", *headers, b"Content-Length: %d" % len(body), b"", body]
    return b"\r\n".join(lines)


def answers(serve, *contents):
    """A server that gives these answers one after another, the last one for ever."""
    left = list(contents)

    def answer(client):
        client.sendall(left.pop(0) if len(left) > 1 else left[0])

    return serve(answer)


def source_at(url="", *, password="", **values):
    values.setdefault("report_to", "shop@example.com")
    return import_source_save(
        source=ImportSource(name="Shop", url=url, **values), password=password
    )


def work(source):
    """Do all that workers and sweeps do until the source waits for its next look."""
    while source_run_one() or import_run_one(go_on=lambda: True):
        photos_finish()
        sources_settle()
    sources_settle()
    source.refresh_from_db()
    return source


def look_again(source):
    """Let the interval pass."""
    ImportSource.objects.filter(pk=source.pk).update(due_at=timezone.now())
    return work(source)


def titles():
    return dict(Product.objects.order_by("sku").values_list("sku", "title"))


def test_a_feed_is_taken_in_and_asked_for_again_with_its_validators(serve):
    dated = b"Last-Modified: Tue, 01 Dec 2026 00:00:00 GMT"
    not_modified = b"HTTP/1.1 304 Not Modified\r\n\r\n"
    server = answers(serve, ok(CAP, b'ETag: "v1"', dated), not_modified)
    source = work(source_at(f"{server.url}/feed.csv"))
    assert titles() == {"A": "Cap"}
    first = ProductImport.objects.get()
    assert (first.name, first.state, first.uploaded) == ("feed.csv", "completed", True)
    assert (
        source.message == f"Import {first.pk} (feed.csv): 1 new, 0 changed, 0 unchanged, 0 faulty."
    )
    assert b"If-None-Match" not in server.requests[0]
    source = look_again(source)
    assert b'If-None-Match: "v1"\r\n' in server.requests[1]
    assert b"If-Modified-Since: Tue, 01 Dec 2026 00:00:00 GMT\r\n" in server.requests[1]
    assert ProductImport.objects.count() == 1
    assert source.message == "The file has not changed since its last import."
    assert [(one.subject, one.to) for one in mail.outbox] == [("MODA: Shop", ["shop@example.com"])]


def test_the_same_bytes_are_not_imported_twice_by_a_server_without_validators(serve):
    server = answers(serve, ok(CAP), ok(CAP), ok(b"sku,title\nA,Hat\n"))
    source = work(source_at(f"{server.url}/feed.csv"))
    look_again(source)
    assert ProductImport.objects.count() == 1
    look_again(source)
    assert (ProductImport.objects.count(), titles()) == (2, {"A": "Hat"})


def test_the_next_look_is_due_after_the_interval(serve):
    source = work(source_at(f"{answers(serve, ok(CAP)).url}/f.csv", every_minutes=60))
    assert source.due_at - source.looked_at == timedelta(minutes=60)
    assert source_run_one() is False


def test_a_password_is_sent_and_stands_in_no_column(serve):
    server = answers(serve, ok(CAP))
    source = work(source_at(f"{server.url}/f.csv", user="anna", password="höchst geheim"))
    pair = b64encode("anna:höchst geheim".encode())
    assert b"Authorization: Basic " + pair + b"\r\n" in server.requests[0]
    stored = " ".join(str(value) for value in ImportSource.objects.values_list().get())
    assert "geheim" not in stored
    assert pair.decode() not in stored
    # The former password is for nobody at another place.
    other = answers(serve, ok(CAP))
    source.url = f"{other.url}/f.csv"
    work(import_source_save(source=source, place_changed=True))
    assert pair not in other.requests[0]


def test_a_redirect_to_another_server_loses_the_password(serve):
    other = answers(serve, ok(CAP))
    lines = b"HTTP/1.1 302 Found\r\nLocation: %s/f.csv\r\nContent-Length: 0\r\n\r\n"
    server = answers(serve, lines % other.url.encode())
    work(source_at(f"{server.url}/f.csv", user="anna", password="secret"))
    assert b"Authorization" in server.requests[0]
    assert b"Authorization" not in other.requests[0]
    assert titles() == {"A": "Cap"}


def test_a_changed_secret_key_asks_for_the_password_again(serve, settings):
    source = source_at(f"{answers(serve, ok(CAP)).url}/f.csv", user="a", password="secret")
    settings.SECRET_KEY = "another"
    assert work(source).message == "The password cannot be read any more: enter it again."


LOG_IN = b"\xef\xbb\xbf\n<!DOCTYPE html><html><form>Log in</form></html>"


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (
            ok(LOG_IN),
            "The address answered with a web page instead of a file, often a page to log in: "
            "check the address, the user and the password.",
        ),
        (
            b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n",
            "The address answered 401: its user or password is missing or wrong.",
        ),
        (
            b"HTTP/1.1 200 OK\r\nContent-Length: 5000000000\r\n\r\nsku,title\n",
            "The file is larger than 4000 MB.",
        ),
        (
            b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\nsku,title\nA,Cap\n",
            "The address could not be reached, or broke off its answer.",
        ),
        (ok(b'{"a": 1}'), None),
    ],
    ids=["log-in page", "401", "5 GB", "broken off", "no table"],
)
def test_what_is_no_feed_is_refused_with_a_reason(serve, settings, answer, message):
    source = work(source_at(f"{answers(serve, answer).url}/f.csv"))
    assert source.failures == 1
    assert titles() == {}
    assert [one.body for one in mail.outbox] == [source.message]
    assert source.message == message if message else source.message != ""
    assert list((settings.IMPORT_DIRECTORY / ".uploads").iterdir()) == []


def test_an_endless_feed_ends_at_the_largest_size(serve, settings, monkeypatch):
    monkeypatch.setattr("catalog.importing.sources.LARGEST_UPLOAD", 1_000_000)

    def pour(client):
        client.sendall(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nsku,title\n")
        while True:
            client.sendall(b"A,Cap\n" * 10_000)

    source = work(source_at(f"{serve(pour).url}/f.csv"))
    assert source.message == "The file is larger than 1 MB."
    assert list((settings.IMPORT_DIRECTORY / ".uploads").iterdir()) == []


def test_the_fifth_failure_in_a_row_stops_a_source_until_somebody_starts_it(serve):
    broken = b"HTTP/1.1 500 Oh\r\nContent-Length: 0\r\n\r\n"
    server = answers(serve, *[broken] * 5, ok(CAP))
    source = work(source_at(f"{server.url}/f.csv"))
    for _ in range(6):
        source = look_again(source)
    assert (source.state, source.failures) == (ImportSourceState.STOPPED, 5)
    assert (len(server.requests), len(mail.outbox)) == (5, 5)
    assert mail.outbox[4].body == (
        "The address answered 500 instead of a file. This was the last try: "
        "the source is stopped until somebody starts it again."
    )
    import_source_start(source=source)
    source = work(source)
    assert (source.state, source.failures, titles()) == ("active", 0, {"A": "Cap"})


def test_a_failure_that_passes_is_forgotten(serve):
    broken = b"HTTP/1.1 503 Oh\r\nContent-Length: 0\r\n\r\n"
    source = work(source_at(f"{answers(serve, broken, ok(CAP)).url}/f.csv"))
    assert source.failures == 1
    assert look_again(source).failures == 0


def test_the_sweep_wakes_a_worker_for_a_source_that_is_due(serve, monkeypatch):
    monkeypatch.setattr("catalog.wakeups._send", lambda task, *, count=1: True)
    assert imports_sweep() is False
    source = source_at(f"{answers(serve, ok(CAP)).url}/f.csv")
    assert imports_sweep() is True
    work(source)
    assert imports_sweep() is False


def test_a_stopped_source_is_not_looked_at(serve):
    server = answers(serve, ok(CAP))
    source = source_at(f"{server.url}/f.csv")
    import_source_stop(source=source)
    work(source)
    assert server.requests == []


def test_a_dry_run_waits_where_the_source_may_not_apply_and_so_does_the_next_look(serve):
    server = answers(serve, ok(CAP))
    source = work(source_at(f"{server.url}/f.csv", apply=False))
    assert (source.last_import.state, titles()) == (ImportState.CHECKED, {})
    assert source.message.startswith("The dry run waits to be applied. Import ")
    look_again(source)
    assert len(server.requests) == 1


def test_a_feed_that_renames_all_skus_waits_for_a_person(serve):
    def feed(letter):
        return ok(b"sku,title\n" + b"".join(b"%s%d,Cap\n" % (letter, n) for n in range(12)))

    server = answers(serve, feed(b"A"), feed(b"B"))
    source = work(source_at(f"{server.url}/f.csv"))
    assert len(titles()) == 12
    source = look_again(source)
    assert (len(titles()), source.last_import.state) == (12, ImportState.CHECKED)
    assert source.message == (
        "More than half of the products are new or faulty, as where a shop has renamed its SKUs. "
        "Nothing was applied: look at the dry run, and apply or cancel it."
    )


def test_columns_that_nobody_has_mapped_are_asked_for(serve):
    server = answers(serve, ok(b"Nr,Was,Wer\n1,Cap,Acme\n"))
    source = work(source_at(f"{server.url}/f.csv"))
    assert source.last_import.state == ImportState.MAPPING
    assert mail.outbox[0].body == (
        "Its columns are not known: say what they hold, and the next file is read in the same way."
    )


def test_a_file_in_the_import_folder_is_taken_once_it_is_whole(settings):
    path = settings.IMPORT_DIRECTORY / "daily.csv"
    path.write_bytes(CAP)
    source = work(source_at(path="daily.csv"))
    assert source.message == "The file is still being written; the next look takes it."
    os.utime(path, (1_700_000_000, 1_700_000_000))
    source = look_again(source)
    assert titles() == {"A": "Cap"}
    assert path.exists()
    assert look_again(source).message == "The file has not changed since its last import."
    path.unlink()
    assert "There is no 'daily.csv'" in look_again(source).message


@pytest.mark.parametrize(
    "url",
    ["http://10.0.0.1/f.csv", "http://169.254.169.254/latest", "ftp://shop.example/f.csv",
     "https://anna:secret@shop.example/f.csv"],
)  # fmt: skip
def test_no_private_or_odd_address_is_a_source(url):
    with pytest.raises(FetchRefused):
        import_source_check(ImportSource(name="x", url=url), password="")


def test_a_password_needs_https(settings):
    settings.FETCH_LOOPBACK = False
    source = ImportSource(name="x", url="http://shop.example/f.csv", user="anna")
    with pytest.raises(ImportRefused, match="Give an https address"):
        import_source_check(source, password="secret")
