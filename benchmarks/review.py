"""How quick approve-and-next is at the desk: `python -m benchmarks.review [--json] [--quick]`.

PostgreSQL, gunicorn as `manage.py serve` starts it, 100,000 drafts (`--quick`: the same drafts,
fewer steps). One reviewer approves what the server gives, takes the next text out of the answer,
and so on, in each order of the queue by turns; the time is the server's answer as a client on the
same machine sees it.
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
from pathlib import Path

from benchmarks.api_servers import ADDRESS, database, web_server
from benchmarks.report import Measure, print_measures

DRAFTS = 100_000
STEPS, QUICK = 400, 100
ORDERS = ("doubt", "newest", "category", "look")
#: Triggers would note 300,000 changes for storefronts, which see no draft.
_DRAFTS = """
SET session_replication_role = replica;
UPDATE catalog_productimage SET look = substr(md5((id / 6)::text), 1, 16);
UPDATE catalog_description AS text
SET state = 'draft', reviewed_at = NULL, confidence = (text.id * 7919 % 1000) / 1000.0,
    image_id = photo.id
FROM catalog_productimage AS photo WHERE photo.product_id = text.product_id AND position = 0;
SET session_replication_role = DEFAULT;
VACUUM ANALYZE"""
_HIDDEN = ("csrfmiddlewaretoken", "press", "seen")
_TEXTS = ("standard", "detailed")


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
        """Approve the text of a page; the next one's, and the seconds until it was here."""
        action = re.search(r'id="desk-form" action="([^"]+)"', page)
        assert action, "The answer holds no text to approve."
        body = {**_fields(page), **_words(page), "step": "approve"}
        start = time.perf_counter()
        page = self._ask(action[1].replace("&amp;", "&"), body, htmx=True)
        return page, time.perf_counter() - start

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
    """The three texts as they stand in the editor, so that approving changes none of them."""
    found = {name: re.search(rf'name="{name}"[^>]*>([^<]*)<', page) for name in _TEXTS}
    found["alt_text"] = re.search(r'name="alt_text"[^>]* value="([^"]*)"', page)
    assert all(found.values()), "The answer holds no editor."
    return {name: html.unescape(hit[1]) for name, hit in found.items() if hit}


def fill() -> None:
    """100,000 products with two photos, each with a draft beside nothing else."""
    from django.contrib.auth import get_user_model
    from django.core.management import call_command
    from django.db import connection

    from benchmarks.api_data import catalog_fill

    call_command("migrate", verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    get_user_model().objects.create_superuser("reviewer", password="a long pass phrase")
    catalog_fill(DRAFTS)
    with connection.cursor() as cursor:
        for statement in _DRAFTS.split(";\n"):
            cursor.execute(statement)


def measure(steps: int) -> list[Measure]:
    """Approve `steps` texts in each order; the first few warm the server up and do not count."""
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
    ]


def main() -> int:
    """Make the drafts in a scratch folder, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", action="store_true", help="one JSON object")
    parser.add_argument("--quick", action="store_true", help="fewer steps: shorter, less exact")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, database(Path(folder)):
        os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
        import django

        django.setup()
        fill()
        with web_server():
            measures = measure(QUICK if arguments.quick else STEPS)
    context = {"database": "postgres", "drafts": DRAFTS, "cores": len(os.sched_getaffinity(0))}
    print_measures("review", measures, as_json=arguments.json, context=context)
    return 0 if all(one.holds for one in measures) else 1


if __name__ == "__main__":
    sys.exit(main())
