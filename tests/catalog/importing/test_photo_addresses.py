"""Photos by address: a real server that is slow, lies, fails for a while, or never ends."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from django.utils import timezone

from catalog.choices import ImportPhotoState, ImportState
from catalog.importing import photo_reading
from catalog.importing.photo_finish import photos_finish
from catalog.importing.photo_step import photos_run
from catalog.importing.running import import_run_one
from catalog.importing.services import product_import_create
from catalog.models import ImportPhoto, Product, ProductImage
from catalog.transitions.import_photo import FETCHES_A_HOST, import_photos_lease
from tests.factories import photo_bytes

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


class Shop:
    """A server of photos: `answers` maps a path to (status, body, announced length)."""

    def __init__(self) -> None:
        self.asked = []
        self.answers = {}
        self.ending = threading.Event()
        shop = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                shop.asked.append(self.path)
                if self.path == "/endless.jpg":
                    self.send_response(200)
                    self.end_headers()
                    while not shop.ending.wait(0.05):
                        try:
                            self.wfile.write(b"x")
                        except OSError:
                            return
                    return
                answers = shop.answers[self.path]
                status, body, length = answers.pop(0) if len(answers) > 1 else answers[0]
                self.send_response(status)
                self.send_header("Content-Length", str(len(body) if length is None else length))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def put(self, path, *answers):
        self.answers[path] = [(*answer, None)[:3] for answer in answers]

    def close(self):
        self.ending.set()
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def shop(settings, monkeypatch):
    settings.FETCH_LOOPBACK = True
    monkeypatch.setattr(photo_reading, "FETCH_SECONDS", 1)
    monkeypatch.setattr("catalog.wakeups._send", lambda *_, **__: True)
    found = Shop()
    yield found
    found.close()


@pytest.fixture
def imported(tmp_path):
    """An import whose products are applied, and whose photos wait."""

    def run(*rows):
        lines = "".join(f"P-{number},T,{photos}\n" for number, photos in enumerate(rows))
        (tmp_path / "table.csv").write_text(f"sku,title,photos\n{lines}")
        product_import = product_import_create(
            path=tmp_path / "table.csv", name="table.csv", apply_at_once=True, wake=False
        )
        while import_run_one(go_on=lambda: True):
            pass
        return product_import

    return run


def work():
    """What a worker does, until nothing is due; then all that waits becomes due, and so on."""
    for _ in range(12):
        photos_run(go_on=lambda: True)
        photos_finish()
        ImportPhoto.objects.filter(state=ImportPhotoState.WAITING).update(due_at=timezone.now())


def states(product_import):
    rows = product_import.photos.order_by("row__number", "number")
    return list(rows.values_list("state", "reason"))


def test_good_photos_are_stored_in_their_order_and_known_the_next_time(shop, imported):
    for number in range(3):
        shop.put(f"/{number}.jpg", (200, photo_bytes(colour=(number * 80, 0, 0))))
    photos = "|".join(f"{shop.url}/{number}.jpg" for number in range(3))
    product_import = imported(photos)
    work()
    product_import.refresh_from_db()
    assert product_import.state == ImportState.COMPLETED
    assert states(product_import) == [("stored", "")] * 3
    images = Product.objects.get().images.all()
    named = product_import.photos.order_by("number").values_list("image", flat=True)
    assert [image.pk for image in images] == list(named)
    assert imported(photos).photos.count() == 0
    assert len(shop.asked) == 3


def test_bad_addresses_are_named_and_the_rest_goes_on(shop, imported):
    shop.put("/gone.jpg", (404, b""))
    shop.put("/page.jpg", (200, b"<html>Not a photo</html>"))
    shop.put("/huge.jpg", (200, b"x", 30_000_000))
    shop.put("/good.jpg", (200, photo_bytes()))
    names = ["gone", "page", "huge", "good"]
    product_import = imported(
        *(f"{shop.url}/{name}.jpg" for name in names), "http://[broken/a.jpg", "nowhere.jpg"
    )
    work()
    product_import.refresh_from_db()
    assert product_import.state == ImportState.COMPLETED
    found = states(product_import)
    assert [state for state, _ in found] == ["faulty", "faulty", "faulty", "stored"] + [
        "faulty"
    ] * 2
    assert found[0][1] == "The address answered 404 instead of a file."
    assert "is not a JPEG, PNG or WebP picture" in found[1][1]
    assert found[2][1] == "The file is larger than 20 MB."
    assert found[5][1] == "There is no such file."
    assert Product.objects.count() == 6  # a product stays, also without its photo


def test_what_may_pass_is_tried_again_and_given_up_in_the_end(shop, imported, monkeypatch):
    monkeypatch.setattr(photo_reading, "MAX_FETCHES", 2)
    photo = photo_bytes()
    shop.put("/busy.jpg", (503, b""), (200, photo))
    shop.put("/short.jpg", (200, photo[:100], len(photo)))
    product_import = imported(f"{shop.url}/busy.jpg", f"{shop.url}/short.jpg",
                              f"{shop.url}/endless.jpg")  # fmt: skip
    work()
    assert [state for state, _ in states(product_import)] == ["stored", "faulty", "faulty"]
    assert shop.asked.count("/busy.jpg") == 2
    assert shop.asked.count("/short.jpg") == 2
    assert "within 1 seconds" in states(product_import)[2][1]


def test_a_busy_host_gives_all_its_photos_a_rest(shop, imported):
    shop.put("/a.jpg", (429, b""))
    shop.put("/b.jpg", (200, photo_bytes()))
    imported(f"{shop.url}/a.jpg", *[f"{shop.url}/b.jpg"] * 5)
    photos_run(go_on=lambda: True)
    waiting = ImportPhoto.objects.filter(state=ImportPhotoState.WAITING)
    assert waiting.count() == 5  # the one that was asked beside it came
    assert waiting.filter(due_at__lte=timezone.now()).count() == 0


def test_a_host_is_asked_for_few_photos_at_a_time(imported, shop):
    imported(*[f"{shop.url}/x.jpg"] * 6, "http://other.example/x.jpg")
    _, first = import_photos_lease(limit=16, seconds=60)
    assert len(first) == FETCHES_A_HOST + 1
    _, second = import_photos_lease(limit=16, seconds=60)
    assert second == []


def test_addresses_of_this_network_are_never_asked(shop, imported, settings):
    settings.FETCH_LOOPBACK = False
    product_import = imported(f"{shop.url}/a.jpg", "http://169.254.169.254/latest/a.jpg")
    work()
    assert [state for state, _ in states(product_import)] == ["faulty", "faulty"]
    assert "not on the public internet" in states(product_import)[0][1]
    assert shop.asked == []
    assert ProductImage.objects.count() == 0
