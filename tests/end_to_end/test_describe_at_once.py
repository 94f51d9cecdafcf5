"""`/describe/` as a client has it: web server, broker and the worker kept for it, all real."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from catalog.models import PhotoRequest
from catalog.processes import roles
from catalog.processes.claims import free_port, port_wait
from catalog.services.api_keys import api_key_create
from catalog.services.photo_requests import WAIT
from tests.factories import ModelVersionFactory, photo_bytes

pytestmark = [
    pytest.mark.faults,
    pytest.mark.postgres,
    pytest.mark.django_db(transaction=True),
]
HOST = "127.0.0.1"
DESCRIBED = {
    "recognised": True,
    "reason": "",
    "standard": "Item in #ffffff.",
    "alt_text": "Item in #ffffff.",
    "detailed": "",
    "page_title": "",
    "bullets": [],
    "meta_title": "",
    "meta_description": "",
    "confidence": 0.5,
    "model_version": "seen-1",
}


@pytest.fixture
def ask(environment, start_broker, workers, control, monkeypatch):
    """Posts a photo to a site of one web process and one worker."""
    monkeypatch.setattr(roles, "WEB_WORKERS", 1)
    ModelVersionFactory(name="seen-1")
    _, key = api_key_create(name="Shop", scopes=["generate"])
    start_broker()
    workers("interactive", DESCRIBE_CONTROL=str(control.folder))
    port = free_port(host=HOST, wanted=18_700)
    workers("web", address=(HOST, port))
    assert port_wait(host=HOST, port=port, wait=time.sleep, seconds=60)

    def post():
        return requests.post(
            f"http://{HOST}:{port}/api/v1/describe/",
            files={"photo": ("a.jpg", photo_bytes(colour=(255, 255, 255)))},
            headers={"Authorization": f"Api-Key {key}"},
            timeout=60,
        )

    return post


def check_busy(answer, words):
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["type"].endswith("/busy/")
    assert words in answer.json()["detail"]


def test_a_photo_is_described_while_the_client_waits_or_the_client_is_told_to_come_back(
    ask, control, wait_until
):
    # The worker is still starting at first, which is an answer too.
    wait_until(lambda: ask().status_code == 200, "the worker to be there")
    assert ask().json() == DESCRIBED
    assert not PhotoRequest.objects.exists()

    control.hold()
    with ThreadPoolExecutor(2) as clients:
        waiting = [clients.submit(ask) for _ in range(2)]
        wait_until(lambda: PhotoRequest.objects.count() == 2, "two to wait")
        wait_until(control.holding_pid, "the worker to have one of them")
        begun = time.monotonic()
        third = ask()
        assert time.monotonic() - begun < WAIT
        check_busy(third, "Others are waiting already.")
        for client in waiting:
            check_busy(client.result(), "within 5 seconds")
    assert not PhotoRequest.objects.exists()

    control.let_go()
    # What the worker had in its hands is nobody's any more: it is dropped, and the next is served.
    wait_until(lambda: ask().status_code == 200, "the worker to be free")
    assert ask().json() == DESCRIBED
    assert not PhotoRequest.objects.exists()
