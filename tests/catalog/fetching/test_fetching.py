"""What is fetched, what never is, and that no server can hold us for longer than we said."""

import socket
import time

import pytest

from catalog.exceptions import FetchRefused
from catalog.fetching import fetch, send
from tests.catalog.fetching.test_session import FORBIDDEN

NOT_PUBLIC = "The address is not on the public internet, or leads to one that is not."


def ok(body: bytes, *headers: bytes) -> bytes:
    lines = [b"HTTP/1.1 200 OK", b"Content-Type: image/png", *headers]
    return b"\r\n".join([*lines, b"Content-Length: %d" % len(body), b"", body])


def redirect(target: str) -> bytes:
    lines = ["HTTP/1.1 302 Found", f"Location: {target}", "Connection: close", "Content-Length: 0"]
    return "\r\n".join([*lines, "", ""]).encode()


def refusal(url, **limits):
    with pytest.raises(FetchRefused) as refused:
        fetch(url, **{"largest": 1000, "seconds": 5, **limits})
    return str(refused.value)


@pytest.mark.parametrize("address", FORBIDDEN)
def test_no_forbidden_address_is_connected_to(address):
    host = f"[{address}]" if ":" in address else address
    assert refusal(f"http://{host}/") == NOT_PUBLIC


@pytest.mark.parametrize(
    "host",
    ["127.1", "2130706433", "0x7f000001", "0177.0.0.1", "localhost", "127.0.0.1.", "①②⑦.⓪.⓪.①"],
)
def test_no_other_way_to_write_one(host, serve):
    server = serve(ok(b"secret"))
    assert "secret" not in refusal(f"http://{host}:{server.port}/")
    assert server.requests == []


def test_the_address_that_was_judged_is_the_one_connected_to(monkeypatch):
    """A name that answers public first and private from then on."""
    answers = ["93.184.216.34"]
    connected = []

    def resolve(host, port, *args, **kwargs):
        address = host if host[0].isdigit() else answers.pop(0) if answers else "127.0.0.1"
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

    def connect(self, address):
        connected.append(address)
        raise OSError("no network")

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    monkeypatch.setattr(socket.socket, "connect", connect)
    refusal("http://rebinding.example/")
    assert connected == [("93.184.216.34", 80)]
    assert refusal("http://rebinding.example/") == NOT_PUBLIC
    assert len(connected) == 1


def test_a_file(serve, loopback):
    server = serve(ok(b"picture"))
    fetched = fetch(f"{server.url}/a?b=c", largest=7, seconds=5)
    assert (fetched.content, fetched.content_type) == (b"picture", "image/png")
    assert server.requests[0].startswith(b"GET /a?b=c HTTP/1.1\r\n")
    assert b"Accept-Encoding: identity" in server.requests[0]


def test_a_redirect_is_followed(serve, loopback):
    target = serve(ok(b"picture"))
    first = serve(redirect(f"{target.url}/there"))
    fetched = fetch(first.url, largest=100, seconds=5)
    assert (fetched.content, fetched.url) == (b"picture", f"{target.url}/there")


@pytest.mark.parametrize(
    "target", ["http://169.254.169.254/latest/meta-data/", "http://10.0.0.1/", "http://[fd00::1]/"]
)
def test_a_redirect_to_a_forbidden_address_is_not(serve, loopback, target):
    assert refusal(serve(redirect(target)).url) == NOT_PUBLIC


@pytest.mark.parametrize("target", ["file:///etc/passwd", "ftp://example.com/", "gopher://x/"])
def test_nor_one_to_another_scheme(serve, loopback, target):
    assert "neither http nor https" in refusal(serve(redirect(target)).url)


def test_nor_one_in_a_circle(serve, loopback):
    assert "too often" in refusal(serve(redirect("/again")).url)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "photo.jpg",
        "ftp://example.com/a",
        "file:///etc/passwd",
        "//example.com",
        "http://",
        "http://[::1",
        "http://example.com:99999/",
        "http://example.com:0/",
        "data:,x",
        "http://example.com/" + "x" * 2000,
        "javascript:alert(1)",
    ],
)
def test_what_is_no_web_address(url):
    assert refusal(url) == "Give an http or https address of at most 2,000 characters."


def test_no_password_in_an_address():
    assert "without a name and password" in refusal("http://user:secret@example.com/")


def test_an_announced_size_is_believed(serve, loopback):
    server = serve(b"HTTP/1.1 200 OK\r\nContent-Length: 1001\r\n\r\n")
    assert refusal(server.url) == "The file is larger than 0 MB."


def test_an_unannounced_size_is_counted(serve, loopback):
    server = serve(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + b"x" * 1001)
    assert refusal(server.url) == "The file is larger than 0 MB."


def test_a_compressed_answer_is_not_unpacked(serve, loopback):
    assert "compressed" in refusal(serve(ok(b"x", b"Content-Encoding: gzip")).url)


@pytest.mark.parametrize("status", [b"404 Not Found", b"500 Oops", b"204 No Content"])
def test_only_200_is_a_file(serve, loopback, status):
    server = serve(b"HTTP/1.1 " + status + b"\r\nContent-Length: 0\r\n\r\n")
    assert refusal(server.url) == f"The address answered {status[:3].decode()} instead of a file."


@pytest.mark.parametrize("beginning", [b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200 OK\r\n\r\n", b""])
def test_a_server_that_drips_is_cut_off(serve, loopback, beginning):
    """One byte at a time, in the headers or the body: each keeps a socket's own time-out away."""

    def drip(client):
        client.sendall(beginning)
        while True:
            client.sendall(b"x")
            time.sleep(0.02)

    begun = time.monotonic()
    assert "within 0.5 seconds" in refusal(serve(drip).url, seconds=0.5, largest=10**9)
    assert time.monotonic() - begun < 5


def test_nothing_of_our_environment_goes_along(serve, loopback, monkeypatch, tmp_path):
    """Neither a proxy nor a password from a `.netrc`."""
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login me password secret\n")
    monkeypatch.setenv("NETRC", str(netrc))
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    server = serve(ok(b"x"))
    fetch(server.url, largest=10, seconds=5)
    assert b"Authorization" not in server.requests[0]


def test_a_message(serve, loopback):
    server = serve(b"HTTP/1.1 410 Gone\r\nContent-Length: 4\r\n\r\nb\0ye")
    answer = send(f"{server.url}/hook", body=b"{}", headers={"X-A": "b"}, seconds=5)
    assert (answer.status, answer.excerpt) == (410, "bye")
    assert server.requests[0].startswith(b"POST /hook HTTP/1.1\r\n")
    assert server.requests[0].endswith(b"\r\n\r\n{}")


def test_a_message_follows_no_redirect(serve, loopback):
    target = serve(ok(b""))
    answer = send(serve(redirect(target.url)).url, body=b"", headers={}, seconds=5)
    assert (answer.status, target.requests) == (302, [])
