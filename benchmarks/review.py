"""Measures the speed of the review desk: `python -m benchmarks.review [--drafts 100000] [--json]`.

Uses PostgreSQL, gunicorn as `manage.py serve` starts it, and as many reviewed texts as drafts
(`--quick`: the same rows, fewer steps). One reviewer approves the text of a page, takes the next
one from the response, and so on, in each order of the queue in turn; the time is the response time
for a client on the same machine. Then it measures the pages over all drafts, and a step over all of
them, which a worker does. `--data FOLDER` keeps the rows for the next run.
"""

import argparse
import html
import http.cookiejar
import os
import re
import statistics
import sys
import tempfile
import time
import urllib.parse
import urllib.request
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from uuid import uuid4

from benchmarks.api_servers import ADDRESS, database, web_server
from benchmarks.report import Measure, print_measures

DRAFTS = 100_000
STEPS, QUICK = 400, 100
ORDERS = ("doubt", "newest", "category", "look")
PAGES = {
    "start page": "/admin/",
    "queue": "/admin/review/",
    "many at once": "/admin/review/many/",
    "figures of a month": "/admin/review/figures/",
}
#: Seconds of each measure of a step over all drafts.
BULK_SECONDS = 10.0
#: Every other text becomes a draft; the others were reviewed in the last month. Triggers would
#: write a change for each, though storefronts see no drafts.
_DRAFTS = """
SET session_replication_role = replica;
UPDATE catalog_productimage SET perceptual_hash = substr(md5((id / 6)::text), 1, 16);
UPDATE catalog_description AS text
SET state = 'draft', reviewed_at = NULL, confidence = (text.id * 7919 % 1000) / 1000.0,
    image_id = photo.id
FROM catalog_productimage AS photo
WHERE photo.product_id = text.product_id AND position = 0 AND text.product_id % 2 = 0;
UPDATE catalog_description SET reviewed_by_id = (SELECT min(id) FROM auth_user),
    reviewed_at = now() - (id % 30) * interval '1 day', edit_distance = greatest(id % 40 - 20, 0)
WHERE state = 'approved';
SET session_replication_role = DEFAULT;
VACUUM ANALYZE"""
_HIDDEN = ("csrfmiddlewaretoken", "idempotency_key", "seen")
_TEXTS = (
    *("standard", "alt_text", "detailed", "page_title", "bullets"),
    *("meta_title", "meta_description"),
)


class Reviewer:
    """A browser that only approves."""

    def __init__(self, name: str, password: str) -> None:
        cookies = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        self.opener = urllib.request.build_opener(cookies)
        page = self._ask("/admin/login/?next=/admin/")
        body = {**_fields(page), "username": name, "password": password}
        self._ask("/admin/login/?next=/admin/", body)

    def begin(self, order: str) -> str:
        """The first item's page."""
        self.address = f"/admin/review/next/?order={order}"
        return self._ask(self.address)

    def approve(self, page: str) -> tuple[str, float]:
        """Approve the text of a page; return the next page, and the seconds until it was there."""
        action = re.search(r'id="desk-form" action="([^"]+)"', page)
        assert action, "The answer holds no text to approve."
        body = {**_fields(page), **_words(page), "step": "approve"}
        start = time.perf_counter()
        page = self._ask(action[1].replace("&amp;", "&"), body, htmx=True)
        return page, time.perf_counter() - start

    def page_milliseconds(self, path: str) -> float:
        """The median of nine requests, after one that loads templates."""
        times = []
        for _ in range(10):
            start = time.perf_counter()
            self._ask(path)
            times.append((time.perf_counter() - start) * 1000)
        return statistics.median(times[1:])

    def _ask(self, path: str, body: dict[str, str] | None = None, *, htmx: bool = False) -> str:
        data = urllib.parse.urlencode(body).encode() if body else None
        request = urllib.request.Request(ADDRESS + path, data)
        if htmx:
            request.add_header("HX-Request", "true")
        with self.opener.open(request) as answer:
            return str(answer.read().decode())


def _fields(page: str) -> dict[str, str]:
    found = (re.search(rf'name="{name}" value="([^"]*)"', page) for name in _HIDDEN)
    return {name: hit[1] for name, hit in zip(_HIDDEN, found, strict=True) if hit}


def _words(page: str) -> dict[str, str]:
    """The three texts of the editor, so that approving changes none of them."""
    found = {name: re.search(rf'name="{name}"[^>]*>([^<]*)<', page) for name in _TEXTS}
    assert all(found.values()), "The answer holds no editor."
    return {name: html.unescape(hit[1]) for name, hit in found.items() if hit}


def fill(drafts: int) -> None:
    """Create products with two photos and one text each, half of them drafts, half reviewed."""
    from django.contrib.auth import get_user_model
    from django.db import connection

    from benchmarks.api_data import catalog_fill

    get_user_model().objects.create_superuser("reviewer", password="a long pass phrase")
    catalog_fill(2 * drafts)
    with connection.cursor() as cursor:
        for statement in _DRAFTS.split(";\n"):
            cursor.execute(statement)


def measure(steps: int) -> list[Measure]:
    """Approve `steps` texts in each order; the first few warm up the server and do not count."""
    reviewer = Reviewer("reviewer", "a long pass phrase")
    times: dict[str, list[float]] = {order: [] for order in ORDERS}
    for order in (*ORDERS, *ORDERS):
        page = reviewer.begin(order)
        for _ in range(5):
            page, _ = reviewer.approve(page)
        for _ in range(steps // 2):
            page, seconds = reviewer.approve(page)
            times[order].append(seconds * 1000)
    every = sorted(value for values in times.values() for value in values)
    return [
        Measure("approve and next, median", statistics.median(every), "ms", most=60),
        Measure("approve and next, 95th percentile", every[int(len(every) * 0.95)], "ms", most=150),
        *(
            Measure(f"median, order {order}", statistics.median(values), "ms")
            for order, values in times.items()
        ),
        *(Measure(name, reviewer.page_milliseconds(path), "ms") for name, path in PAGES.items()),
    ]


def measure_bulk() -> list[Measure]:
    """A step over all drafts, and its undo, done in this process as by a worker."""
    from django.contrib.auth.models import User
    from django.utils import timezone

    from catalog.choices import ReviewStep
    from catalog.selectors.review_queue import ReviewQueue, drafts_in
    from catalog.services.review import review_undo
    from catalog.services.review_many import review_all

    actor = User.objects.get()
    start = time.perf_counter()
    review = review_all(
        queue=ReviewQueue(),
        step=ReviewStep.APPROVE,
        actor=actor,
        idempotency_key=uuid4(),
        as_of=timezone.now(),
        total=drafts_in(ReviewQueue()).count(),
    )
    begun = (time.perf_counter() - start) * 1000
    approved = _worked(review)
    undone = _worked(review_undo(actor=actor, idempotency_key=uuid4()).bulk)
    return [
        Measure("all that match, until the worker has it", begun, "ms"),
        Measure("approved by the worker", approved, "texts/s"),
        Measure("undone by the worker", undone, "texts/s"),
    ]


def _worked(review: Any) -> float:
    """Texts per second of a bulk review, for some seconds."""
    from catalog.workers.bulk_reviews import bulk_review_run_chunk

    start = time.perf_counter()
    while time.perf_counter() - start < BULK_SECONDS and bulk_review_run_chunk():
        pass
    seconds = time.perf_counter() - start
    review.action.refresh_from_db()
    return float(review.action.count / seconds)


def _prepare(drafts: int) -> None:
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    from catalog.models import Product

    if not Product.objects.exists():
        fill(drafts)


def main() -> int:
    """Create the drafts where they are missing, measure, print."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.review", description=__doc__.splitlines()[0]
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--quick", action="store_true", help="fewer steps: faster, less exact")
    parser.add_argument("--drafts", type=int, default=DRAFTS, help="default: %(default)s")
    parser.add_argument(
        "--data", type=Path, metavar="DIR", help="keep the rows in DIR between runs"
    )
    arguments = parser.parse_args()
    with ExitStack() as stack:
        folder = arguments.data or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        folder.mkdir(parents=True, exist_ok=True)
        stack.enter_context(database(folder))
        os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
        import django

        django.setup()
        _prepare(arguments.drafts)
        with web_server():
            measures = measure(QUICK if arguments.quick else STEPS)
        measures += measure_bulk()
    context = {
        "database": "postgres",
        "drafts": arguments.drafts,
        "cores": len(os.sched_getaffinity(0)),
    }
    print_measures("review", measures, as_json=arguments.json, context=context)
    return 0 if all(one.holds for one in measures) else 1


if __name__ == "__main__":
    sys.exit(main())
